"""Threads write what a serving process prints and logs, so that nobody waits for a reader or a
disk.

It begins with begin() and lasts as long as the process. Standard output and error are replaced, so
that a print(), a traceback and a handler of somebody else's are queued like an entry of the log.
"""

import atexit
import logging
import os
import sys
import time
from contextlib import suppress

from attrs import define, field

from trichat.logevents import LogEvent, log_event
from trichat.telemetry.sinks import Descriptor
from trichat.telemetry.streams import number_of, queued
from trichat.telemetry.writer import LineWriter

LAST_LINES = 2.0  # seconds that an orderly end waits for the last lines to be written


@define(eq=False)
class Output:
    """The writers of one process.

    errors: to standard error. log: to the log, which is standard error or a file.
    """

    out: LineWriter
    errors: LineWriter
    log: LineWriter = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.log = self.errors

    @property
    def lost(self) -> int:
        """How many lines were dropped so far."""
        return sum(writer.lost for writer in self._writers())

    def drain(self, seconds: float) -> None:
        """Wait until everything is written, at most so long."""
        until = time.monotonic() + seconds
        for stream in (sys.stdout, sys.stderr):  # what was printed without the end of its line
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        for writer in self._writers():
            writer.drain(max(0.0, until - time.monotonic()))

    def _writers(self) -> list[LineWriter]:
        return list(dict.fromkeys((self.log, self.errors, self.out)))


_output: Output | None = None


def begin() -> Output:
    """Have threads write this process's output, from now on; a second call changes nothing."""
    global _output
    if _output is None:
        _fill_standard_descriptors()
        out, errors = (
            LineWriter(Descriptor(number_of(stream))) for stream in (sys.stdout, sys.stderr)
        )
        sys.stdout, sys.stderr = queued(sys.stdout, out), queued(sys.stderr, errors)
        _output = Output(out, errors)
        atexit.register(_output.drain, LAST_LINES)
    return _output


def current() -> Output | None:
    """Return the output of this process; None if begin() was not called."""
    return _output


def lost_lines() -> int:
    """Return how many lines this process dropped because nobody read them or no disk took them."""
    return 0 if _output is None else _output.lost


def reopen_log() -> None:
    """Open the log's file anew, as after it was renamed; the log says when that is done."""
    if _output is not None:
        _output.log.reopen(_log_reopening)


def _log_reopening(error: OSError | None) -> None:
    if error is None:
        log_event(LogEvent.LOG_REOPENED)
    else:
        log_event(LogEvent.LOG_KEPT, level=logging.ERROR, why=error.strerror)


def _fill_standard_descriptors() -> None:
    """Open what is closed of descriptors 0 to 2: the next file opened would get its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
