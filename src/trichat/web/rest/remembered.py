"""Attempts that were refused are remembered for a while, so that a repeat of one costs nothing.

A client repeats a refused call (the web client three times, channels-rest 10): so many repeats are
answered as the first was, more have to wait.
"""

from collections import OrderedDict
from typing import Final

import trio
from attrs import define

REPEATS: Final = 3
MAX_REMEMBERED: Final = 65_536  # attempts that are remembered: some 20 MiB; the oldest go first


@define
class _Refused:
    at: float
    repeats: int = 0


class Remembered:
    """Keeps refused attempts, each for `window` seconds.

    A key is a digest of all that the refusal depends on: when a part of it changes, a password for
    instance, it is another attempt.
    """

    def __init__(self, window: float, most: int = MAX_REMEMBERED) -> None:
        self._window = window
        self._most = most
        self._refused: OrderedDict[bytes, _Refused] = OrderedDict()  # in order of their times

    def __len__(self) -> int:
        return len(self._refused)

    def add(self, key: bytes) -> None:
        """Remember that it was refused."""
        self._forget(self._most - 1)
        self._refused.setdefault(key, _Refused(trio.current_time()))

    def repeat(self, key: bytes) -> float | None:
        """Look whether an attempt may be made (again).

        Returns None if it is not known to be refused; 0 if it is, and is answered so; else the
        seconds until it may be made again.
        """
        self._forget(self._most)
        refused = self._refused.get(key)
        if refused is None:
            return None
        if refused.repeats < REPEATS:
            refused.repeats += 1
            return 0
        return refused.at + self._window - trio.current_time()

    def _forget(self, most: int) -> None:
        end = trio.current_time() - self._window
        while self._refused:
            oldest = next(iter(self._refused.values()))
            if oldest.at > end and len(self._refused) <= most:
                return
            self._refused.popitem(last=False)
