"""What has been taken in of one room's stream and is not fanned out yet, in order."""

import logging
from collections import deque
from collections.abc import Callable, Sequence

import trio
from attrs import frozen

from trichat.core.events import Edited, Event, Numbered, Said
from trichat.core.model import Room
from trichat.runtime.audience import Audiences
from trichat.runtime.broadcast import Broadcast
from trichat.runtime.connections import Connections
from trichat.runtime.encoding import Encoder
from trichat.runtime.fanout import YIELD_AFTER
from trichat.runtime.subscription import Subscription

_log = logging.getLogger(__name__)

EVENTS_PER_BATCH = 64  # events fanned out as one batch, at most
MAX_WAITING = 1024  # items that may wait before the room's actor does


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

    __slots__ = (
        "_broadcast", "_listeners", "_queue", "_room", "append", "delivered", "draining", "ending",
    )  # fmt: skip

    def __init__(self, room: Room, listeners: Listeners) -> None:
        self._room = room
        self._listeners = listeners
        self._queue: deque[Item] = deque()
        self.append = self._queue.append  # an item behind all others
        self._broadcast: Broadcast | None = None
        self.delivered = 0
        self.draining = False
        self.ending: list[Subscription] = []  # ended, but for events before

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to drain."""
        return not self._queue and self._broadcast is None

    @property
    def is_full(self) -> bool:
        """Whether the room's actor shall wait."""
        return len(self._queue) > MAX_WAITING

    async def drain(self) -> None:
        """Fan out everything, until nothing waits. A task that is cancelled meanwhile leaves it to
        the next call to go on where it was.
        """
        queue = self._queue
        self.draining = True
        began: float | None = None
        try:
            while queue or self._broadcast is not None:
                if self._broadcast is None:
                    self._begin_next(queue.popleft())
                if self._broadcast is not None:
                    await self._finish(self._broadcast)
                if len(queue) > 1:
                    began = await _yield_now_and_then(began)
        finally:
            self.draining = False

    async def _finish(self, broadcast: Broadcast) -> None:
        try:
            await broadcast.finish()
        except Exception:
            self._log("some were not given what happened")
        self._broadcast = None

    def _begin_next(self, item: Item) -> None:
        """This one, and the next events with it as one batch, of which the first have it already;
        or what else had its turn.
        """
        if callable(item):
            try:
                item()
            except Exception:
                self._log("what stood between two events failed")
            return
        events: list[Event] = [item]
        queue = self._queue
        # Nothing comes between the frames of who is named by a message.
        while queue and not (isinstance(item, (Said, Edited)) and item.notified):
            following = queue[0]
            if len(events) == EVENTS_PER_BATCH or callable(following):
                break
            events.append(following)
            item = queue.popleft()
        self._begin(events)

    def _begin(self, events: Sequence[Event]) -> None:
        """From here on a replay from the log includes these, too."""
        for event in reversed(events):
            if isinstance(event, Numbered):
                self.delivered = event.seq
                break
        listeners = self._listeners
        audience = listeners.audiences.of(self._room.id)
        broadcast = Broadcast(listeners.encoder, listeners.connections, self.ending)
        try:
            broadcast.begin(self._room, events, audience)
            if audience is not None:
                audience.catch_up(self.delivered)
        except Exception:
            self._log("some were not given what happened")
        if not broadcast.done:
            self._broadcast = broadcast

    def _log(self, what: str) -> None:
        """In an exception's handler: a fault over one of many costs the others nothing."""
        _log.exception("room %d: %s", self._room.id, what)

    def pass_over(self, number: int) -> None:
        """An event of which nothing is left to deliver."""
        self.delivered = number
        audience = self._listeners.audiences.of(self._room.id)
        if audience is not None:
            audience.catch_up(number)


async def _yield_now_and_then(began: float | None) -> float:
    """Let others have their turn after YIELD_AFTER seconds. When the time began."""
    now = trio.current_time()
    if began is None or now - began <= YIELD_AFTER:
        return now if began is None else began
    await trio.lowlevel.checkpoint()
    return trio.current_time()
