"""Presence is made of the first one in and the last one out."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Edges(Generic[K]):
    """Counts per key, and says when a count leaves or reaches zero."""

    def __init__(self) -> None:
        self._counts: dict[K, int] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._counts

    def __len__(self) -> int:
        return len(self._counts)

    def arrive(self, key: K) -> bool:
        """Count one more; return True when it is the first."""
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        return count == 0

    def depart(self, key: K) -> bool:
        """Count one less; return True when it was the last. Departing without arriving is a
        KeyError.
        """
        count = self._counts.pop(key)
        if count > 1:
            self._counts[key] = count - 1
        return count == 1
