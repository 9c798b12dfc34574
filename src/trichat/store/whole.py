"""Files that are there whole or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ExistsError(Exception):
    """There is something already, and nobody said that it is to be replaced."""


@contextmanager
def whole(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """The path of a part to write, its owner's alone. When the body has ended well it is synced and
    bears the name; when the body raises it is gone. What a crash left of it is written over.

    Raises ExistsError, before the body, when there is such a file, and OSError.
    """
    if not replace and path.exists():
        raise ExistsError(f"{path} exists")
    part = path.with_name(f"{path.name}.part")
    file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExistsError(f"{part} is being written by another process") from None
        try:
            os.fchmod(file, 0o600)
            os.ftruncate(file, 0)
            yield part
            os.fsync(file)
            _name(part, path, replace=replace)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    finally:
        os.close(file)


def _name(part: Path, path: Path, *, replace: bool) -> None:
    if replace:
        part.replace(path)
    else:
        try:
            os.link(part, path)
        except FileExistsError:
            raise ExistsError(f"{path} exists by now") from None
        part.unlink()
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """So that its names outlive a crash."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
