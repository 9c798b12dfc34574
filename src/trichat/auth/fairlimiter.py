"""Where little can be done at once, sources take turns, however much each asks for.

A source is whatever shares are counted by, such as the address that a request came from.
"""

from collections import Counter, OrderedDict, deque
from typing import Final

import trio
from attrs import frozen

ANYBODY: Final = ""  # the source of what nobody is known to have sent: it has no share of its own


class FullError(Exception):
    """There is no place to wait in.

    of_source: whether the source has used up its share.
    """

    def __init__(self, *, of_source: bool) -> None:
        super().__init__("no place is left")
        self.of_source = of_source


class FairLimiter:
    """Lets at most `limit` run at once, and of one source one less: others always find a place.

    At most `places` others wait, and at most `share` of one source; 0 is no bound. Of those who
    wait, each source that has any is served in turn, its own in their order.
    """

    def __init__(self, limit: int, *, places: int, share: int) -> None:
        self.limit = limit
        self.waiting = 0
        self._most_of_one = max(1, limit - 1)
        self._places = places
        self._share = share
        self._running: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[trio.Event]] = OrderedDict()  # in order of turns

    @property
    def running(self) -> int:
        """How many calls hold a place now."""
        return self._running.total()

    def admit(self, source: str) -> "Turn":
        """Return a limiter for one call of trio.to_thread.run_sync. Raises FullError."""
        if not self._may_run(source):
            share = 0 if source == ANYBODY else self._share
            if share and len(self._waiting.get(source, ())) >= share:
                raise FullError(of_source=True)
            if self.waiting >= self._places:
                raise FullError(of_source=False)
        return Turn(self, source)

    async def acquire(self, source: str) -> None:
        """Wait for a place."""
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._may_run(source):  # then nobody is waiting who might run instead
            self._running[source] += 1
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

    def release(self, source: str) -> None:
        """Give back a place of this source, to whoever is next."""
        self._running[source] -= 1
        if not self._running[source]:
            del self._running[source]
        following = next(filter(self._may_run, self._waiting), None)
        if following is None:
            return
        self._running[following] += 1
        event = self._waiting[following][0]
        self._leave(following, event)
        if following in self._waiting:
            self._waiting.move_to_end(following)
        event.set()

    def _may_run(self, source: str) -> bool:
        most = self.limit if source == ANYBODY else self._most_of_one
        return self.running < self.limit and self._running[source] < most

    def _leave(self, source: str, event: trio.Event) -> None:
        events = self._waiting[source]
        events.remove(event)
        self.waiting -= 1
        if not events:
            del self._waiting[source]


@frozen(eq=False)
class Turn:
    """One call's place, in the form that Trio's threads ask for.

    It is given back when the thread ends, though whoever waited for it may have gone.
    """

    limiter: FairLimiter
    source: str

    async def acquire_on_behalf_of(self, borrower: object) -> None:
        """Wait for the place."""
        await self.limiter.acquire(self.source)

    def release_on_behalf_of(self, borrower: object) -> None:
        """Give the place back."""
        self.limiter.release(self.source)
