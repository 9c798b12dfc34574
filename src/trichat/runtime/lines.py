"""Who waits for something scarce stands in a line for each address; the lines take turns.

A FairLimiter (auth/fairlimiter.py) takes turns as well, and skips sources that run all they may;
nobody loses a place there. Both at once would be longer than the two.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Lines(Generic[T]):
    """share: of one line, how many go before it is the next line's turn. Up to so many of a line
    keep their places whoever comes; those beyond it may lose them to others.

    Whatever is asked of it takes the same time, however many wait.
    """

    def __init__(self, share: int) -> None:
        self._share = share
        self._lines: OrderedDict[Hashable, OrderedDict[T, None]] = OrderedDict()  # by turn
        self._long: OrderedDict[Hashable, None] = OrderedDict()  # those beyond their share
        self._gone = 0  # of the first line, since it was its turn
        self._size = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._size

    def join(self, line: Hashable, one: T) -> None:
        """Wait behind the others of the line, which is the last one if it begins with this."""
        waiting = self._lines.setdefault(line, OrderedDict())
        waiting[one] = None
        self._size += 1
        if len(waiting) == self._share + 1:
            self._long[line] = None

    def leave(self, line: Hashable, one: T) -> None:
        """Wait no more. Who does not wait may leave, too."""
        waiting = self._lines.get(line)
        if waiting is not None and one in waiting:
            del waiting[one]
            self._left(line, waiting)

    def next(self) -> T:
        """Whose turn it is; they wait no more. Somebody must be waiting."""
        line, waiting = next(iter(self._lines.items()))
        one, _ = waiting.popitem(last=False)
        self._gone += 1
        is_over = self._gone == self._share
        self._left(line, waiting)
        if is_over and waiting:
            self._lines.move_to_end(line)
            self._gone = 0
        return one

    def give_way(self, line: Hashable) -> T | None:
        """The last one of a line that is beyond its share loses the place to who comes to this
        line, if this is not; None where nobody has to.
        """
        if not self._long or len(self._lines.get(line, ())) >= self._share:
            return None
        longer = next(iter(self._long))
        waiting = self._lines[longer]
        one, _ = waiting.popitem()
        self._left(longer, waiting)
        return one

    def _left(self, line: Hashable, waiting: OrderedDict[T, None]) -> None:
        self._size -= 1
        if len(waiting) == self._share:
            del self._long[line]
        if not waiting:
            if next(iter(self._lines)) == line:
                self._gone = 0
            del self._lines[line]
