"""Rounds of Trio's event loop: what happened in which."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import trio
from attrs import define, field


@define(eq=False)
class Rounds(trio.abc.Instrument):
    """in_each: how often happened() was called in each round in which it was."""

    number: int = 0
    in_each: Counter[int] = field(factory=Counter)

    def before_io_wait(self, timeout: float) -> None:
        self.number += 1

    def happened(self) -> None:
        """Now."""
        self.in_each[self.number] += 1

    @property
    def most(self) -> int:
        """The most that happened in one round."""
        return max(self.in_each.values())


@contextmanager
def rounds() -> Iterator[Rounds]:
    """Count from here on."""
    counting = Rounds()
    trio.lowlevel.add_instrument(counting)
    try:
        yield counting
    finally:
        trio.lowlevel.remove_instrument(counting)
