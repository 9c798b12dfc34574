"""What has been taken in of one room's stream and is not fanned out yet, in order."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import trio
from attrs import frozen

from trichat.core.events import Edited, Event, Numbered, Said
from trichat.core.model import Room
from trichat.runtime.audience import Audiences
from trichat.runtime.broadcast import Broadcast
from trichat.runtime.connections import Connections
from trichat.runtime.encoding import Encoder
from trichat.runtime.fanout import LONGEST
from trichat.runtime.subscription import Subscription

_log = logging.getLogger(__name__)

TOGETHER = 64  # events fanned out as one batch, at most
MOST = 1024  # items that may wait before the room's actor does


@frozen(eq=False)
class Listeners:
    """Who may hear of anything, and in which words."""

    encoder: Encoder
    audiences: Audiences
    connections: Connections


# An event, or something else that happens at its place between two of them.
Item = Event | Callable[[], None]


class Delivery:
    """A queue that one task at a time drains. delivered: the number of the last event that was
    fanned out, or is being.
    """

    __slots__ = ("_broadcast", "_listeners", "_queue", "_room", "delivered", "draining", "ending")

    def __init__(self, room: Room, listeners: Listeners) -> None:
        self._room = room
        self._listeners = listeners
        self._queue: list[Item] = []
        self._broadcast: Broadcast | None = None
        self.delivered = 0
        self.draining = False
        self.ending: list[Subscription] = []  # left, but for what was before

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to drain."""
        return not self._queue and self._broadcast is None

    @property
    def is_full(self) -> bool:
        """Whether the room's actor shall wait."""
        return len(self._queue) > MOST

    def append(self, item: Item) -> None:
        """Behind all others."""
        self._queue.append(item)

    async def drain(self) -> None:
        """Fan out everything, until nothing waits. A task that is cancelled meanwhile leaves it to
        the next call to go on where it was.
        """
        began = trio.current_time()
        self.draining = True
        try:
            while not self.is_empty:
                self._broadcast = self._broadcast or self._next()
                if self._broadcast is not None:
                    with self._contained():
                        await self._broadcast.finish()
                    self._broadcast = None
                if self._queue and trio.current_time() - began > LONGEST:
                    await trio.lowlevel.checkpoint()
                    began = trio.current_time()
        finally:
            self.draining = False

    def _next(self) -> Broadcast | None:
        """The next events as one batch, of which the first have it already; None where something
        else had its turn.
        """
        events: list[Event] = []
        for item in self._queue:
            if callable(item):
                break
            events.append(item)
            # Nothing comes between the frames of who is named by a message.
            if len(events) == TOGETHER or (isinstance(item, Said | Edited) and item.notified):
                break
        if not events:
            marker = self._queue.pop(0)
            assert callable(marker)
            with self._contained():
                marker()
            return None
        del self._queue[: len(events)]
        return self._begun(events)

    def _begun(self, events: Sequence[Event]) -> Broadcast | None:
        """From here on whoever is told from the log is told these, too."""
        for event in reversed(events):
            if isinstance(event, Numbered):
                self.delivered = event.seq
                break
        audience = self._listeners.audiences.of(self._room.id)
        broadcast = Broadcast(self._listeners.encoder, self._listeners.connections, self.ending)
        with self._contained():
            broadcast.begin(self._room, events, audience)
            if audience is not None:
                audience.catch_up(self.delivered)
        return broadcast

    @contextmanager
    def _contained(self) -> Iterator[None]:
        """A fault over one of many costs the others nothing."""
        try:
            yield
        except Exception:
            _log.exception("room %d: a step of its feed failed", self._room.id)

    def pass_over(self, number: int) -> None:
        """An event of which nothing is left to tell."""
        self.delivered = number
        audience = self._listeners.audiences.of(self._room.id)
        if audience is not None:
            audience.catch_up(number)
