"""The rooms' logs: what is committed to them, and how they are read."""

from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from trichat.core.events import Mark, RoomEvent
from trichat.core.roomstate import RoomState


@frozen
class Commit:
    """The next events of one room's log. Outcome: Committed, Stale or Failed."""

    room_id: int
    expected_seq: int
    events: tuple[RoomEvent | Mark, ...]


@frozen
class Committed:
    """The events as stored: message ids assigned, what a read mark made read filled in."""

    events: tuple[RoomEvent | Mark, ...]


@frozen
class Stale:
    """Somebody else wrote to the room first: their events, in order. The last may be that the room
    is archived. Nothing was stored.
    """

    missing: tuple[RoomEvent, ...]


class Log(Protocol):
    """What is read of logs."""

    async def load(self, room_id: int) -> RoomState | None: ...
    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        """The events with greater numbers, in order; messages with reactions where an edit tells
        of them.
        """

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """The last number of each room's log, and its time."""

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        """The number of the user's last admission, if it is greater."""
