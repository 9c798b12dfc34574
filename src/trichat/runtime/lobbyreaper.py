"""Rooms of the lobby that nobody comes to any more are archived (lobby-14).

When somebody was last in a room is written down once a round, so that a restart forgets no more
than a round of it.
"""

import logging

import trio

from trichat.core.model import Kind, Origin, Room
from trichat.runtime.audience import Audiences
from trichat.runtime.clock import Clock
from trichat.runtime.directory import RoomDirectory
from trichat.runtime.feeds import Feeds
from trichat.runtime.storage import Storage
from trichat.store.ends import ArchiveRoom, NoteVisited
from trichat.store.port import Store
from trichat.store.rooms import Changed

_log = logging.getLogger(__name__)

ROUNDS = 24  # within the time to live, so a room outlives it by a 24th at most


class LobbyRoomReaper:
    """ttl: seconds that a public room of the lobby may be empty after it was entered."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        audiences: Audiences,
        directory: RoomDirectory,
        feeds: Feeds,
        clock: Clock,
        *,
        ttl: float,
    ) -> None:
        self._store = store
        self._storage = storage
        self._audiences = audiences
        self._directory = directory
        self._feeds = feeds
        self._clock = clock
        self._ttl = ttl
        self._left: dict[int, int] = {}

    def emptied(self, room: Room) -> None:
        """The last one has gone from a room."""
        if _is_kept(room):
            self._left[room.id] = self._clock()

    async def run(self) -> None:
        """For ever."""
        while True:
            await trio.sleep(self._ttl / ROUNDS)
            try:
                await self._round()
            except Exception:  # nobody else watches over this task
                _log.exception("empty rooms are not looked after")

    async def _round(self) -> None:
        now = self._clock()
        visits, self._left = self._left, {}
        visits |= {room.id: now for room in self._audiences.rooms() if _is_kept(room)}
        if visits and await self._storage.submit(NoteVisited(tuple(visits.items()))) is not True:
            self._left = visits | self._left
            return
        before = now - round(self._ttl * 1000)
        for room in await self._store.deserted(before):
            await self._archive(room, before)

    async def _archive(self, room: Room, before: int) -> None:
        """Without a moment in which somebody could enter what is no room any more."""
        if self._audiences.of(room.id) is not None or not self._directory.retire(room):
            return
        outcome = await self._storage.submit(ArchiveRoom(room.id, before, self._clock()))
        if isinstance(outcome, Changed):
            await self._feeds.publish(outcome.room, outcome.events)
        else:
            self._directory.reinstate(room)


def _is_kept(room: Room) -> bool:
    return room.origin is Origin.LOBBY and room.kind is Kind.PUBLIC
