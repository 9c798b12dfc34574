"""The data directory, held by one process at a time, and whose its files are."""

import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Final

LOCK_NAME: Final = "lock"


class DataDirectoryError(Exception):
    """The data directory cannot be used; the text names it."""


class DataDirectoryInUseError(DataDirectoryError):
    """Another process holds the data directory; the text names both."""


class DataDirectory:
    """The directory, made if need be (mode 0700), and its lock until close().

    The kernel drops the lock with the process, however it dies, so there is no stale one: the
    process id in the lock file is for people. Raises DataDirectoryError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
            self._lock = os.open(path / LOCK_NAME, flags, 0o600)
        except OSError as error:
            raise DataDirectoryError(
                f"data directory {path} cannot be used: {error.strerror}"
            ) from error
        try:
            _be_of_this_directory(self._lock, path)
            hand_over(self._lock, path)
            _take(self._lock, path)
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Let the directory go; closing twice is harmless."""
        # The file stays: unlinking it would let two processes lock two files of one name.
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> "DataDirectory":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def hand_over(file: int, directory: Path) -> None:
    """Give an open file that root has made to the owner of the directory, who may be another user:
    a server's, who could not open it otherwise. Does nothing for others than root.
    """
    if os.geteuid() != 0:
        return
    owner, own = os.stat(directory), os.fstat(file)
    if (own.st_uid, own.st_gid) != (owner.st_uid, owner.st_gid):
        os.fchown(file, owner.st_uid, owner.st_gid)


def make_private(path: Path) -> None:
    """An empty file of a data directory, if there is none: its owner's alone. Raises OSError."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        hand_over(file, path.parent)
    finally:
        os.close(file)


def _be_of_this_directory(lock: int, path: Path) -> None:
    """What is written to the lock must not go elsewhere: root may write to every file, and who owns
    the directory decides which one bears the name.
    """
    found = os.fstat(lock)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise DataDirectoryError(
            f"data directory {path} cannot be used: {LOCK_NAME} is no file of its own"
        )


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
        process = f"process {holder}" if holder.isdecimal() else "another process"
        raise DataDirectoryInUseError(f"data directory {path} is in use by {process}") from None
    except OSError as error:
        raise DataDirectoryError(
            f"data directory {path} cannot be locked: {error.strerror}"
        ) from error


def sync_directory(path: Path) -> None:
    """So that its names outlive a crash."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
