"""A reserve of free disk: below it no message is taken, so that everything else can go on.

A full disk fails whatever is written: logins, deletions, the reading of a room that needs a
temporary file. The reserve is kept for those.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import trio

from trichat.logevents import LogEvent, log_event

_log = logging.getLogger(__name__)

# Seconds between two looks at the disk: as many as it would take to come to the reserve at this
# speed, in bytes a second, but no fewer and no more than these.
SPEED = 256 * 1024 * 1024
LOOK_EVERY, AT_MOST = 1.0, 10.0
AGAIN = 16  # so many parts of the reserve; one more has to be free for sends to be taken again


def free_bytes(place: Path) -> int:
    """The bytes that this process may still write there. Raises OSError."""
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize


class Reserve:
    """Of the disk that holds this directory. least: bytes to keep free; 0 for none.

    short: whether less was free at the last look. free: what was, None before the first.
    """

    def __init__(
        self, place: Path, least: int, *, measure: Callable[[Path], int] = free_bytes
    ) -> None:
        self._place = place
        self._least = least
        self._measure = measure
        self._blind = False
        self.short = False
        self.free: int | None = None

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Look for ever; started after the first look."""
        if not self._least:
            task_status.started()
            return
        await self._look()
        task_status.started()
        while True:
            await trio.sleep(self._while())
            await self._look()

    def _while(self) -> float:
        if self.free is None:
            return LOOK_EVERY
        return min(max(LOOK_EVERY, (self.free - self._least) / SPEED), AT_MOST)

    async def _look(self) -> None:
        try:
            # A disk that does not answer holds neither the loop nor the end of the server.
            free = await trio.to_thread.run_sync(self._measure, self._place, abandon_on_cancel=True)
        except Exception:  # nobody else watches over this task
            if not self._blind:
                _log.exception("the free space of the disk cannot be seen")
            self._blind = True
        else:
            self._blind = False
            self._judge(free)

    def _judge(self, free: int) -> None:
        """Between the two bounds nothing changes, so that a disk at the edge is no news twice."""
        self.free = free
        if not self.short and free < self._least:
            self.short = True
            log_event(LogEvent.RESERVE_REACHED, level=logging.ERROR, free=free, reserve=self._least)
        elif self.short and free >= self._least + self._least // AGAIN:
            self.short = False
            log_event(LogEvent.RESERVE_LEFT, level=logging.WARNING, free=free, reserve=self._least)
