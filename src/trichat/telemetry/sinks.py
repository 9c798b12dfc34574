"""Lines are written to a descriptor that the process was given, or to a log file.

Every call here may block for as long as a reader or a disk likes, so only the thread of writer.py
makes them.
"""

import os
import select
from contextlib import suppress
from pathlib import Path
from typing import Protocol

LOG_MODE = 0o640


class Sink(Protocol):
    """Where whole lines are written to."""

    def write(self, line: bytes) -> None:
        """Write all of it, and wait for a slow reader. Raises OSError."""

    def reopen(self) -> None:
        """Open a file of the same name anew. Raises OSError: the old one stays."""


class Descriptor:
    """Standard output or error of the process. Its number is None if it was closed at the start."""

    def __init__(self, number: int | None) -> None:
        self._number = number
        self._torn = False  # whether the last line was written in part

    def write(self, line: bytes) -> None:
        if self._number is None:
            raise OSError("this stream was closed when the process began")
        if self._torn:
            line = b"\n" + line
        left = line
        try:
            while left:
                left = left[_write_some(self._number, left) :]
        finally:
            self._torn = bool(left) and (self._torn or len(left) < len(line))

    def reopen(self) -> None:
        pass


class LogFile(Descriptor):
    """A file that lines are appended to, which is made if need be. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(_open(path))

    def reopen(self) -> None:
        before, self._number, self._torn = self._number, _open(self._path), False
        assert before is not None
        with suppress(OSError):  # what is wrong with the old file its writes have shown
            os.close(before)


def _open(path: Path) -> int:
    # Without O_NONBLOCK the open of a FIFO waits for its reader.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
    return os.open(path, flags, LOG_MODE)


def _write_some(number: int, data: bytes) -> int:
    while True:
        try:
            return os.write(number, data)
        except BlockingIOError:  # a FIFO, or whoever gave us the descriptor made it so
            ready = select.poll()
            ready.register(number, select.POLLOUT)
            ready.poll()
