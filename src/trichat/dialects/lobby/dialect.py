"""The lobby dialect: `/ws/chat`, rooms made, listed, joined and left (lobby-1 to lobby-21)."""

from collections.abc import Sequence

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.events import Entered, Event, Exited, Said
from trichat.core.ids import nonce, uuid_at
from trichat.core.model import Kind, Room, User
from trichat.core.policy import NOT_DIRECT
from trichat.dialects.codec import NotJsonError, decode, encode, seconds, structure
from trichat.dialects.disconnects import OF_KEYS, DisconnectReason, codes
from trichat.dialects.keys import with_key
from trichat.dialects.lobby import frames
from trichat.dialects.lobby.refusals import BAD_KEY, ERRORS, INVALID, failure
from trichat.dialects.lobby.requests import BARE, REQUESTS
from trichat.dialects.port import Decoded, Dialect, Push, Reply


class Lobby(Dialect):
    """Stateless: the current room is the connection's. keyed: whether sends may bear a key."""

    name = "lobby"
    has_quota = True
    kinds = NOT_DIRECT
    single = True
    codes = codes(OF_KEYS)

    def __init__(self, *, keyed: bool = False) -> None:
        self._keyed = keyed

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return INVALID
        if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
            return INVALID
        request = REQUESTS.get(frame["type"])
        if request is None:
            return INVALID
        fields = frame.get("data")
        if fields is None and frame["type"] in BARE:
            fields = {}
        shape, make = request
        said = structure(fields, shape)
        if said is None:
            return INVALID
        decoded = make(said)
        return with_key(decoded, fields, BAD_KEY) if self._keyed else decoded

    def decode_binary(self, data: bytes) -> Decoded:
        return INVALID

    def answer(
        self, request: requests.Request, answer: a.Answer, me: User, at: int
    ) -> Sequence[bytes]:
        match request, answer:
            case _, a.CameIn(event=event):
                return (_notice("join", event, "joined"),)
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
            case requests.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
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
        return ()

    def refuse(self, request: requests.Request | None, refusal: r.Refusal, at: int) -> Reply | None:
        match request, refusal:
            case requests.Exit(), r.NotHere():  # no effect and no error (lobby-9)
                return None
        return failure(ERRORS.get(type(refusal), "invalid message"))

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
                notice = _notice("join", event, "joined")  # whoever asked is answered by it
                return (Push(notice, without=user.id, ephemeral=True),)
            case Exited():
                return (Push(_notice("leave", event, "left"), ephemeral=True),)
        return ()

    def put_out(self, room: Room, user: User, at: int) -> bytes | DisconnectReason | None:
        content = f"{user.address} left the room"
        return _flat(uuid_at(at, nonce()), "leave", content, user, room, at)

    def part(self, cause: DisconnectReason, reason: str, at: int) -> bytes | None:
        """lobby-12"""
        return failure(ERRORS[r.NoSuchUser]).payload if cause is DisconnectReason.BARRED else None


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
