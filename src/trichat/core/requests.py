"""A peer may ask these things of the server through a connection, in any dialect.

A dialect decodes a frame into one of these; the connection carries it out. Asks of a room's own
rules carry a command for its actor.
"""

from attrs import frozen

from trichat.core.commands import RoomCommand
from trichat.core.model import Kind
from trichat.core.value import value

# How a peer names a room: its UUID (or a name in that place) or its integer id; None is the room
# that the connection is in.
RoomRef = str | int | None


@value
class ToRoom:
    """A command for a room. here: only from a connection that is in it."""

    room: RoomRef
    command: RoomCommand
    here: bool = False


@frozen
class Subscribe:
    """Follow these rooms; each id as it was sent, of whatever type (chats-4)."""

    rooms: tuple[object, ...]


@frozen
class Enter:
    """Come into a room, with this connection."""

    room: RoomRef


@frozen
class Exit:
    """Out of a room, with this connection."""

    room: RoomRef


@frozen
class OpenRoom:
    """Make a room through the lobby. max_users None: the server's default. invite: user UUIDs."""

    title: str
    kind: Kind
    max_users: int | None
    invite: tuple[str, ...] = ()


@frozen
class ListRooms:
    """The rooms one may know of. kind None: of either."""

    kind: Kind | None


@frozen
class Type:
    """Typing in a room begins or ends."""

    room: RoomRef
    on: bool


@frozen
class TypeTo:
    """Typing to a user begins or ends (conversations-6)."""

    user_id: int
    on: bool


@frozen
class WhoIsOnline:
    """The ids of the users online in a room."""

    room: RoomRef


@frozen
class Echo:
    """Are you there?"""


@frozen
class SearchUsers:
    """Users whose name contains the keyword."""

    keyword: str


@frozen
class OpenDirect:
    """The direct room with a user."""

    user_id: int


@frozen
class ListConversations:
    """The rooms one is a member of, each with at most so many of its members."""

    members: int


@frozen
class ReadHistory:
    """A room's messages. limit None: as many as the server gives."""

    room: RoomRef
    limit: int | None = None
    before_id: int | None = None


@frozen
class Resume:
    """What was missed since this cursor, asked with the connection itself; then where it stands."""

    cursor: str


@frozen
class Acknowledge:
    """This client has the message (conversations-13)."""

    message_id: int


Request = (
    ToRoom
    | Subscribe
    | Enter
    | Exit
    | OpenRoom
    | ListRooms
    | Type
    | TypeTo
    | WhoIsOnline
    | Echo
    | SearchUsers
    | OpenDirect
    | ListConversations
    | ReadHistory
    | Resume
    | Acknowledge
)
