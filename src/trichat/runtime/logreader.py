"""The rooms' logs, as they are read for those who come back."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import trio

from trichat.core.events import RoomEvent
from trichat.store.port import Store

# Reads under way for all who come back. Each is some hundreds of microseconds to some milliseconds,
# and whoever else asks the store waits behind no more of them.
READS_AT_ONCE = 4


class ReadsLogs(Protocol):
    """What a feed reads of logs."""

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]: ...
    async def read(self, room_id: int, after: int, limit: int) -> Sequence[RoomEvent]: ...


class LogReader:
    """A crowd reads in turns, first come first served, page by page. The store alone would take
    what all of them ask, ahead of who asks next, and answer it in one round of the event loop.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = trio.Semaphore(READS_AT_ONCE, max_value=READS_AT_ONCE)

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """(number, time) of the last event, by room. Raises StoreError."""
        async with self._turn:
            return await self._store.heads(room_ids)

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        """The number of the user's last admission above `after`. Raises StoreError."""
        async with self._turn:
            return await self._store.admission(room_id, user_id, after)

    async def read(self, room_id: int, after: int, limit: int) -> Sequence[RoomEvent]:
        """The events numbered above `after`, in order. Raises StoreError."""
        async with self._turn:
            return await self._store.log(room_id, after, limit)
