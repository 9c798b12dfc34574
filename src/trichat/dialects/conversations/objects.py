"""Frames of the conversations dialect are made of these objects."""

from collections.abc import Mapping
from typing import Literal

from trichat.core.model import Kind, Message, Overview, Progress, User
from trichat.dialects.codec import millis
from trichat.dialects.conversations import frames

_PROGRESS: Mapping[Progress, Literal["sent", "delivered", "seen"]] = {
    Progress.SENT: "sent",
    Progress.DELIVERED: "delivered",
    Progress.SEEN: "seen",
}


def person(user: User) -> frames.Person:
    """Show a user as this dialect names them."""
    return {"id": user.id, "username": user.username}


def message_object(message: Message, reader: User | None = None) -> frames.MessageObject:
    """Show a message. reader: who it is shown to; they see how far their own messages have come."""
    own = reader is not None and message.author.id == reader.id
    status: frames.Status = {"status": _PROGRESS[message.progress]} if own else {}
    return {
        **status,
        "id": message.id,
        "conversation_id": message.room.id,
        "sender": person(message.author),
        "content": message.text,
        "timestamp": millis(message.created_at),
        "is_system": message.system,
        "attachment": None,
    }


def overview_object(overview: Overview, me: User) -> frames.Conversation:
    """Show a conversation in the list of this user."""
    room = overview.room
    return {
        "id": room.id,
        "uuid": room.uuid,
        "kind": room.kind.value,
        "name": None if room.kind is Kind.DIRECT else room.title,
        "participants": [
            {"user__id": user.id, "user__username": user.username} for user in overview.members
        ],
        "last_message": message_object(overview.last, me) if overview.last else None,
        "has_unread": overview.has_unread,
    }
