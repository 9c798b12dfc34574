"""When the last backup was made, as the command that makes them leaves it in the data directory."""

import time
from pathlib import Path
from typing import Final

from trichat.store.atomicfile import atomic_file

FILE_NAME: Final = "last-backup"
_LONGEST: Final = 32


def note_backup(data: Path) -> None:
    """A backup is complete now. Raises OSError or ExistsError."""
    path = data / FILE_NAME
    with atomic_file(path, replace=True, ours=True) as part:
        part.write_text(f"{time.time():.0f}\n")


def last_backup(data: Path) -> float | None:
    """Seconds since the epoch, or None where none is known of."""
    try:
        with (data / FILE_NAME).open(encoding="ascii") as file:
            return float(file.read(_LONGEST))
    except (OSError, ValueError):
        return None
