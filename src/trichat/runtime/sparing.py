"""Log lines that strangers can cause: so many in a minute, and how many were left out."""

import logging

import trio

from trichat.core.quota import SlidingWindow

MAX_LINES, SPAN = 100, 60.0  # lines in so many seconds


class SparingLog:
    """A logger for what anybody may bring about as often as they like. Metrics count all of it."""

    def __init__(self, log: logging.Logger, most: int = MAX_LINES) -> None:
        self._log = log
        self._window = SlidingWindow(most, SPAN)
        self._left_out = 0

    def info(self, what: str, why: object) -> None:
        """Log one line, unless there were too many; the next one says how many are missing."""
        if self._window.take(None, trio.current_time()) is not None:
            self._left_out += 1
            return
        left_out, self._left_out = self._left_out, 0
        more = f" ({left_out} lines like this were left out)" if left_out else ""
        self._log.info("%s: %s%s", what, why, more)
