"""The JSON objects that the channels dialect and the REST API share.

Every two-word key stands in both casings with the same value: the document shows camelCase, its
web client reads snake_case (channels-10, channels-rest 9.1).
"""

import re
from collections.abc import Sequence
from typing import Any

from trichat.core.model import Message, Reaction, Room, User
from trichat.dialects.codec import millis

_BOLD = re.compile(r"\*\*[^*]+\*\*")
_ITALIC = re.compile(r"\*[^*]+\*")
_CODE = re.compile(r"`[^`]+`")
_CODE_BLOCK = re.compile(r"```[^`]+```")
_LINK = re.compile(r"https?://\S+")
_MENTION = re.compile(r"@\w+")
_EMOJI = re.compile(r":\w+:")


def user_object(user: User) -> dict[str, Any]:
    """channels-rest 2.1"""
    created, updated = millis(user.created_at), millis(user.updated_at)
    banned = None if user.banned_until is None else millis(user.banned_until)
    return {
        "id": user.uuid,
        "email": user.email,
        "username": user.username,
        "avatar": user.avatar,
        "status": user.status.value,
        "banned_until": banned,
        "bannedUntil": banned,
        "created_at": created,
        "createdAt": created,
        "updated_at": updated,
        "updatedAt": updated,
    }


def channel_object(room: Room) -> dict[str, Any]:
    """channels-rest 2.2"""
    created, updated = millis(room.created_at), millis(room.updated_at)
    return {
        "id": room.uuid,
        "name": room.title,
        "description": room.description,
        "is_private": room.kind.value == "private",
        "created_at": created,
        "createdAt": created,
        "updated_at": updated,
        "updatedAt": updated,
    }


def channel_with_members(room: Room, members: Sequence[User]) -> dict[str, Any]:
    """channels-rest 2.2"""
    return {
        **channel_object(room),
        "members": [user_object(user) for user in members],
        "member_count": len(members),
    }


def reaction_object(reaction: Reaction, message: Message) -> dict[str, Any]:
    """channels-rest 2.4"""
    created = millis(reaction.created_at)
    return {
        "id": reaction.uuid,
        "emoji": reaction.emoji,
        "user_id": reaction.user.uuid,
        "userId": reaction.user.uuid,
        "message_id": message.uuid,
        "messageId": message.uuid,
        "created_at": created,
        "createdAt": created,
        "user": user_object(reaction.user),
    }


def message_object(message: Message) -> dict[str, Any]:
    """channels-rest 2.3: the same full object in answers and frames."""
    created, updated = millis(message.created_at), millis(message.updated_at)
    return {
        "id": message.uuid,
        "content": message.text,
        "channel_id": message.room.uuid,
        "channelId": message.room.uuid,
        "user_id": message.author.uuid,
        "userId": message.author.uuid,
        "created_at": created,
        "createdAt": created,
        "updated_at": updated,
        "updatedAt": updated,
        "is_edited": message.edited,
        "isEdited": message.edited,
        "is_system": message.system,
        "formatting": formatting(message.text),
        "user": user_object(message.author),
        "mentions": [user.username for user in message.mentions],
        "mention_count": len(message.mentions),
        "reactions": [reaction_object(reaction, message) for reaction in message.reactions],
    }


def formatting(text: str) -> dict[str, Any]:
    """channels-rest 2.5: what of markdown stands in the text; advice, never a rule (all-9)."""
    links = len(_LINK.findall(text))
    mentions = len(_MENTION.findall(text))
    emojis = len(_EMOJI.findall(text))
    block = _CODE_BLOCK.search(text) is not None
    return {
        "has_bold": _BOLD.search(text) is not None,
        "has_italic": _ITALIC.search(text) is not None,
        "has_code": block or _CODE.search(text) is not None,
        "has_code_block": block,
        "has_links": links > 0,
        "has_mentions": mentions > 0,
        "has_emojis": emojis > 0,
        "link_count": links,
        "mention_count": mentions,
        "emoji_count": emojis,
    }
