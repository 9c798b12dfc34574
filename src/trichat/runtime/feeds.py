"""The feeds of all rooms that somebody here follows, or whose actor is at work."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context
from functools import partial

import trio

from trichat.core.events import Ephemeral, Event, Numbered
from trichat.core.model import Room
from trichat.runtime.audience import Audiences
from trichat.runtime.connections import Connections
from trichat.runtime.delivery import Listeners
from trichat.runtime.encoding import Encoder
from trichat.runtime.feed import Feed, Surroundings
from trichat.runtime.logreader import ReadsLogs


class Feeds:
    """nursery: the owner of the feeds' tasks. changed: called when a room is another."""

    def __init__(
        self,
        encoder: Encoder,
        audiences: Audiences,
        connections: Connections,
        logs: ReadsLogs,
        nursery: trio.Nursery,
        changed: Callable[[Room], None] = lambda room: None,
    ) -> None:
        self._logs = logs
        self._nursery = nursery
        self._feeds: dict[int, Feed] = {}
        self._finishing = False
        self._making: dict[str, trio.Event] = {}  # by the UUIDs of rooms
        self._changed = changed
        self._audiences = audiences
        listeners = Listeners(encoder, audiences, connections)
        self._shared = Surroundings(
            listeners,
            logs,
            self._start,
            self._ended,
            self._learned,
            self._released,
            self._room_changed,
            self._published,
        )

    def __len__(self) -> int:
        return len(self._feeds)

    def open(self, room: Room) -> Feed:
        """The room's feed, made if need be. It stays while somebody follows it or its actor works:
        whoever asks sees to one of these in the same step.
        """
        feed = self._feeds.get(room.id)
        if feed is None:
            feed = self._feeds[room.id] = Feed(room, self._shared)
            if self._finishing:
                feed.draining.finish()
        return feed

    def _room_changed(self, room: Room) -> None:
        """Nobody here keeps what it was."""
        feed, audience = self._feeds.get(room.id), self._audiences.of(room.id)
        if feed is not None:
            feed.room = room
        if audience is not None:
            audience.room_changed(room)
        self._changed(room)

    def followed(self, room: Room) -> bool:
        """Whether anybody follows the room, or is about to."""
        feed = self._feeds.get(room.id)
        return feed is not None and feed.followers > 0

    def begun(self, rooms: Iterable[Room]) -> "_Begun":
        """Within, it is known where the feeds of these rooms begin, and they stay: with one read
        for all of which it was not known. Entering raises StoreError.
        """
        return _Begun([self.open(room) for room in rooms], self._logs)

    def add(self, room: Room, event: Ephemeral) -> None:
        """Something that is not stored happened in a room, if anybody is there to hear of it."""
        feed = self._feeds.get(room.id)
        if feed is not None and feed.followers:
            feed.add(event)

    @contextmanager
    def making(self, uuid: str) -> Iterator[None]:
        """A room with this UUID may be committed past an actor. Until what happened in it is
        published, or this ends, its feed does not begin: it might begin behind that.
        """
        published = self._making[uuid] = trio.Event()
        try:
            yield
        finally:
            self._making.pop(uuid, None)
            published.set()

    async def _published(self, room: Room) -> None:
        published = self._making.get(room.uuid)
        if published is not None:
            await published.wait()

    async def publish(self, room: Room, events: Sequence[Event]) -> None:
        """What was committed past the room's actor; waits until it has been delivered."""
        if not events:
            return
        feed = self.open(room)
        numbered = next((event for event in events if isinstance(event, Numbered)), None)
        if numbered is not None:
            feed.learn(numbered.seq - 1)
        delivered = trio.Event()
        feed.publish(events)
        feed.call_behind(delivered.set)
        if room.uuid in self._making:
            self._making.pop(room.uuid).set()
        await delivered.wait()

    def finish(self) -> None:
        """The server ends: every feed delivers what it can."""
        self._finishing = True
        for feed in tuple(self._feeds.values()):
            feed.draining.finish()

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        # In a context of its own: it must not log under the name of the connection that woke it.
        with suppress(RuntimeError):  # the server has ended: nobody is there to hear of it
            Context().run(partial(self._nursery.start_soon, work))

    def _ended(self, room_id: int) -> None:
        feed = self._feeds.get(room_id)
        if feed is not None:
            feed.release()

    async def _learned(self, room_id: int, head: int) -> None:
        feed = self._feeds.get(room_id)
        if feed is not None:
            await feed.begin(head)
            feed.learn(head)

    def _released(self, feed: Feed) -> None:
        if self._feeds.get(feed.room.id) is feed:
            del self._feeds[feed.room.id]


class _Begun:
    """A class, because each connection enters one and a generator costs more."""

    __slots__ = ("_feeds", "_logs")

    def __init__(self, feeds: Sequence[Feed], logs: ReadsLogs) -> None:
        self._feeds = feeds
        self._logs = logs

    async def __aenter__(self) -> None:
        for feed in self._feeds:
            feed.followers += 1
        unknown = [feed for feed in self._feeds if not feed.based]
        if not unknown:
            return
        try:
            heads = await self._logs.heads([feed.room.id for feed in unknown])
            for feed in unknown:
                number, _ = heads.get(feed.room.id, (0, 0))
                await feed.begin(number)
        except BaseException:
            self._let_go()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._let_go()

    def _let_go(self) -> None:
        for feed in self._feeds:
            feed.followers -= 1
            feed.release()
