"""What commands did, for the server's log: they note it in the data directory, the server reads it.

A command has no log of its own that anybody would look into. What it did while no server ran waits
for the next one.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trio

from trichat.datadir import hand_over
from trichat.logevents import EVENTS, FIELDS, LogEvent, log_event
from trichat.runtime.together import next_look

FILE_NAME: Final = "commands"
MOST: Final = 1_048_576  # bytes that wait for a server; what comes then is not noted
LOOK_EVERY: Final = 1.0  # seconds
_LONGEST: Final = 200  # code points of a value

_log = logging.getLogger(__name__)


class Notes(logging.Handler):
    """Notes events in this data directory, and the command that makes them. A directory that is not
    there is not made.
    """

    def __init__(self, data: Path, command: str) -> None:
        super().__init__()
        self._path = data / FILE_NAME
        self._command = command

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        fields |= {"command": self._command, "at": at}
        line = json.dumps({"event": record.getMessage(), **fields}) + "\n"
        try:
            with _held(self._path, os.O_CREAT | os.O_APPEND) as file:
                if os.fstat(file).st_size + len(line) <= MOST:
                    os.write(file, line.encode())
        except FileNotFoundError:
            return
        except OSError as error:
            _log.warning("what was done is not noted in %s: %s", self._path, error.strerror)


@contextmanager
def noting(data: Path, command: str) -> Iterator[None]:
    """What this command does within is noted for the server's log, and shown nowhere else. Whatever
    else is logged names the command.
    """
    events, handlers = logging.getLogger(EVENTS), tuple(logging.getLogger().handlers)
    notes = Notes(data, command)
    events.addHandler(notes)
    events.propagate = False

    def name(record: logging.LogRecord) -> bool:
        record.command = command
        return True

    for handler in handlers:
        handler.addFilter(name)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(name)
        events.removeHandler(notes)
        events.propagate = True


async def log_noted(data: Path) -> None:
    """Log what commands noted, for ever."""
    path = data / FILE_NAME
    while True:
        try:
            # In a thread: a volume that hangs must not hold up everybody.
            if await trio.to_thread.run_sync(_is_filled, path, abandon_on_cancel=True):
                for line in await trio.to_thread.run_sync(_take, path):
                    _log_line(line)
        except Exception:  # nobody else watches over this task
            _log.exception("what commands did cannot be read")
            await trio.sleep(60 * LOOK_EVERY)
        await next_look(LOOK_EVERY)


def _log_line(line: str) -> None:
    """A line that is none of ours is passed over: the file may have been torn by a crash."""
    try:
        noted = json.loads(line)
        event = LogEvent(noted.pop("event"))
        fields = {
            name: value
            for name, value in noted.items()
            if name in FIELDS and (isinstance(value, int) or len(str(value)) <= _LONGEST)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        _log.warning("a line of %s is none that a command wrote", FILE_NAME)
        return
    log_event(event, **fields)


def _is_filled(path: Path) -> bool:
    try:
        return os.stat(path).st_size > 0
    except FileNotFoundError:
        return False


def _take(path: Path) -> list[str]:
    """What is in the file, which is empty from now on. Raises OSError."""
    with _held(path, 0) as file:
        content = os.pread(file, MOST, 0)
        os.ftruncate(file, 0)
    return content.decode(errors="replace").splitlines()


@contextmanager
def _held(path: Path, flags: int) -> Iterator[int]:
    """The open file, alone: it is locked for the moment of a read or a write."""
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if flags & os.O_CREAT:
            hand_over(file, path.parent)
        yield file
    finally:
        os.close(file)
