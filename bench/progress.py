"""Lines that tell how far it is: long work shows where it stands and when it will end."""

import sys
import time
from types import TracebackType


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


class Bar:
    """A bar of one piece of work, on a terminal; elsewhere a line every few seconds."""

    WIDTH = 30
    EVERY = 5.0

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = max(total, 1)
        self._done = 0
        self._begin = time.monotonic()
        self._shown = self._begin

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)

    def advance(self, steps: int) -> None:
        """So many more are done."""
        self._done += steps
        at = time.monotonic()
        if sys.stderr.isatty():
            print(f"\r{self._line(at)}", end="", file=sys.stderr, flush=True)
        elif at - self._shown > self.EVERY:
            self._shown = at
            print(self._line(at), file=sys.stderr, flush=True)

    def _line(self, at: float) -> str:
        share = min(self._done / self._total, 1)
        filled = "#" * round(share * self.WIDTH)
        left = (at - self._begin) * (1 - share) / share if share else 0
        return f"{self._title} [{filled:<{self.WIDTH}}] {share:4.0%}, {clock(left)} left"


class Course:
    """The whole run: a line for each thing that was measured, with the time that is left."""

    def __init__(self, steps: float) -> None:
        self._steps = steps
        self._done = 0.0
        self._begin = time.monotonic()

    def say(self, line: str) -> None:
        """A line beside the course."""
        print(line, file=sys.stderr, flush=True)

    def step(self, line: str, steps: float = 1) -> None:
        """So much of it is done."""
        self._done += steps
        share = min(self._done / self._steps, 1) if self._steps else 1
        spent = time.monotonic() - self._begin
        left = spent * (1 - share) / share if share else 0
        self.say(f"[{share:4.0%}, {clock(spent)} spent, {clock(left)} left] {line}")
