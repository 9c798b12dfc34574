"""The channels dialect pushes these frames when something happens."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from trichat.core import events as e
from trichat.core.model import Message, User
from trichat.dialects.channels import frames
from trichat.dialects.codec import encode, millis
from trichat.dialects.objects import channel_object, message_object
from trichat.dialects.port import Push

NAME: Final = "channels"  # who comes or goes by this dialect is pushed here


def _said(event: e.Said) -> Sequence[Push]:
    message = event.message
    frame: frames.NewMessage = {
        "type": "new_message",
        "data": message_object(message),
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame)), *_mentions(message, event.notified, event.at))


def _edited(event: e.Edited) -> Sequence[Push]:
    frame: frames.MessageEdited = {
        "type": "message_edited",
        "data": message_object(event.message),
        "timestamp": millis(event.at),
    }
    fresh = _mentions(event.message, event.notified, event.at, is_edit=True)
    return (Push(encode(frame)), *fresh)


def _mentions(
    message: Message, users: Sequence[User], at: int, *, is_edit: bool = False
) -> list[Push]:
    """channels-13: on all sockets of who is mentioned."""
    if not users:
        return []
    data: frames.Mention = {
        "message_id": message.uuid,
        "channel_id": message.room.uuid,
        "content": message.text,
        "from_user_id": message.author.uuid,
        "from_username": message.author.username,
    }
    if is_edit:
        data["is_edit"] = True
    frame: frames.MentionNotification = {
        "type": "mention_notification",
        "data": data,
        "timestamp": millis(at),
    }
    mentioned = frozenset(user.id for user in users)
    return [Push(encode(frame), only=mentioned, anywhere=True)]


def _deleted(event: e.Deleted) -> Sequence[Push]:
    reason: frames.Reason = {} if event.reason is None else {"reason": event.reason.text}
    frame: frames.MessageDeleted = {
        "type": "message_deleted",
        "message_id": event.message.uuid,
        "channel_id": event.room.uuid,
        "deleted_by": event.by.username,
        **reason,
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame)),)


def _reaction(event: e.Reacted | e.Unreacted) -> Sequence[Push]:
    reaction = event.reaction
    frame: frames.MessageReaction = {
        "type": "message_reaction",
        "message_id": event.message.uuid,
        "data": {
            "emoji": reaction.emoji,
            "user_id": reaction.user.uuid,
            "username": reaction.user.username,
            "action": "add" if isinstance(event, e.Reacted) else "remove",
        },
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame)),)


def _admitted(event: e.Admitted) -> Sequence[Push]:
    """Never to the user who came, except when somebody else added them (channels-6)."""
    return (_user_joined(event, to_others=event.by.id == event.user.id),)


def _left(event: e.Left) -> Sequence[Push]:
    return (_user_left(event),)


def _entered(event: e.Entered) -> Sequence[Push]:
    """Only coming in by `join_channel`; not the connecting of whatever dialect (channels-6)."""
    if event.dialect != NAME or not event.asked:
        return ()
    return (_user_joined(event, to_others=True),)


def _exited(event: e.Exited) -> Sequence[Push]:
    if event.dialect != NAME or not event.asked:
        return ()
    return (_user_left(event),)


def _user_joined(event: e.Admitted | e.Entered, *, to_others: bool) -> Push:
    frame: frames.UserJoined = {
        "type": "user_joined",
        "user_id": event.user.uuid,
        "username": event.user.username,
        "channel_id": event.room.uuid,
        "timestamp": millis(event.at),
    }
    return Push(encode(frame), without=event.user.id if to_others else None, ephemeral=to_others)


def _user_left(event: e.Left | e.Exited) -> Push:
    frame: frames.UserLeft = {
        "type": "user_left",
        "user_id": event.user.uuid,
        "username": event.user.username,
        "channel_id": event.room.uuid,
        "timestamp": millis(event.at),
    }
    return Push(encode(frame), without=event.user.id, ephemeral=isinstance(event, e.Exited))


def _typed(event: e.Typed) -> Sequence[Push]:
    frame: frames.TypingIndicator = {
        "type": "typing_indicator",
        "user_id": event.user.uuid,
        "username": event.user.username,
        "channel_id": event.room.uuid,
        "is_typing": event.on,
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame), without=event.user.id, ephemeral=True),)


def _status(event: e.StatusChanged) -> Sequence[Push]:
    frame: frames.UserStatus = {
        "type": "user_status",
        "user_id": event.user.uuid,
        "status": "online" if event.online else "offline",
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame), without=event.user.id, ephemeral=True),)


def _opened(event: e.RoomOpened) -> Sequence[Push]:
    frame: frames.ChannelCreated = {
        "type": "channel_created",
        "data": channel_object(event.room),
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame)),)


PUSHES: Mapping[type, Callable[[Any], Sequence[Push]]] = {
    e.Said: _said,
    e.Edited: _edited,
    e.Deleted: _deleted,
    e.Reacted: _reaction,
    e.Unreacted: _reaction,
    e.Admitted: _admitted,
    e.Left: _left,
    e.Entered: _entered,
    e.Exited: _exited,
    e.Typed: _typed,
    e.StatusChanged: _status,
    e.RoomOpened: _opened,
}
