"""The order in which a room's events are taken in, whatever order they arrive in.

Events bear numbers without a gap. A source may deliver them late, twice, in another order, or not
at all; what is missing is read from the room's log.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

# What waits behind a gap at most: events, and bytes of them. Beyond that only the highest number is
# kept, and the log is read instead.
MOST_EVENTS, MOST_BYTES = 256, 1_048_576


class Ordering(Generic[T]):
    """Puts numbered items into order. An item is whatever stands for the event with a number.

    last: the number up to which everything has been taken in; None until `start` gives it.
    highest: the highest number that is known to be in the log.
    """

    __slots__ = ("_bytes", "_early", "highest", "last")

    def __init__(self) -> None:
        self.last: int | None = None
        self.highest = 0
        self._early: dict[int, tuple[T, int]] = {}
        self._bytes = 0

    @property
    def has_gap(self) -> bool:
        """Whether a number is missing below one that is known."""
        return self.last is not None and self.highest > self.last

    @property
    def is_even(self) -> bool:
        """Whether nothing waits."""
        return not self._early

    @property
    def is_full(self) -> bool:
        """Whether as much waits behind a gap as may."""
        return len(self._early) >= MOST_EVENTS or self._bytes >= MOST_BYTES

    def start(self, head: int) -> Sequence[T]:
        """Tell where the order begins, given the number of the log's last event: behind it, or
        before the first item that has arrived already. Returns the items whose turn has come; none
        if it had begun.
        """
        if self.last is not None:
            return ()
        self.highest = max(self.highest, head)
        self.last = min(head, min(self._early, default=head + 1) - 1)
        return self._next()

    def expect(self, head: int) -> None:
        """Note that the log has events up to this number."""
        self.highest = max(self.highest, head)

    def advance(self, number: int) -> bool:
        """Take in the next number where nothing waits: its item has its turn. Returns False, and
        does nothing, for any other.
        """
        if self.last is None or number != self.last + 1 or self._early:
            return False
        self.last = number
        if number > self.highest:
            self.highest = number
        return True

    def take(self, number: int, item: T, size: int, *, keep: bool) -> Sequence[T] | None:
        """Take an item in. Returns the items whose turn has come, this one among them or not; None
        if the number was taken in before, or waits already.

        size: bytes. keep: hold it behind a gap even where as much waits as may.
        """
        if number > self.highest:
            self.highest = number
        if self.last is not None and number <= self.last:
            return None
        if number in self._early:
            return None
        if keep or not self.is_full or number - 1 == self.last:
            self._early[number] = item, size
            self._bytes += size
        return self._next()

    def _next(self) -> Sequence[T]:
        if self.last is None:
            return ()
        following: list[T] = []
        for passed in [number for number in self._early if number <= self.last]:
            self._forget(passed)
        while self.last + 1 in self._early:
            self.last += 1
            following.append(self._forget(self.last))
        return following

    def _forget(self, number: int) -> T:
        item, size = self._early.pop(number)
        self._bytes -= size
        return item

    def waits(self, number: int) -> T | None:
        """The item that waits under this number."""
        early = self._early.get(number)
        return None if early is None else early[0]

    @property
    def newest(self) -> T | None:
        """The item that waits under the highest number, if any waits."""
        return self.waits(max(self._early)) if self._early else None

    def give_up(self) -> Sequence[T]:
        """Pass over what is missing. Returns the items that waited behind it, in order."""
        following = [self._early.pop(number)[0] for number in sorted(self._early)]
        self._bytes = 0
        self.last = self.highest
        return following

    def waiting(self) -> Sequence[T]:
        """The items that wait behind a gap, in order."""
        return [self._early[number][0] for number in sorted(self._early)]
