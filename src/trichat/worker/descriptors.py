"""The fault: somebody who holds enough connections takes the last descriptors of the process.

Then nobody is answered, nothing is backed up, and the log fills with tracebacks. The cure: the soft
limit of open files is raised to the hard one, and the last ones below it are kept for what the
server opens itself. A connection that gets one of these is refused at once.
"""

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import trio

from trichat.logevents import LogEvent, log_event

# Descriptors for files and for connections that are being refused; of a low limit an eighth.
SPARE = 64

# Seconds without a refusal after which a shortage is over.
CALM = 10.0

_log = logging.getLogger(__name__)


class Descriptors:
    """The descriptors of this process. limit: how many it may have open at once."""

    def __init__(self) -> None:
        self._refused = 0
        self._began = self._latest = 0.0
        self._held: int | None = None
        self.limit_to(resource.getrlimit(resource.RLIMIT_NOFILE)[0])

    def limit_to(self, limit: int) -> None:
        """Set the limit to what the system has; a negative number is no limit."""
        self.limit = limit
        self.spare = 0 if limit < 0 else min(SPARE, limit // 8)
        self._first_spare = limit - self.spare

    def takes(self, descriptor: int) -> bool:
        """Return whether a connection may have this descriptor.

        The kernel gives the lowest that is free. If the connection may not have it, it is counted
        as refused.
        """
        if descriptor >= self._first_spare >= 0:
            self.refuse()
            return False
        if self._refused and trio.current_time() - self._latest >= CALM:
            self._end()
        return True

    def refuse(self) -> None:
        """Count a connection that is refused for want of descriptors; log one in a while."""
        self._latest = trio.current_time()
        if not self._refused:
            self._began = self._latest
            log_event(LogEvent.DESCRIPTORS_SHORT, level=logging.WARNING, limit=self.limit)
        self._refused += 1

    def _end(self) -> None:
        seconds = round(self._latest - self._began, 3)
        log_event(LogEvent.DESCRIPTORS_FREE, refused=self._refused, seconds=seconds)
        self._refused = 0

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Free a descriptor that is held in reserve for a moment, to refuse a connection with."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
        try:
            yield
        finally:
            self.hold()

    def hold(self) -> None:
        """Hold a descriptor in reserve, if there is one left."""
        if self._held is None:
            with suppress(OSError):
                self._held = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


PROCESS: Final = Descriptors()


def settle(connections: int) -> None:
    """Take what the system grants, and log if it is less than `connections` need.

    It is called once in a process, when the process knows its settings.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    PROCESS.limit_to(soft)
    PROCESS.hold()
    room = soft - SPARE
    if soft >= 0 and room < connections:
        _log.warning(
            "limits.connections is %d, but the system lets this process open %d files (ulimit -n, "
            "LimitNOFILE of systemd): about %d connections are taken, others are refused",
            connections, soft, max(0, soft - PROCESS.spare),
        )  # fmt: skip
