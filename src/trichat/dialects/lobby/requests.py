"""A client of the lobby dialect sends these requests, with their fields as its data."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import AttrsInstance, field

from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.model import Kind
from trichat.core.text import MAX_NAME, check_name, check_text
from trichat.core.value import value
from trichat.dialects.codec import Uuid, bound
from trichat.dialects.lobby.refusals import INVALID
from trichat.dialects.port import Decoded

MAX_TEXT = 1000  # code points of a message, from this dialect
SEATS = range(2, 1001)


_KINDS = {"public": Kind.PUBLIC, "private": Kind.PRIVATE}
_SAID = ("text", "system")


@value
class CreateRoom:
    """Make a room (lobby-4). invite: UUIDs of users who are admitted at once."""

    name: str = field(metadata=bound(minLength=1, maxLength=MAX_NAME))
    type: str = field(metadata=bound(enum=list(_KINDS)))
    max_users: int | None = field(default=None, metadata=bound(minimum=SEATS[0], maximum=SEATS[-1]))
    invite: list[Uuid] | None = None


@value
class ListRooms:
    """The rooms one may know of (lobby-7). type: of this kind alone."""

    type: str | None = field(default=None, metadata=bound(enum=["", *_KINDS]))


@value
class JoinRoom:
    """Come into a room, and out of the one before (lobby-8)."""

    room_id: str = field(metadata=bound(minLength=1))


@value
class LeaveRoom:
    """Out of the current room (lobby-9)."""


@value
class SendMessage:
    """Say something in the current room (lobby-10). system: for its owner and administrators."""

    type: str = field(metadata=bound(enum=list(_SAID)))
    content: str = field(metadata=bound(minLength=1, maxLength=MAX_TEXT))
    room_id: str = field(metadata=bound(minLength=1))


def _create(data: CreateRoom) -> Decoded:
    kind = _KINDS.get(data.type)
    seats = data.max_users
    if kind is None or check_name(data.name) or (seats is not None and seats not in SEATS):
        return INVALID
    return requests.OpenRoom(data.name, kind, seats, tuple(data.invite or ()))


def _list(data: ListRooms) -> Decoded:
    if data.type and data.type not in _KINDS:
        return INVALID
    return requests.ListRooms(_KINDS[data.type] if data.type else None)


def _join(data: JoinRoom) -> Decoded:
    return requests.Enter(data.room_id) if data.room_id else INVALID


def _leave(data: LeaveRoom) -> Decoded:
    return requests.Exit(None)


def _send(data: SendMessage) -> Decoded:
    if data.type not in _SAID or not data.room_id:
        return INVALID
    if check_text(data.content, MAX_TEXT):
        return INVALID
    say = Say(data.content, visiting=True, system=data.type == "system")
    return requests.ToRoom(data.room_id, say, here=True)


REQUESTS: Mapping[str, tuple[type[AttrsInstance], Callable[[Any], Decoded]]] = {
    "create_room": (CreateRoom, _create),
    "list_rooms": (ListRooms, _list),
    "join_room": (JoinRoom, _join),
    "leave_room": (LeaveRoom, _leave),
    "send_message": (SendMessage, _send),
}
# These may come without data: there is nothing they must say.
BARE = frozenset({"list_rooms", "leave_room"})
