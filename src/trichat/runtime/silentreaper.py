"""Rooms made by connecting in which nothing was ever said are forgotten once empty (all-24).

A mistyped address makes such a room: it counts for nobody from its last visitor's leaving on, its
name is free at once for who makes a room of it, and after a while nothing is left of it.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum

import trio

from trichat.core.model import Origin, Room
from trichat.runtime.audience import Audiences
from trichat.runtime.directory import RoomDirectory
from trichat.runtime.storage import Storage
from trichat.store.ends import ForgetRoom
from trichat.store.port import Store

_log = logging.getLogger(__name__)

ROUNDS = 24  # within the time to live, so a room outlives it by a 24th at most
# Whoever made a room and is not in it after so many seconds does not come any more.
COMING = 60.0
ROUND_EVERY = 1.0  # seconds between two rounds, however many come and go
# Empty rooms of one maker that are kept for the time to live: who makes more loses the oldest.
EMPTY_ROOMS_KEPT = 100


class SilentRoomReaper:
    """ttl: seconds that a silent room may be empty."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        audiences: Audiences,
        directory: RoomDirectory,
        *,
        ttl: float,
    ) -> None:
        self._store = store
        self._storage = storage
        self._audiences = audiences
        self._directory = directory
        self._ttl = ttl
        self._made: dict[int, tuple[Room, float]] = {}
        self._left: dict[int | None, dict[int, tuple[Room, float]]] = {}  # by maker, oldest first
        self._crowded = trio.Event()

    def made(self, room: Room) -> None:
        """Its maker is about to enter it."""
        self._made[room.id] = room, trio.current_time()

    def deserted(self, maker: int) -> tuple[int, ...]:
        """The ids of rooms that this user made and nobody is in."""
        return tuple(id_ for id_ in self._left.get(maker, ()) if self._audiences.of(id_) is None)

    async def make_way(self, room: Room) -> bool:
        """Forget a room for whoever wants to make one of its name; whether it is gone. Not one
        that its maker is about to enter.
        """
        there = self._audiences.of(room.id) is not None or room.id in self._made
        if room.origin is not Origin.ROOM or there:
            return False
        return await self._forget(room) is _Outcome.GONE

    def emptied(self, room: Room) -> None:
        """The last one has gone from a room."""
        if room.origin is not Origin.ROOM:
            return
        self._made.pop(room.id, None)
        left = self._left.setdefault(room.created_by, {})
        left.pop(room.id, None)
        left[room.id] = room, trio.current_time()
        if len(left) > EMPTY_ROOMS_KEPT:
            self._crowded.set()

    async def run(self) -> None:
        """For ever. What was silent before the server began is empty since then."""
        await self._contained(self._find)
        while True:
            with trio.move_on_after(self._ttl / ROUNDS):
                await trio.sleep(ROUND_EVERY)
                await self._crowded.wait()
            self._crowded = trio.Event()
            await self._contained(self._round)

    async def _contained(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:  # nobody else watches over this task
            _log.exception("empty rooms are not looked after")

    async def _find(self) -> None:
        for room in await self._store.silent():
            if self._audiences.of(room.id) is None and room.id not in self._made:
                self._left.setdefault(room.created_by, {}).setdefault(
                    room.id, (room, trio.current_time())
                )

    async def _round(self) -> None:
        now = trio.current_time()
        for room, since in list(self._made.values()):
            if since <= now - COMING:
                del self._made[room.id]
                if self._audiences.of(room.id) is None:
                    self.emptied(room)
        for maker, left in list(self._left.items()):
            for room in _due(left.values(), now - self._ttl):
                is_empty = self._audiences.of(room.id) is None
                if not is_empty or await self._forget(room) is not _Outcome.NOT_NOW:
                    left.pop(room.id, None)
            if not left:
                self._left.pop(maker, None)

    async def _forget(self, room: Room) -> "_Outcome":
        """Without a moment in which somebody could enter what is no room any more; and in which
        nobody finds a room that is one.
        """
        if not await self._store.is_silent(room.id):
            return _Outcome.KEPT
        if not self._directory.retire(room):
            return _Outcome.NOT_NOW
        outcome = await self._storage.submit(ForgetRoom(room.id))
        if outcome is True:
            return _Outcome.GONE
        self._directory.reinstate(room)
        return _Outcome.KEPT if outcome is False else _Outcome.NOT_NOW


class _Outcome(Enum):
    GONE = "nothing is left of it"
    KEPT = "something was said in it, or somebody belongs to it"
    NOT_NOW = "somebody is in it, something is done in it, or storage failed"


def _due(left: Iterable[tuple[Room, float]], before: float) -> list[Room]:
    """Those that are empty for so long; and the oldest of too many."""
    rooms = list(left)
    over = len(rooms) - EMPTY_ROOMS_KEPT
    return [room for number, (room, since) in enumerate(rooms) if number < over or since <= before]
