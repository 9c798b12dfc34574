"""A sliding window per key bounds how many, or how much, in so long.

It has no clock of its own.
"""

from collections import deque
from collections.abc import Hashable
from typing import Final

from attrs import define, field

FORGOTTEN: Final = 4  # keys that are looked at for each new one


@define
class _Taken:
    """What was taken in the name of one key: when and how much, oldest first, and the sum."""

    entries: deque[tuple[float, int]] = field(factory=deque)
    total: int = 0


class SlidingWindow:
    """At most `limit` per key is taken within `span` seconds; 0 is no limit (lobby-13, all-25).

    What is taken within one `grain` of seconds is kept as one entry, so that a key costs a bounded
    number of them where amounts are small and the limit is large.
    """

    def __init__(self, limit: int, span: float, *, grain: float = 0.0) -> None:
        self.limit = limit
        self.span = span
        self._grain = grain
        self._keys: dict[Hashable, _Taken] = {}  # the longest silent come first

    def __len__(self) -> int:
        """How many keys are remembered: those that were active within the last spans."""
        return len(self._keys)

    def take(self, key: Hashable, now: float, amount: int = 1) -> float | None:
        """Take so much: None when it was free, else the seconds until it is.

        More than the limit is never free, and the wait is the whole span.
        """
        if not self.limit:
            return None
        if key not in self._keys:
            self._forget(now)
        taken = self._keys.pop(key, None) or _Taken()
        self._keys[key] = taken
        entries = taken.entries
        while entries and entries[0][0] <= now - self.span:
            taken.total -= entries.popleft()[1]
        if taken.total + amount > self.limit:
            return self._wait(taken, amount, now)
        taken.total += amount
        if entries and now - entries[-1][0] < self._grain:
            began, before = entries.pop()
            entries.append((began, before + amount))
        else:
            entries.append((now, amount))
        return None

    def give_back(self, key: Hashable, amount: int = 1) -> None:
        """Count so much of the latest takings no more: only accepted sends do."""
        taken = self._keys.get(key)
        while taken and taken.entries and amount:
            when, last = taken.entries.pop()
            back = min(last, amount)
            amount -= back
            taken.total -= back
            if back < last:
                taken.entries.append((when, last - back))

    def _wait(self, taken: _Taken, amount: int, now: float) -> float:
        lacking = taken.total + amount - self.limit
        for when, before in taken.entries:
            lacking -= before
            if lacking <= 0:
                return when + self.span - now
        return self.span

    def _forget(self, now: float) -> None:
        """Drop a few of the longest silent, so that the table is bounded by who is active."""
        for key in list(self._keys)[:FORGOTTEN]:
            entries = self._keys[key].entries
            if not entries or entries[-1][0] <= now - self.span:
                del self._keys[key]
