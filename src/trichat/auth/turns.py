"""Who is next where little can be done at once: sources take turns, however much each asks for.

A source is whatever shares are counted by, such as the address that a request came from.
"""

from collections import OrderedDict, deque
from typing import Final

import trio
from attrs import frozen

ANYBODY: Final = ""  # the source of what nobody is known to have sent: it has no share of its own


class FullError(Exception):
    """There is no place to wait in. of_source: whether the source has used up its share."""

    def __init__(self, *, of_source: bool) -> None:
        super().__init__("no place is left")
        self.of_source = of_source


class FairLimiter:
    """At most `limit` run at once, at most `places` others wait, and at most `share` of one source.

    Of those who wait, each source that has any is served in turn, its own in their order. `share` 0
    is no bound.
    """

    def __init__(self, limit: int, *, places: int, share: int) -> None:
        self.limit = limit
        self._places = places
        self._share = share
        self._free = limit
        self._waiting: OrderedDict[str, deque[trio.Event]] = OrderedDict()  # in order of turns
        self.waiting = 0

    @property
    def running(self) -> int:
        """How many hold a place now."""
        return self.limit - self._free

    def admit(self, source: str) -> "Turn":
        """Return a limiter for one call of trio.to_thread.run_sync. Raises FullError."""
        if not self._free:
            share = 0 if source == ANYBODY else self._share
            if share and len(self._waiting.get(source, ())) >= share:
                raise FullError(of_source=True)
            if self.waiting >= self._places:
                raise FullError(of_source=False)
        return Turn(self, source)

    async def acquire(self, source: str) -> None:
        """Wait for a place."""
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._free:  # nobody waits then
            self._free -= 1
            await trio.lowlevel.cancel_shielded_checkpoint()
            return
        event = trio.Event()
        self._waiting.setdefault(source, deque()).append(event)
        self.waiting += 1
        try:
            await event.wait()  # an event that is set is not cancelled any more
        except trio.Cancelled:
            self._leave(source, event)
            raise

    def release(self) -> None:
        """Hand the place to whoever is next."""
        if not self._waiting:
            self._free += 1
            return
        source, events = next(iter(self._waiting.items()))
        event = events[0]
        self._leave(source, event)
        if events:
            self._waiting.move_to_end(source)
        event.set()

    def _leave(self, source: str, event: trio.Event) -> None:
        events = self._waiting[source]
        events.remove(event)
        self.waiting -= 1
        if not events:
            del self._waiting[source]


@frozen(eq=False)
class Turn:
    """One call's place, in the form that Trio's threads ask for: it is given back when the thread
    ends, though whoever waited for it may have gone.
    """

    limiter: FairLimiter
    source: str

    async def acquire_on_behalf_of(self, borrower: object) -> None:
        """Wait for it."""
        await self.limiter.acquire(self.source)

    def release_on_behalf_of(self, borrower: object) -> None:
        """Give it back."""
        self.limiter.release()
