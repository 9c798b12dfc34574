"""Whether a database still lies where it was opened.

SQLite goes on with the files that it has open when they are deleted, or when others are put in
their place: what it stores then is gone with the process.

Their directory is looked at in place of the files: what comes, goes or changes its name there
changes its time. To look at the log itself for each commit may cost a write of the disk: Linux
gives a file whose times were asked for new ones with the next write, and on an ext4 without a
journal each sync writes those too.
"""

import os
import time
from pathlib import Path

from trichat.store.health import Fault, StoreError

# Nanoseconds: the coarsest steps in which a file system counts time are FAT's, two seconds.
# Two changes within one step look like one.
COARSEST_STEP = 2_000_000_000


class FileIdentity:
    """Of the database and its log as they are now."""

    def __init__(self, database: Path) -> None:
        files = (str(database), f"{database}-wal")
        self._opened = {file: found for file in files if (found := _identity(file)) is not None}
        self._place = str(database.parent)
        self._tells = not database.is_symlink()  # else what happens, happens elsewhere
        self._unchanged: tuple[int, ...] | None = None

    def check(self) -> None:
        """Raises StoreError unless each of them is there."""
        place = _state(self._place)
        if place is not None and place == self._unchanged:
            return
        for file, opened in self._opened.items():
            if _identity(file) != opened:
                self._unchanged = None
                raise StoreError(f"{file} is not the file that was opened", Fault.GONE)
        self._unchanged = place if self._tells and _has_settled(place) else None


def _identity(file: str) -> tuple[int, int] | None:
    state = _state(file)
    return None if state is None else state[:2]


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _has_settled(place: tuple[int, int, int] | None) -> bool:
    """Whether a change from now on is sure to give it another time."""
    return place is not None and time.time_ns() - place[-1] > COARSEST_STEP
