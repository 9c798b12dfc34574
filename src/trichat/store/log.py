"""The rooms' logs: what is committed to them, and how they are read."""

from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from trichat.core.events import Mark, RoomEvent
from trichat.core.roomstate import RoomState
from trichat.core.value import value


@value
class Commit:
    """Appends events to one room's log, if its last number is the one expected.
    now: milliseconds; no event is earlier, and each is later than the one before it.
    Outcome: Committed, Stale or Failed.
    """

    room_id: int
    expected_seq: int
    events: tuple[RoomEvent | Mark, ...]
    now: int


@frozen
class Committed:
    """The events as they were stored, in the same order: with their numbers and times, with the
    ids of messages, and with what a read mark made read.
    """

    events: tuple[RoomEvent | Mark, ...]


@frozen
class Stale:
    """Somebody else wrote to the room first, and nothing was stored. missing: their events, in
    order; the last may be that the room is archived.
    """

    missing: tuple[RoomEvent, ...]


class Log(Protocol):
    """Reads of logs."""

    async def load(self, room_id: int) -> RoomState | None:
        """Return a room's state as its log amounts to; None where there is no living room."""

    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        """Return the events with numbers above `after`, in order, at most `limit` of them (-1 for
        all). Messages are as they are now, with reactions where an edit shows them.
        """

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return the last number of each room's log, and the time of that event."""

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        """Return the number of the user's last admission to the room, if it is above `after`."""
