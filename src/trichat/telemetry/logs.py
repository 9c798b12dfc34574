"""The entries of every logger of the process go to one log."""

import logging
import sys
from functools import partial
from pathlib import Path

from trichat.logevents import LogEvent
from trichat.settings import Log
from trichat.telemetry.output import LAST_LINES, current
from trichat.telemetry.redaction import Redacting, is_news, redact_record
from trichat.telemetry.sinks import LogFile
from trichat.telemetry.writer import LineWriter

# A configuration of Hypercorn's own may give them handlers beside ours.
_OF_HYPERCORN = ("hypercorn.error", "hypercorn.access")
# They note every request that they make, with its address: auth/jwks.py says what went wrong.
_TALKATIVE = ("httpx", "httpcore")


class QueuedHandler(logging.Handler):
    """Makes lines of entries in the task or thread that logs; another thread writes them."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._writer.put(self._line(record), self._notice)
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Wait for the lines, as logging.shutdown() asks for at the end of the process."""
        self._writer.drain(LAST_LINES)

    def _notice(self, lost: int) -> bytes:
        """Return the line that counts so many lost ones, in the log's own form."""
        level, text = logging.WARNING, LogEvent.LINES_LOST.value
        record = logging.LogRecord(__name__, level, __file__, 0, text, None, None)
        record.lines = lost
        return self._line(record)

    def _line(self, record: logging.LogRecord) -> bytes:
        return f"{self.format(record)}\n".encode(errors="backslashreplace")


class LogFileError(Exception):
    """The log file cannot be opened; the text says why."""


def configure_logging(log: Log) -> None:
    """Configure every logger of the process, Hypercorn's and Quart's too. Raises LogFileError.

    A thread writes the log of a process that serves (output.py), and every log that is a file.
    """
    handler = _handler(log)
    handler.setFormatter(Redacting(partial(_formatter, log)))
    handler.addFilter(is_news)
    for name in _OF_HYPERCORN:
        logging.getLogger(name).addFilter(redact_record)
        _queue_handlers_of(name)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(log.level.upper())


def _handler(log: Log) -> logging.Handler:
    output = current()
    if log.file:
        try:
            writer = LineWriter(LogFile(Path(log.file)))
        except OSError as error:
            raise LogFileError(error.strerror or str(error)) from error
    elif output is not None:
        writer = output.errors
    else:
        return logging.StreamHandler(sys.stderr)
    if output is not None:
        output.log = writer
    return QueuedHandler(writer)


def _formatter(log: Log) -> logging.Formatter:
    # structlog takes a tenth of the time that a command has, and most commands log nothing.
    from trichat.telemetry.lines import formatter

    return formatter(log)


def _queue_handlers_of(name: str) -> None:
    """Have the logger's handlers write to our streams.

    Hypercorn may have made them before our streams took the place of the standard ones.
    """
    for handler in logging.getLogger(name).handlers:
        for ours, standard in ((sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)):
            if isinstance(handler, logging.StreamHandler) and handler.stream is standard:
                handler.setStream(ours)
