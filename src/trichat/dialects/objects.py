"""The JSON objects that the channels dialect and the REST API share.

Every two-word key stands in both casings with the same value: the document shows camelCase, its
web client reads snake_case (channels-10, channels-rest 9.1).
"""

import re
from collections.abc import Sequence
from typing import Annotated, TypedDict

import msgspec

from trichat.core.model import Message, Reaction, Room, Status, User
from trichat.dialects.codec import Moment, Uuid, millis

_BOLD = re.compile(r"\*\*[^*]+\*\*")
_ITALIC = re.compile(r"\*[^*]+\*")
_CODE = re.compile(r"`[^`]+`")
_CODE_BLOCK = re.compile(r"```[^`]+```")
_LINK = re.compile(r"https?://\S+")
_MENTION = re.compile(r"@\w+")
_EMOJI = re.compile(r":\w+:")
_ANY = re.compile(r"[*`:@]")  # one of them is in each of the others

UserStatus = Annotated[
    str, msgspec.Meta(extra_json_schema={"enum": [each.value for each in Status]})
]


class UserObject(TypedDict):
    """An account. `email` is the user name if they have no address, and for other users if the
    server hides addresses.
    """

    id: Uuid
    email: str | None
    username: str
    avatar: str | None
    status: UserStatus
    banned_until: Moment | None
    bannedUntil: Moment | None
    created_at: Moment
    createdAt: Moment
    updated_at: Moment
    updatedAt: Moment


class OwnUserObject(UserObject):
    """The caller's account. `number` is the integer id that conversations and the lobby show."""

    number: int


class ChannelObject(TypedDict):
    """A public or private room."""

    id: Uuid
    name: str
    description: str | None
    is_private: bool
    created_at: Moment
    createdAt: Moment
    updated_at: Moment
    updatedAt: Moment


class ChannelWithMembers(ChannelObject):
    """A channel with some of its members, for its members."""

    members: list[UserObject]
    member_count: int


class ReactionObject(TypedDict):
    """One emoji of one user on one message."""

    id: Uuid
    emoji: str
    user_id: Uuid
    userId: Uuid
    message_id: Uuid
    messageId: Uuid
    created_at: Moment
    createdAt: Moment
    user: UserObject


class Formatting(TypedDict):
    """The Markdown that is in a text."""

    has_bold: bool
    has_italic: bool
    has_code: bool
    has_code_block: bool
    has_links: bool
    has_mentions: bool
    has_emojis: bool
    link_count: int
    mention_count: int
    emoji_count: int


class MessageObject(TypedDict):
    """A message, its text exactly as sent, with its newest 200 reactions, oldest first.
    `reaction_counts` tells how many there are of each emoji; they are listed page by page in a
    route of their own.
    """

    id: Uuid
    content: str
    channel_id: Uuid
    channelId: Uuid
    user_id: Uuid
    userId: Uuid
    created_at: Moment
    createdAt: Moment
    updated_at: Moment
    updatedAt: Moment
    is_edited: bool
    isEdited: bool
    is_system: bool
    formatting: Formatting
    user: UserObject
    mentions: list[str]
    mention_count: int
    reactions: list[ReactionObject]
    reaction_counts: dict[str, int]


def user_object(user: User) -> UserObject:
    """channels-rest 2.1"""
    created, updated = millis(user.created_at), millis(user.updated_at)
    banned = None if user.banned_until is None else millis(user.banned_until)
    return {
        "id": user.uuid,
        "email": user.address,
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


def full_user_object(user: User) -> UserObject:
    """The same for themselves and for administrators: the address is never hidden from them."""
    return {**user_object(user), "email": user.own_address}


def own_user_object(user: User) -> OwnUserObject:
    """channels-2: the caller's own"""
    return {**full_user_object(user), "number": user.id}


def channel_object(room: Room) -> ChannelObject:
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


def channel_with_members(room: Room, members: Sequence[User], count: int) -> ChannelWithMembers:
    """channels-rest 2.2. members: those that are shown, of so many."""
    return {
        **channel_object(room),
        "members": [user_object(user) for user in members],
        "member_count": count,
    }


def reaction_object(reaction: Reaction, message: Message) -> ReactionObject:
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


def message_object(message: Message) -> MessageObject:
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
        "reaction_counts": dict(message.reaction_counts),
    }


def formatting(text: str) -> Formatting:
    """channels-rest 2.5: what of markdown stands in the text; advice, never a rule (all-9)."""
    if _ANY.search(text) is None:  # nearly all of them
        return _PLAIN.copy()
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


_PLAIN: Formatting = {
    "has_bold": False,
    "has_italic": False,
    "has_code": False,
    "has_code_block": False,
    "has_links": False,
    "has_mentions": False,
    "has_emojis": False,
    "link_count": 0,
    "mention_count": 0,
    "emoji_count": 0,
}
