"""One task keeps the times of connections, rooms and typing: when each is next to be looked at."""

from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Protocol

import trio

_LOOKS_PER_YIELD = 64  # looked at before others have their turn


class Timed(Protocol):
    """What has times to keep."""

    def look(self, now: float) -> float:
        """Do what is due. When to look next, on Trio's clock; inf: never. Never raises."""


class Timer:
    """The place of one in the queue, until stop()."""

    __slots__ = ("_timed",)

    def __init__(self, timed: Timed) -> None:
        self._timed: Timed | None = timed

    def look(self, now: float) -> float:
        return inf if self._timed is None else self._timed.look(now)

    def stop(self) -> None:
        """It is not looked at any more, and not kept alive."""
        self._timed = None


class TimerQueue:
    """A stopped timer stays until its time, but costs no more than its place then."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Timer]] = []
        self._turn = count()
        self._sleep = trio.CancelScope()

    def begin(self, timed: Timed) -> Timer:
        """Look at it at its times from now on."""
        timer = Timer(timed)
        self._put(timer, timed.look(trio.current_time()))
        return timer

    def _put(self, timer: Timer, at: float) -> None:
        if at < inf:
            heappush(self._due, (at, next(self._turn), timer))
            self._sleep.deadline = min(self._sleep.deadline, at)

    async def run(self) -> None:
        """For ever."""
        while True:
            with trio.CancelScope(deadline=self._due[0][0] if self._due else inf) as self._sleep:
                await trio.sleep_forever()
            now = trio.current_time()
            looked = 0
            while self._due and self._due[0][0] <= now:
                timer = heappop(self._due)[2]
                self._put(timer, timer.look(now))
                looked += 1
                if not looked % _LOOKS_PER_YIELD:
                    await trio.lowlevel.checkpoint()
