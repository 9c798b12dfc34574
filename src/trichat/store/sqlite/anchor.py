"""Whether a database still lies where it was opened.

SQLite goes on with the files that it has open when they are deleted, or when others are put in
their place: what it stores then is gone with the process.
"""

import os
from pathlib import Path

from trichat.store.port import Fault, StoreError


class Anchor:
    """Of the database and its log as they are now."""

    def __init__(self, database: Path) -> None:
        files = (str(database), f"{database}-wal")
        self._opened = {file: found for file in files if (found := _identity(file)) is not None}

    def hold(self) -> None:
        """Raises StoreError unless each of them is there."""
        for file, opened in self._opened.items():
            if _identity(file) != opened:
                raise StoreError(f"{file} is not the file that was opened", Fault.GONE)


def _identity(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino
