"""So many, or so much, in so long: sliding windows per key, without a clock of their own."""

from collections import deque
from collections.abc import Hashable


class SlidingWindow:
    """At most `limit` takings per key within `span` seconds; 0 is no limit (lobby-13)."""

    def __init__(self, limit: int, span: float) -> None:
        self.limit = limit
        self.span = span
        self._taken: dict[Hashable, deque[float]] = {}

    def take(self, key: Hashable, now: float) -> float | None:
        """Take one: None when it was free, else the seconds until the next one is."""
        if not self.limit:
            return None
        taken = self._taken.get(key)
        if taken is None:
            self._forget(now)
            taken = deque()
        while taken and taken[0] <= now - self.span:
            taken.popleft()
        if len(taken) >= self.limit:
            return taken[0] + self.span - now
        taken.append(now)
        self._taken.pop(key, None)
        self._taken[key] = taken  # at the end: the longest silent stand first
        return None

    def give_back(self, key: Hashable) -> None:
        """The last taking did not count: only accepted sends do."""
        taken = self._taken.get(key)
        if taken:
            taken.pop()

    def _forget(self, now: float) -> None:
        """Drop a few of the longest silent, so that the table is bounded by who is active."""
        for key in list(self._taken)[:4]:
            taken = self._taken[key]
            if not taken or taken[-1] <= now - self.span:
                del self._taken[key]


class SlidingSum:
    """At most `limit` of an amount per key within `span` seconds; 0 is no limit (all-25). What is
    taken within one `grain` of seconds is kept as one, so a key costs a bounded number of them.
    """

    def __init__(self, limit: int, span: float, grain: float = 1.0) -> None:
        self.limit = limit
        self.span = span
        self._grain = grain
        self._taken: dict[Hashable, deque[tuple[float, int]]] = {}
        self._sums: dict[Hashable, int] = {}

    def take(self, key: Hashable, amount: int, now: float) -> float | None:
        """Take so much: None when it was free, else the seconds until it is. More than the limit
        is never free, and told the whole span.
        """
        if not self.limit:
            return None
        if key not in self._taken:
            self._forget(now)
        taken = self._taken.pop(key, None) or deque()
        self._taken[key] = taken  # at the end: the longest silent stand first
        total = self._sums.get(key, 0)
        while taken and taken[0][0] <= now - self.span:
            total -= taken.popleft()[1]
        self._sums[key] = total
        if total + amount > self.limit:
            return self._wait(taken, total + amount - self.limit, now)
        if taken and now - taken[-1][0] < self._grain:
            began, before = taken.pop()
            taken.append((began, before + amount))
        else:
            taken.append((now, amount))
        self._sums[key] = total + amount
        return None

    def give_back(self, key: Hashable, amount: int) -> None:
        """So much of the latest takings did not count."""
        taken = self._taken.get(key)
        while taken and amount:
            when, last = taken.pop()
            back = min(last, amount)
            amount -= back
            self._sums[key] -= back
            if back < last:
                taken.append((when, last - back))

    def _wait(self, taken: deque[tuple[float, int]], lacking: int, now: float) -> float:
        for when, amount in taken:
            lacking -= amount
            if lacking <= 0:
                return when + self.span - now
        return self.span

    def _forget(self, now: float) -> None:
        for key in list(self._taken)[:4]:
            taken = self._taken[key]
            if not taken or taken[-1][0] <= now - self.span:
                del self._taken[key]
                self._sums.pop(key, None)
