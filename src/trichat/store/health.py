"""Whether the store works: whoever tries reports it, and it is logged once when that changes.

A disk that is full fails every write, and a damaged page every read of it; the log is to tell
that, not to be filled by it.
"""

import logging
import time
from collections.abc import Callable
from enum import Enum
from threading import Lock

from attrs import frozen

_log = logging.getLogger(__name__)

SAID_FOR = 60.0  # seconds in which the same kind of fault is not logged again


class Fault(Enum):
    """Why a store fails: the label of the metrics."""

    FULL = "full"
    IO = "io"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    READ_ONLY = "read_only"
    GONE = "gone"
    OTHER = "other"


_WORDS = {
    Fault.FULL: "there is no space left for it",
    Fault.IO: "its disk fails",
    Fault.LOCKED: "another process keeps it locked",
    Fault.CORRUPT: "it is damaged; stop the server and restore a backup",
    Fault.READ_ONLY: "it cannot be written to",
    Fault.GONE: "its file was taken away; put it back, or stop the server and restore a backup",
    Fault.OTHER: "for a reason of its own",
}


class StoreError(Exception):
    """The database failed. What was being written is there or not: commit_status() says."""

    def __init__(self, text: str, fault: Fault = Fault.OTHER) -> None:
        super().__init__(text)
        self.fault = fault


@frozen
class Probe:
    """A write that changes nothing, and goes to the disk all the same. Outcome: True."""


Observe = Callable[[str, Fault], object]


class StoreHealth:
    """fault: what keeps anything from being stored, at the last try. observe: called with "read" or
    "write" and every fault, from any thread.
    """

    def __init__(self, observe: Observe = lambda action, fault: None) -> None:
        self.fault: Fault | None = None
        self._observe = observe
        self._suspect = False
        self._said: dict[tuple[str, Fault], float] = {}
        self._since = 0.0
        self._failures = 0
        self._reported = False
        self._lock = Lock()

    @property
    def in_doubt(self) -> bool:
        """Whether something failed since something was last stored."""
        return self._suspect or self.fault is not None

    def cannot_read(self, error: StoreError) -> None:
        """A read failed. One damaged page is no reason to send nobody here."""
        self._suspect = True
        self._observe("read", error.fault)
        if self._is_news("read", error.fault):
            _log.error("the database cannot be read, %s: %s", _WORDS[error.fault], error)

    def cannot_write(self, error: Exception) -> None:
        """A transaction failed, whatever had become of it."""
        fault = error.fault if isinstance(error, StoreError) else Fault.OTHER
        if self.fault is None:
            self._since, self._failures = time.monotonic(), 0
        self.fault = fault
        self._failures += 1
        self._observe("write", fault)
        if self._is_news("write", fault):
            self._reported = True
            _log.error("nothing can be stored, %s: %s", _WORDS[fault], error)

    def stored(self) -> None:
        """A transaction succeeded."""
        if self.fault is not None and self._reported:
            seconds = time.monotonic() - self._since
            _log.warning(
                "storing goes on after %.1f seconds and %d failures", seconds, self._failures
            )
            self._reported = False
        self.fault, self._suspect = None, False

    def _is_news(self, action: str, fault: Fault) -> bool:
        with self._lock:  # readers have threads
            now = time.monotonic()
            before = self._said.get((action, fault))
            if before is not None and now < before + SAID_FOR:
                return False
            self._said[action, fault] = now
            return True
