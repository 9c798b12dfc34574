"""Rooms: how they are made and found."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from trichat.core.events import RoomChanged, RoomEvent
from trichat.core.model import Kind, Origin, Room, User


@frozen
class Allowance:
    """How many rooms one user may make over REST and by connecting (all-25). in_an_hour: 0 for any
    number. deserted: ids of rooms that nobody is in; those in which nothing was said do not count.
    """

    living: int
    in_an_hour: int
    deserted: tuple[int, ...] = ()


@frozen
class CreateRoom:
    """Makes a room. owned: its maker becomes its owner. invited: members from the start. limit: how
    many living rooms of this origin the maker may have, None for any number. allowance: the same
    over several origins. charged: whether the room counts for its maker.

    Outcome: Opened, Taken (the handle), RoomEnded (of a room made by connecting: another had the
    handle), TooManyRooms or RateLimited.
    """

    uuid: str
    kind: Kind
    title: str
    origin: Origin
    by: User
    at: int
    handle: str | None = None
    description: str | None = None
    max_users: int | None = None
    owned: bool = False
    invited: tuple[User, ...] = ()
    limit: int | None = None
    allowance: Allowance | None = None
    charged: bool = True


@frozen
class OpenDirect:
    """Finds the one direct room of two users, or makes it. Outcome: Opened."""

    uuid: str
    by: User
    other: User
    at: int


@frozen
class Opened:
    """The room, and the events of its making: none if it was there already."""

    room: Room
    events: tuple[RoomEvent, ...]


@frozen
class UpdateRoom:
    """Gives a living room another title, handle, description or number of seats. changes: by the
    name of the field. by: who does it; None for the server itself.
    Outcome: Changed, Taken (the handle) or NoSuchRoom.
    """

    room_id: int
    by: User | None
    at: int
    changes: Mapping[str, str | int | None]


@frozen
class Changed:
    """The room as it is now, and the event of its change: none if it was so already. Whoever wrote
    it lets the room's actor and its listeners know.
    """

    room: Room
    events: tuple[RoomChanged, ...]


RoomWrite = CreateRoom | OpenDirect | UpdateRoom


class Rooms(Protocol):
    """Reads of rooms."""

    async def room(self, room_id: int) -> Room | None:
        """Return the living room with this id."""

    async def room_by_uuid(self, uuid: str) -> Room | None:
        """Return the living room with this UUID."""

    async def room_by_handle(self, handle: str) -> Room | None:
        """Return the living room with exactly this handle."""

    async def count_rooms(self) -> dict[Kind, int]:
        """Return how many living rooms there are of each kind."""

    async def open_rooms(
        self, *, kind: Kind | None, user_id: int, after: int = 0, limit: int | None = None
    ) -> list[Room]:
        """Return public rooms and those that the user is a member of, no direct ones, oldest first:
        those with a greater id than `after`, at most `limit` of them.
        """

    async def open_rooms_before(self, *, kind: Kind | None, user_id: int, newest: int) -> int:
        """Return the id behind which the newest so many of these rooms are."""
