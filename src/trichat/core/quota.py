"""So many in so long: a sliding window per key, without a clock of its own."""

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
