"""Files that are there whole or not at all."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from trichat.datadir import hand_over, sync_directory

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)  # a file system without hard links


class ExistsError(Exception):
    """There is something already, and nobody said that it is to be replaced."""


@contextmanager
def atomic_file(
    path: Path, *, replace: bool = False, ours: bool = False, beside: tuple[str, ...] = ()
) -> Iterator[Path]:
    """The path of a part to write, its owner's alone. When the body has ended well it is synced and
    bears the name; when the body raises it is gone. What a crash left of an earlier one is removed.

    ours: it is of a data directory, to whose owner it is given. beside: endings of further files
    that the body may make next to the part.
    Raises ExistsError, before the body, when there is such a file, and OSError.
    """
    if not replace and path.exists():
        raise ExistsError(f"{path} exists")
    part = part_of(path)
    others = [Path(f"{part}{ending}") for ending in beside]
    file = _begin(part)
    try:
        try:
            if ours:
                hand_over(file, path.parent)
            _remove(*others)
            yield part
            os.fsync(file)
            _name(part, path, replace=replace)
        except BaseException:
            _remove(part, *others)
            raise
    finally:
        os.close(file)


def part_of(path: Path) -> Path:
    """What the file is called until it is whole."""
    return path.with_name(f"{path.name}.part")


def _begin(part: Path) -> int:
    """A new file that nobody else writes: open and locked."""
    left = _left(part)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        file = os.open(part, flags, 0o600)
        try:
            _lock(file, part)
        except BaseException:
            os.close(file)
            raise
    except FileExistsError:
        raise _written(part) from None
    finally:
        if left is not None:
            os.close(left)
    return file


def _left(part: Path) -> int | None:
    """Removes what a crash left. It stays locked, so that of two who find it one goes on."""
    try:
        left = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise ExistsError(f"{part} is another user's: remove it if nothing writes it") from None
    try:
        _lock(left, part)
        part.unlink()
    except BaseException:
        os.close(left)
        raise
    return left


def _lock(file: int, part: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _written(part) from None
    try:
        same = os.path.samestat(os.fstat(file), os.stat(part, follow_symlinks=False))
    except FileNotFoundError:
        same = False
    if not same:  # who was faster has removed it
        raise _written(part)


def _written(part: Path) -> ExistsError:
    return ExistsError(f"{part} is being written by another process")


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _name(part: Path, path: Path, *, replace: bool) -> None:
    if replace:
        part.replace(path)
    else:
        _name_anew(part, path)
    sync_directory(path.parent)


def _name_anew(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise ExistsError(f"{path} exists by now") from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise ExistsError(f"{path} exists by now") from None
        part.replace(path)
    with suppress(FileNotFoundError):
        part.unlink()
