"""The fault: a task that waits under a shield holds the shutdown for ever.

A write that the disk never answers is such a wait (docs/adr/0004), and closing the database may
hold the event loop itself. The cure is a thread that ends the process when its time is up. Nothing
is lost by it: what was acknowledged is on disk.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from math import inf

_log = logging.getLogger(__name__)

# Seconds beyond the grace for what is shielded then: close frames, the last commit.
BEYOND = 5.0

EXIT_CODE = 1

LAST_LINES = 1.0  # seconds for the last lines of the log, which may have no reader


class Watchdog:
    """Ends the process when its time is up.

    unfinished: says what it was that did not end, in words.
    """

    def __init__(self, unfinished: Callable[[], str]) -> None:
        self._unfinished = unfinished
        self._at = inf
        self._timer: threading.Timer | None = None

    def within(self, seconds: float, why: str) -> None:
        """End the process in so many seconds, unless off() comes first; the earliest time counts.

        why: what was asked of it, for the log.
        """
        at = time.monotonic() + seconds
        if at >= self._at:
            return
        self.off()
        self._at = at
        self._timer = threading.Timer(seconds, self._end, (seconds, why))
        self._timer.daemon = True
        self._timer.start()

    def off(self) -> None:
        """Call it off: the process has ended in order."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._at = None, inf

    def _end(self, seconds: float, why: str) -> None:
        """End the process, in a thread that waits for nothing.

        Another thread writes the log, as far as it comes.
        """
        try:
            writer = threading.Thread(target=self._log_the_end, args=(seconds, why), daemon=True)
            writer.start()
            writer.join(LAST_LINES)
        finally:
            os._exit(EXIT_CODE)

    def _log_the_end(self, seconds: float, why: str) -> None:
        _log.critical(
            "ended by force %g s after %s; not waited for: %s", seconds, why, self._unfinished()
        )
        for handler in logging.getLogger().handlers:
            handler.flush()
