"""A bar on a terminal; nothing where standard error is no terminal."""

import sys
import time
from types import TracebackType

WIDTH = 30
EVERY = 0.1  # seconds between two looks of it


class Bar:
    """Shows how much of one piece of work is done, and ends its line when that is over."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = 0.0
        self._open = False
        self._on = sys.stderr.isatty()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:
            print(file=sys.stderr)

    def show(self, done: int, total: int) -> None:
        """So much is done, of so much."""
        now = time.monotonic()
        if not self._on or (now < self._shown + EVERY and done < total):
            return
        self._shown, self._open = now, True
        share = min(done / total, 1.0) if total else 1.0
        filled = "#" * round(share * WIDTH)
        line = f"\r{self._title} [{filled:<{WIDTH}}] {share:4.0%}"
        print(line, end="", file=sys.stderr, flush=True)
