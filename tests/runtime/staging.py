"""A room's stream without a store or a socket: feeds over a log in memory, and listeners."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import trio
import trio.testing

from tests.core.cast import ALICE, NOW, message, room
from tests.runtime.listeners import Plain, Recorder
from trichat.core import events as e
from trichat.core.model import Room, User
from trichat.runtime.audience import Audiences
from trichat.runtime.connections import Connections
from trichat.runtime.encoding import Encoder
from trichat.runtime.feeds import Feeds
from trichat.runtime.notices import Notices
from trichat.store.health import StoreError

ROOM = room()


class Log:
    """What is committed, by room. slow: seconds that each read takes. fails: each read does.
    reads: how many there were.
    """

    def __init__(self) -> None:
        self.events: dict[int, list[e.RoomEvent]] = {}
        self.slow = 0.0
        self.fails = False
        self.reads = 0

    def commit(self, *events: e.RoomEvent) -> None:
        for event in events:
            self.events.setdefault(event.room.id, []).append(event)

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        await self._read()
        return {id_: self._head(id_) for id_ in room_ids}

    def _head(self, room_id: int) -> tuple[int, int]:
        events = self.events.get(room_id)
        return (events[-1].seq, events[-1].at) if events else (0, 0)

    async def read(self, room_id: int, after: int, limit: int) -> Sequence[e.RoomEvent]:
        await self._read()
        return [event for event in self.events.get(room_id, ()) if event.seq > after][:limit]

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        await self._read()
        return None

    async def _read(self) -> None:
        self.reads += 1
        await trio.sleep(self.slow)
        if self.fails:
            raise StoreError("disk")


class Stage:
    """Dialects, connections, feeds, and listeners of the room."""

    def __init__(
        self,
        nursery: trio.Nursery,
        *dialects: Plain,
        base: int | None = 0,
        on_edge: Callable[[User, bool], None] = lambda user, online: None,
    ) -> None:
        """base: of the room's feed, which stays while an actor is at work; None: not known yet."""
        self.dialects = dialects or (Plain(),)
        self.audiences, self.connections = Audiences(), Connections(on_edge=on_edge)
        self.encoder, self.log = Encoder(self.dialects), Log()
        self.notices = Notices(self.encoder, self.connections)
        self.changed: list[Room] = []
        self.feeds = Feeds(
            self.encoder,
            self.audiences,
            self.connections,
            self.log,
            nursery,
            self.changed.append,
        )
        self.feed = self.feeds.open(ROOM)
        self.feed.actors += 1
        if base is not None:
            self.feed.learn(base)

    def listener(
        self, user: User, dialect: Plain | None = None, *, here: bool = True, follows: bool = False
    ) -> Recorder:
        chosen = dialect or self.dialects[0]
        listener = Recorder(user, chosen, feeds=self.feeds, follows=follows)
        self.connections.connect(listener)
        if here:
            listener.enter(ROOM)
        return listener

    async def deliver(self, *events: e.Event) -> None:
        """As the room's actor does it."""
        self.log.commit(*[event for event in events if isinstance(event, e.RoomEvent)])
        self.feed.publish(events)
        await self.feed.draining.drain()

    async def add(self, event: e.Ephemeral, *, where: Room = ROOM) -> None:
        self.feeds.add(where, event)
        await trio.testing.wait_all_tasks_blocked()


def said(seq: int, text: str = "hi", *, notified: tuple[User, ...] = ()) -> e.Said:
    return e.Said(ROOM, message(ALICE, text), notified, seq=seq, at=NOW + seq)


@asynccontextmanager
async def staged(*dialects: Plain, base: int | None = 0) -> AsyncIterator[Stage]:
    async with trio.open_nursery() as nursery:
        yield Stage(nursery, *dialects, base=base)
        nursery.cancel_scope.cancel()


def numbers(listener: Recorder) -> list[int]:
    """The numbers of the messages that a listener has heard, in that order."""
    return [int(frame.split()[1]) for frame in listener.heard if frame.startswith("said")]


def committed(stage: Stage, first: int, last: int) -> list[e.Said]:
    """Messages with these numbers, which are in the log."""
    events = [said(number) for number in range(first, last + 1)]
    stage.log.commit(*events)
    return events


def elsewhere(stage: Stage, *events: e.Event) -> None:
    """As another source publishes."""
    stage.feed.publish(events, keep=False)
    stage.feed.draining.wake()
