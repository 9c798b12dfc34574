"""The lobby dialect: `/ws/chat`, rooms made, listed, joined and left (lobby-1 to lobby-21)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import AttrsInstance, field, frozen

from trichat.core import answers as a
from trichat.core import asks
from trichat.core import refusals as r
from trichat.core.commands import Say
from trichat.core.events import Entered, Event, Exited, Said
from trichat.core.ids import new_uuid
from trichat.core.model import Kind, Room, User
from trichat.core.policy import NOT_DIRECT
from trichat.core.text import MAX_NAME, check_name, check_text
from trichat.dialects.codec import (
    NotJsonError,
    Uuid,
    bound,
    decode,
    encode,
    seconds,
    structure,
    word_at,
)
from trichat.dialects.disconnects import OF_KEYS, Farewell, codes
from trichat.dialects.frames import lobby as frames
from trichat.dialects.keys import BAD, REUSED, with_key
from trichat.dialects.port import Decoded, Dialect, Push, Reply

LONGEST = 1000  # code points of a message, from this dialect
SEATS = range(2, 1001)


_KINDS = {"public": Kind.PUBLIC, "private": Kind.PRIVATE}
_SAID = ("text", "system")


# -- requests, as their data is sent


@frozen
class CreateRoom:
    """Make a room (lobby-4). invite: UUIDs of users who are admitted at once."""

    name: str = field(metadata=bound(minLength=1, maxLength=MAX_NAME))
    type: str = field(metadata=bound(enum=list(_KINDS)))
    max_users: int | None = field(default=None, metadata=bound(minimum=SEATS[0], maximum=SEATS[-1]))
    invite: list[Uuid] | None = None


@frozen
class ListRooms:
    """The rooms one may know of (lobby-7). type: of this kind alone."""

    type: str | None = field(default=None, metadata=bound(enum=["", *_KINDS]))


@frozen
class JoinRoom:
    """Come into a room, and out of the one before (lobby-8)."""

    room_id: str = field(metadata=bound(minLength=1))


@frozen
class LeaveRoom:
    """Out of the current room (lobby-9)."""


@frozen
class SendMessage:
    """Say something in the current room (lobby-10). system: for its owner and administrators."""

    type: str = field(metadata=bound(enum=list(_SAID)))
    content: str = field(metadata=bound(minLength=1, maxLength=LONGEST))
    room_id: str = field(metadata=bound(minLength=1))


def _failure(text: frames.Refusal) -> Reply:
    frame: frames.Failure = {"type": "error", "data": {"message": text}}
    return Reply(encode(frame), text)


_INVALID = _failure("invalid message")
_BAD_KEY = _failure(BAD)


def _create(data: CreateRoom) -> Decoded:
    kind = _KINDS.get(data.type)
    seats = data.max_users
    if kind is None or check_name(data.name) or (seats is not None and seats not in SEATS):
        return _INVALID
    return asks.OpenRoom(data.name, kind, seats, tuple(data.invite or ()))


def _list(data: ListRooms) -> Decoded:
    if data.type and data.type not in _KINDS:
        return _INVALID
    return asks.ListRooms(_KINDS[data.type] if data.type else None)


def _join(data: JoinRoom) -> Decoded:
    return asks.Enter(data.room_id) if data.room_id else _INVALID


def _leave(data: LeaveRoom) -> Decoded:
    return asks.Exit(None)


def _send(data: SendMessage) -> Decoded:
    if data.type not in _SAID or not data.room_id:
        return _INVALID
    if check_text(data.content, LONGEST):
        return _INVALID
    say = Say(data.content, visiting=True, system=data.type == "system")
    return asks.ToRoom(data.room_id, say, here=True)


REQUESTS: Mapping[str, tuple[type[AttrsInstance], Callable[[Any], Decoded]]] = {
    "create_room": (CreateRoom, _create),
    "list_rooms": (ListRooms, _list),
    "join_room": (JoinRoom, _join),
    "leave_room": (LeaveRoom, _leave),
    "send_message": (SendMessage, _send),
}
# These may come without data: there is nothing they must say.
_BARE = frozenset({"list_rooms", "leave_room"})

ERRORS: Mapping[type[r.Refusal], frames.Refusal] = {
    r.NoSuchRoom: "room not found",
    r.NoSuchUser: "user not found",
    r.Invalid: "invalid message",
    r.NotAdmitted: "unauthorized",
    r.NotMember: "unauthorized",
    r.NotHere: "unauthorized",
    r.Forbidden: "unauthorized",
    r.RoomFull: "room is full",
    r.AlreadyHere: "user already in room",
    r.RateLimited: "rate limit exceeded",
    r.TooManyRooms: "room limit exceeded",
    r.KeyReused: REUSED,
}


class Lobby(Dialect):
    """Stateless: the current room is the connection's. keyed: whether sends may bear a key."""

    name = "lobby"
    kinds = NOT_DIRECT
    single = True
    codes = codes(OF_KEYS)

    def __init__(self, *, keyed: bool = False) -> None:
        self._keyed = keyed

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return _INVALID
        if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
            return _INVALID
        request = REQUESTS.get(frame["type"])
        if request is None:
            return _INVALID
        fields = frame.get("data")
        if fields is None and frame["type"] in _BARE:
            fields = {}
        shape, make = request
        said = structure(fields, shape)
        if said is None:
            return _INVALID
        decoded = make(said)
        return with_key(decoded, fields, _BAD_KEY) if self._keyed else decoded

    def decode_binary(self, data: bytes) -> Decoded:
        return _INVALID

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match ask, answer:
            case _, a.CameIn(event=event, told=told):
                return () if told else (_notice("join", event, "joined"),)
            case _, a.WentOut(event=event):
                return (_notice("leave", event, "left"),)
            case _, a.Opened(view=view):
                created: frames.RoomCreated = {"type": "room_created", "data": _room_object(view)}
                return (encode(created),)
            case _, a.Rooms(views=views):
                listed: frames.RoomsList = {
                    "type": "rooms_list",
                    "data": [_room_object(view) for view in views],
                }
                return (encode(listed),)
            case asks.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
                sent: frames.MessageSent = {
                    "type": "message_sent",
                    "data": {
                        "client_key": key,
                        "id": said.message.uuid,
                        "timestamp": seconds(said.at),
                    },
                }
                return (encode(sent),)
            case _, a.Place(cursor=cursor):
                place: frames.Cursor = {"type": "cursor", "data": {"cursor": cursor}}
                return (encode(place),)
            case _, a.Gap(rooms=rooms):
                gap: frames.Gap = {
                    "type": "gap",
                    "data": {"room_ids": [room.uuid for room in rooms]},
                }
                return (encode(gap),)
            case _, r.Refusal():
                refused = self.refuse(ask, answer, at)
                return () if refused is None else (refused.payload,)
        return ()

    def refuse(self, ask: asks.Ask | None, refusal: r.Refusal, at: int) -> Reply | None:
        match ask, refusal:
            case asks.Exit(), r.NotHere():  # no effect and no error (lobby-9)
                return None
        return _failure(ERRORS.get(type(refusal), "invalid message"))

    def error(self, payload: bytes) -> str | None:
        return word_at(payload, "data", "message")

    def push(self, event: Event) -> Sequence[Push]:
        match event:
            case Said(message=message):
                return (
                    Push(
                        _flat(
                            message.uuid,
                            "system" if message.system else "text",
                            message.text,
                            message.author,
                            message.room,
                            message.created_at,
                        )
                    ),
                )
            case Entered(user=user):
                notice = _notice("join", event, "joined")  # whose it is, he is answered by it
                own = Push(notice, only=frozenset({user.id}))
                return own, Push(notice, without=user.id, passing=True)
            case Exited():
                return (Push(_notice("leave", event, "left"), passing=True),)
        return ()

    def put_out(self, room: Room, user: User, at: int) -> bytes | Farewell | None:
        content = f"{user.address} left the room"
        return _flat(new_uuid(), "leave", content, user, room, at)

    def part(self, farewell: Farewell, reason: str, at: int) -> bytes | None:
        """lobby-12"""
        return _failure(ERRORS[r.NoSuchUser]).payload if farewell is Farewell.BARRED else None


def _notice(type_: frames.Flat, event: Entered | Exited, verb: str) -> bytes:
    content = f"{event.user.address} {verb} the room"
    return _flat(event.uuid, type_, content, event.user, event.room, event.at)


def _flat(uuid: str, type_: frames.Flat, content: str, user: User, room: Room, at: int) -> bytes:
    frame: frames.RoomMessage = {
        "id": uuid,
        "type": type_,
        "content": content,
        "user_id": user.id,
        "user_uuid": user.uuid,
        "user_email": user.address,
        "room_id": room.uuid,
        "timestamp": seconds(at),
    }
    return encode(frame)


UNLIMITED = 1000  # what a room without a limit shows as its seats (lobby-21)


def _room_object(view: a.RoomView) -> frames.RoomObject:
    room = view.room
    users: dict[str, frames.Occupant] = {
        str(user.id): {
            "id": user.id,
            "uuid": user.uuid,
            "email": user.address,
            "joined_at": seconds(since),
        }
        for user, since in view.present
    }
    return {
        "id": room.uuid,
        "name": room.title,
        "type": "public" if room.kind is Kind.PUBLIC else "private",
        "max_users": room.max_users or UNLIMITED,
        "user_count": len(users),
        "users": users,
        "created_at": seconds(room.created_at),
        "updated_at": seconds(room.updated_at),
    }
