"""What the simulated world does and when: plain functions on Trio's clock, run by one task.

Clients and the network are no tasks of their own: thousands of small deliveries would cost a
scheduling step each, and the server's tasks are what is under test.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random
from typing import Any

import trio


class Agenda:
    """grain: times fall on multiples of so many seconds, so that things happen at once."""

    def __init__(self, random: Random, grain: float) -> None:
        self._random = random
        self._grain = grain
        self._heap: list[tuple[float, float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._count = count()
        self._waiting = trio.CancelScope()

    @property
    def now(self) -> float:
        """Simulated seconds."""
        return trio.current_time()

    def after(self, seconds: float, do: Callable[..., object], *args: Any) -> None:
        """Do it then; what falls on the same moment is done in an order that the seed decides."""
        steps = round((self.now + seconds) / self._grain)
        at = max(self.now, steps * self._grain)
        heappush(self._heap, (at, self._random.random(), next(self._count), do, args))
        if at < self._waiting.deadline:
            self._waiting.deadline = at

    async def run(self) -> None:
        """For ever."""
        while True:
            while self._heap and self._heap[0][0] <= self.now:
                *_, do, args = heappop(self._heap)
                do(*args)
            self._waiting = trio.CancelScope(deadline=self._heap[0][0] if self._heap else inf)
            with self._waiting:
                await trio.sleep_forever()
