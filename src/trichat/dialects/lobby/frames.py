"""What the lobby dialect sends."""

from typing import Final, Literal, NotRequired, TypedDict

from trichat.dialects.codec import Moment, Place, Uuid
from trichat.dialects.keys import KeyRefusal

# Every word with which something is refused; mypy holds the dialect to them.
Refusal = Literal[
    "invalid message",
    "room not found",
    "user not found",
    "unauthorized",
    "room is full",
    "user already in room",
    "rate limit exceeded",
    "room limit exceeded",
    KeyRefusal,
]


class Occupant(TypedDict):
    """A user in a room. `email` is the user name if they have no address, or the server hides
    addresses.
    """

    id: int
    uuid: Uuid
    email: str
    joined_at: Moment


class RoomObject(TypedDict):
    """A room and who is in it, by the integer ids of users."""

    id: Uuid
    name: str
    type: Literal["public", "private"]
    max_users: int
    user_count: int
    users: dict[str, Occupant]
    created_at: Moment
    updated_at: Moment


class RoomCreated(TypedDict):
    """The room that was asked for. Whoever made it is not in it yet."""

    type: Literal["room_created"]
    data: RoomObject


class RoomsList(TypedDict):
    """Rooms are listed, oldest first."""

    type: Literal["rooms_list"]
    data: list[RoomObject]


class Key(TypedDict):
    """A message by its key; id and time are those of the first message with it."""

    client_key: str
    id: Uuid
    timestamp: Moment


class MessageSent(TypedDict):
    """A message that was sent with a key is stored."""

    type: Literal["message_sent"]
    data: Key


class Stand(TypedDict):
    """Where a connection stands. Positions of the same name replace earlier ones."""

    cursor: Place


class Cursor(TypedDict):
    """The cursor tells where this connection stands."""

    type: Literal["cursor"]
    data: Stand


class Lost(TypedDict):
    """Rooms in which more may be missing than is repeated here."""

    room_ids: list[Uuid]


class Gap(TypedDict):
    """More may be missing: the history has it."""

    type: Literal["gap"]
    data: Lost


class Words(TypedDict):
    """Why the request was refused."""

    message: Refusal


class Failure(TypedDict):
    """The request was refused, or makes no sense."""

    type: Literal["error"]
    data: Words


Flat = Literal["text", "system", "join", "leave"]


class RoomMessage(TypedDict):
    """Something was said in the room, or somebody came or went: sent to everyone in it."""

    id: Uuid
    type: Flat
    content: str
    user_id: int
    user_uuid: Uuid
    user_email: str
    room_id: Uuid
    timestamp: Moment
    cursor: NotRequired[Place]


ALL: Final = (RoomCreated, RoomsList, MessageSent, Cursor, Gap, Failure, RoomMessage)
