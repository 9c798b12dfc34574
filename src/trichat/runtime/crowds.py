"""How many come from one address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from trichat.settings.addresses import NOBODY


class Crowds:
    """Open connections by address."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, address: str, most: int) -> Iterator[bool]:
        """A connection while it lasts: whether it is within the bound. 0 is any number."""
        if not most or address == NOBODY:
            yield True
            return
        self._open[address] += 1
        try:
            yield self._open[address] <= most
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
