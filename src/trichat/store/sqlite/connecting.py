"""Connections to a database file, set up as the store needs them, or to a copy of it in memory."""

import time
from contextlib import suppress
from pathlib import Path

import apsw

from trichat.store.health import StoreError

# How long another process may hold the database before that is an error.
BUSY_MS = 5000

# What the log's file is cut to when it begins anew: it is as long as it ever was otherwise, after a
# backup under which it could not be folded into the database. Four times what it usually has.
LOG_BYTES = 16_777_216


class Database(apsw.Connection):
    """A connection that knows what its store does not show. hides_addresses: whether the e-mail
    addresses of the users that are read are for themselves and for administrators alone.
    """

    hides_addresses = False


def connect(path: Path, *, readonly: bool = False) -> Database:
    """Write-ahead log, commits on disk when they answer. Raises StoreError or apsw.Error."""
    flags = apsw.SQLITE_OPEN_READWRITE | (0 if readonly else apsw.SQLITE_OPEN_CREATE)
    db = Database(str(path), flags=flags)
    db.set_busy_timeout(BUSY_MS)
    _write_ahead(db, path)
    db.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
    db.pragma("journal_size_limit", LOG_BYTES)
    if readonly:
        db.execute("PRAGMA query_only = ON")
    return db


def connect_in_memory(path: Path) -> Database:
    """With what the file holds, if there is one; it stays as it is. Raises apsw.Error."""
    db = Database(":memory:")
    if path.exists():
        file = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)  # it may have a log
        with db.backup("main", file, "main") as backup:
            while not backup.done:
                backup.step()
        file.close()
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _write_ahead(db: apsw.Connection, path: Path) -> None:
    """A fresh file is switched to WAL by who has it alone, and for that SQLite waits by itself for
    nobody: two processes may start at once.
    """
    for _ in range(BUSY_MS // 10):
        with suppress(apsw.BusyError):
            if db.pragma("journal_mode", "wal") == "wal":
                return
            raise StoreError(f"{path}: there can be no write-ahead log in this place")
        time.sleep(0.01)
    raise StoreError(f"{path}: another process keeps it to itself")
