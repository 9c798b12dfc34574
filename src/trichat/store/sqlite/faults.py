"""SQLite's errors as the store's: what kind of fault each is."""

import os
from pathlib import Path

import apsw

from trichat.store.health import Fault, StoreError

LOG_INDEX_BYTES = 65_536  # bytes that SQLite needs beside a database: the index of its log

_FAULTS: dict[type[Exception], Fault] = {
    apsw.FullError: Fault.FULL,
    apsw.IOError: Fault.IO,
    apsw.CantOpenError: Fault.IO,
    apsw.BusyError: Fault.LOCKED,
    apsw.LockedError: Fault.LOCKED,
    apsw.ProtocolError: Fault.LOCKED,
    apsw.CorruptError: Fault.CORRUPT,
    apsw.NotADBError: Fault.CORRUPT,
    apsw.ReadOnlyError: Fault.READ_ONLY,
    apsw.PermissionsError: Fault.READ_ONLY,
}


def is_of_the_disk(error: Exception) -> bool:
    """Whether no other write would fare better."""
    return type(_first(error)) in _FAULTS


def store_error(error: Exception, path: Path | None = None) -> StoreError:
    """The same for who knows no SQLite. path: the file it befell."""
    error = _first(error)
    fault, text = _FAULTS.get(type(error), Fault.OTHER), _in_words(error)
    if path is None:
        return StoreError(text, fault)
    if fault is Fault.IO and _is_full(path.parent):  # what lies beside the file cannot be made
        fault, text = Fault.FULL, f"{text}: no space is left on its disk"
    return StoreError(f"{path}: {text}", fault)


_WORDS = {
    Fault.FULL: "database or disk is full",
    Fault.IO: "disk I/O error",
    Fault.LOCKED: "database is locked",
    Fault.CORRUPT: "database disk image is malformed",
    Fault.READ_ONLY: "attempt to write a readonly database",
}


def _in_words(error: Exception) -> str:
    """SQLite's own, which says `not an error` where a step of a backup fails."""
    text = str(error)
    if text != "not an error" or not isinstance(error, apsw.Error):
        return text
    words = _WORDS.get(_FAULTS.get(type(error), Fault.OTHER), "SQLite failed")
    code = apsw.mapping_extended_result_codes.get(extended(error))
    return words if code is None else f"{words} ({code})"


def extended(error: apsw.Error) -> int:
    """SQLite's extended result code; 0 where there is none."""
    return int(getattr(error, "extendedresult", 0))


def _first(error: Exception) -> Exception:
    """A fault after which SQLite undoes the transaction by itself is followed by errors that there
    is none to undo.
    """
    while isinstance(error, apsw.Error) and isinstance(error.__context__, apsw.Error):
        error = error.__context__
    return error


def _is_full(place: Path) -> bool:
    try:
        disk = os.statvfs(place)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < LOG_INDEX_BYTES
