"""The channels dialect: `/ws`, live beside REST (channels-1 to channels-23)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import AttrsInstance, frozen

from trichat.core import answers as a
from trichat.core import asks
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.model import Kind, Message, User
from trichat.core.policy import NOT_DIRECT
from trichat.dialects.codec import NotJsonError, decode, encode, millis, structure, word_at
from trichat.dialects.disconnects import Farewell, codes
from trichat.dialects.frames import channels as frames
from trichat.dialects.objects import channel_object, message_object
from trichat.dialects.port import Decoded, Dialect, Push, Reply


def _error(code: frames.ErrorCode, message: frames.Refusal, details: frames.Details = "") -> Reply:
    frame: frames.Failure = {
        "type": "error",
        "error_code": code,
        "message": message,
        "details": details,
    }
    return Reply(encode(frame), code)


_INVALID_JSON = _error("invalid_json", "Invalid JSON format")
_MISSING_ID = _error("missing_channel_id", "Channel ID is required")
_ACCESS_DENIED = _error(
    "access_denied",
    "Access denied to channel",
    "User is not a member of this private channel",
)
_INTERNAL = _error("internal_error", "Internal server error")

# What each request answers when it fails, or when its fields are of the wrong type.
_FAILURES: Mapping[str, Reply] = {
    "join_channel": _error("join_channel_error", "Failed to join channel"),
    "leave_channel": _error("leave_channel_error", "Failed to leave channel"),
    "typing_indicator": _error("typing_indicator_error", "Failed to process typing indicator"),
    "get_online_users": _error("get_online_users_error", "Failed to get online users"),
}
_TYPE_OF: Mapping[type, str] = {
    asks.Enter: "join_channel",
    asks.Exit: "leave_channel",
    asks.Type: "typing_indicator",
    asks.WhoIsOnline: "get_online_users",
}


# -- requests


@frozen
class JoinChannel:
    """This socket comes into the channel; nobody becomes a member by it."""

    channel_id: str


@frozen
class LeaveChannel:
    """This socket goes out of the channel; membership stays."""

    channel_id: str


@frozen
class TypingIndicator:
    """Typing in the channel begins or stops."""

    channel_id: str
    is_typing: bool


@frozen
class GetOnlineUsers:
    """Who of the channel is online."""

    channel_id: str


@frozen
class Ping:
    """Are you there?"""


REQUESTS: Mapping[str, tuple[type[AttrsInstance], Callable[[Any], asks.Ask]]] = {
    "join_channel": (JoinChannel, lambda said: asks.Enter(said.channel_id)),
    "leave_channel": (LeaveChannel, lambda said: asks.Exit(said.channel_id)),
    "typing_indicator": (
        TypingIndicator,
        lambda said: asks.Type(said.channel_id, said.is_typing),
    ),
    "get_online_users": (GetOnlineUsers, lambda said: asks.WhoIsOnline(said.channel_id)),
    "ping": (Ping, lambda said: asks.Echo()),
}


class Channels(Dialect):
    """Sending, editing and reacting are REST's; here is what it pushes."""

    name = "channels"
    kinds = NOT_DIRECT
    codes = codes()

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return _INVALID_JSON
        if not isinstance(frame, dict):
            return _INVALID_JSON
        type_ = frame.get("type")
        request = REQUESTS.get(type_) if isinstance(type_, str) else None
        if request is None or not isinstance(type_, str):
            return _unknown_type(type_)
        shape, make = request
        if shape is not Ping and frame.get("channel_id") in (None, ""):
            return _MISSING_ID
        said = structure(frame, shape)
        return _FAILURES[type_] if said is None else make(said)

    def decode_binary(self, data: bytes) -> Decoded:
        return _INVALID_JSON

    def greet(self, user: User, at: int) -> bytes | None:
        frame: frames.ConnectionEstablished = {
            "type": "connection_established",
            "user_id": user.uuid,
            "username": user.username,
            "timestamp": millis(at),
        }
        return encode(frame)

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match ask, answer:
            case asks.Echo(), _:
                pong: frames.Pong = {"type": "pong", "timestamp": millis(at)}
                return (encode(pong),)
            case asks.Enter(room=str() as id_), a.CameIn():
                return (_joined(id_, at),)
            case asks.Exit(room=str() as id_), a.WentOut():
                return (_out(id_, at),)
            case _, a.Online(room=room, users=users):
                online: frames.OnlineUsers = {
                    "type": "online_users",
                    "channel_id": room.uuid,
                    "users": [user.uuid for user in users],
                    "timestamp": millis(at),
                }
                return (encode(online),)
            case _, a.Place(cursor=cursor):
                place: frames.Cursor = {
                    "type": "cursor",
                    "cursor": cursor,
                    "timestamp": millis(at),
                }
                return (encode(place),)
            case _, a.Gap(rooms=rooms, unknown=unknown):
                gap: frames.Gap = {
                    "type": "gap",
                    "channel_ids": [room.uuid for room in rooms],
                    "unknown": list(unknown),
                    "timestamp": millis(at),
                }
                return (encode(gap),)
            case _, r.Refusal():
                return (self.refuse(ask, answer, at).payload,)
        return ()

    def refuse(self, ask: asks.Ask | None, refusal: r.Refusal, at: int) -> Reply:
        match ask, refusal:
            case asks.Enter(room=str() as id_), r.AlreadyHere():
                return Reply(_joined(id_, at))
            case asks.Exit(room=str() as id_), r.NotHere():
                return Reply(_out(id_, at))
            case _, r.NoSuchRoom() | r.NotAdmitted() | r.NotMember():
                return _ACCESS_DENIED
        return _FAILURES.get(_TYPE_OF.get(type(ask), ""), _INTERNAL)

    def error(self, payload: bytes) -> str | None:
        return word_at(payload, "error_code")

    def push(self, event: e.Event) -> Sequence[Push]:
        make = _PUSHES.get(type(event))
        return make(event) if make else ()

    def part(self, farewell: Farewell, reason: str, at: int) -> bytes | None:
        """channels-20"""
        if farewell is not Farewell.BARRED:
            return None
        frame: frames.ForceDisconnect = {
            "type": "force_disconnect",
            "reason": reason,
            "timestamp": millis(at),
        }
        return encode(frame)


def _joined(id_: str, at: int) -> bytes:
    frame: frames.ChannelJoined = {
        "type": "channel_joined",
        "channel_id": id_,
        "timestamp": millis(at),
    }
    return encode(frame)


def _out(id_: str, at: int) -> bytes:
    frame: frames.ChannelLeft = {
        "type": "channel_left",
        "channel_id": id_,
        "timestamp": millis(at),
    }
    return encode(frame)


def _unknown_type(type_: object) -> Reply:
    shown = "" if type_ is None else type_ if isinstance(type_, str) else encode(type_).decode()
    frame: frames.Failure = {
        "type": "error",
        "error_code": "unknown_message_type",
        "message": f"{frames.UNKNOWN_TYPE}{shown[: frames.TYPE_SHOWN]}",
        "details": "",
    }
    return Reply(encode(frame), frame["error_code"])


# -- pushes


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
    if not users or message.room.kind is Kind.DIRECT:
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
    reason: frames.Reason = {} if event.grounds is None else {"reason": event.grounds.reason}
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
    """Never to the user himself, except when another added him (channels-6)."""
    return (_user_joined(event, himself=event.by.id == event.user.id),)


def _left(event: e.Left) -> Sequence[Push]:
    return (_user_left(event),)


def _entered(event: e.Entered) -> Sequence[Push]:
    """Only coming in by `join_channel`; not the connecting of whatever dialect (channels-6)."""
    if event.dialect != Channels.name or not event.asked:
        return ()
    return (_user_joined(event, himself=True),)


def _exited(event: e.Exited) -> Sequence[Push]:
    if event.dialect != Channels.name or not event.asked:
        return ()
    return (_user_left(event),)


def _user_joined(event: e.Admitted | e.Entered, *, himself: bool) -> Push:
    frame: frames.UserJoined = {
        "type": "user_joined",
        "user_id": event.user.uuid,
        "username": event.user.username,
        "channel_id": event.room.uuid,
        "timestamp": millis(event.at),
    }
    return Push(encode(frame), without=event.user.id if himself else None, passing=himself)


def _user_left(event: e.Left | e.Exited) -> Push:
    frame: frames.UserLeft = {
        "type": "user_left",
        "user_id": event.user.uuid,
        "username": event.user.username,
        "channel_id": event.room.uuid,
        "timestamp": millis(event.at),
    }
    return Push(encode(frame), without=event.user.id, passing=isinstance(event, e.Exited))


def _typed(event: e.Typed) -> Sequence[Push]:
    frame: frames.TypingIndicator = {
        "type": "typing_indicator",
        "user_id": event.user.uuid,
        "username": event.user.username,
        "channel_id": event.room.uuid,
        "is_typing": event.on,
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame), without=event.user.id, passing=True),)


def _status(event: e.StatusChanged) -> Sequence[Push]:
    frame: frames.UserStatus = {
        "type": "user_status",
        "user_id": event.user.uuid,
        "status": "online" if event.online else "offline",
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame), without=event.user.id, passing=True),)


def _opened(event: e.RoomOpened) -> Sequence[Push]:
    frame: frames.ChannelCreated = {
        "type": "channel_created",
        "data": channel_object(event.room),
        "timestamp": millis(event.at),
    }
    return (Push(encode(frame)),)


_PUSHES: Mapping[type, Callable[[Any], Sequence[Push]]] = {
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
