"""What the simulated world does and when: plain functions, on a clock for Trio that runs them.

Clients and the network are no tasks of their own: thousands of small deliveries would cost a
scheduling step each, and the server's tasks are what is under test. MockClock would jump only
after a round of Trio's loop in which nothing happens, and would have to be slept on.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random
from typing import Any

import outcome
import trio

MOST_LOOKS = 100_000  # at the clock, at one moment


class Agenda(trio.abc.Clock):
    """Trio's clock too: it moves on when every task waits.

    grain: times fall on multiples of so many seconds, so that things happen at once. now: simulated
    seconds. still: called when tasks go round and round while no time passes.
    """

    def __init__(self, random: Random, grain: float) -> None:
        self.now = 0.0
        self.still: Callable[[], object] = lambda: None
        self._looks = 0
        self._random = random
        self._grain = grain
        self._heap: list[tuple[float, float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._count = count()
        self._doing = False
        self._parked: trio.lowlevel.Task | None = None

    def after(self, seconds: float, do: Callable[..., object], *args: Any) -> None:
        """Do it then; what falls on the same moment is done in an order that the seed decides."""
        steps = round((self.now + seconds) / self._grain)
        at = max(self.now, steps * self._grain)
        heappush(self._heap, (at, self._random.random(), next(self._count), do, args))
        if at <= self.now and not self._doing:
            self._wake()

    async def sleep(self, seconds: float) -> None:
        """To that very moment, whoever cancels it."""
        wake = trio.lowlevel.reschedule, (trio.lowlevel.current_task(),)
        heappush(self._heap, (self.now + seconds, self._random.random(), next(self._count), *wake))
        await trio.lowlevel.wait_task_rescheduled(lambda _: trio.lowlevel.Abort.FAILED)

    async def run(self) -> None:
        """For ever: what falls on the moment at which others are busy is done in turn with them."""
        while True:
            self._do_what_is_due()
            self._parked = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._leave)

    def _do_what_is_due(self) -> None:
        self._doing = True
        try:
            while self._heap and self._heap[0][0] <= self.now:
                *_, do, args = heappop(self._heap)
                do(*args)
        finally:
            self._doing = False

    def _leave(self, raise_cancel: object) -> trio.lowlevel.Abort:
        self._parked = None
        return trio.lowlevel.Abort.SUCCEEDED

    def _wake(self, error: Exception | None = None) -> None:
        if self._parked is not None:
            how = outcome.Value(None) if error is None else outcome.Error(error)
            trio.lowlevel.reschedule(self._parked, how)
            self._parked = None

    # -- for Trio

    def start_clock(self) -> None:
        pass

    def current_time(self) -> float:
        self._looks += 1  # Trio's loop looks once a round
        if self._looks == MOST_LOOKS:
            self.still()
        return self.now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Nobody has anything left to do: it is the next moment."""
        at = self._heap[0][0] if self._heap else inf
        if min(at, deadline) > self.now:
            self.now, self._looks = min(at, deadline), 0
        if at <= self.now:
            try:
                self._do_what_is_due()
            except Exception as error:
                if self._parked is None:
                    raise
                self._wake(error)
        return 0.0
