"""A thread writes standard output and error, so that a print() waits for nobody either."""

import io
import os
from typing import Any, TextIO

from trichat.telemetry.writer import LineWriter


class _Queued(io.RawIOBase):
    """A raw stream whose bytes are queued instead of being written."""

    def __init__(self, writer: LineWriter, number: int | None) -> None:
        super().__init__()
        self._writer = writer
        self._number = number

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        line = bytes(data)
        self._writer.put(line)
        return len(line)

    def fileno(self) -> int:
        if self._number is None:
            raise OSError("this stream was closed when the process began")
        return self._number

    def isatty(self) -> bool:
        return self._number is not None and os.isatty(self._number)


def number_of(stream: TextIO | None) -> int | None:
    """Return the descriptor of the stream; None if it has none."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None


def queued(stream: TextIO | None, writer: LineWriter) -> TextIO:
    """Return a stream that queues what is written, to be used in place of this one."""
    raw: Any = _Queued(writer, number_of(stream))  # a raw stream will do, whatever typeshed says
    encoding = "utf-8" if stream is None else stream.encoding
    return io.TextIOWrapper(
        raw,
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
