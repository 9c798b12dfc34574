"""Whether a file is a database of ours, and whole.

At the start of a server only what takes no time that grows with the database, and of SQLite's own
check as much as SECONDS allow: a small database is looked through, a large one in part.
"""

import time
from collections.abc import Callable
from functools import cache

import apsw

from trichat.store.health import Fault, Probe, StoreError
from trichat.store.sqlite import rows
from trichat.store.sqlite.migrate import migrations
from trichat.store.sqlite.naming import teach

SECONDS = 0.25
_OPCODES = 10_000  # of SQLite's machine between two looks at the clock: well below a millisecond


def identify(db: apsw.Connection, about: str) -> int:
    """The number of its schema, 0 for an empty file. Raises StoreError for a database of another
    program, one of a newer trichat, and one that lacks a table or column.
    """
    with rows.savepoint(db):  # both of one moment: another process may be migrating it
        version: int = db.pragma("user_version")
        found = _columns(db)
    newest = migrations()[-1][0]
    if version > newest:
        raise StoreError(
            f"{about}: the database has schema {version}, this trichat knows up to {newest}:"
            " it was written by a newer version"
        )
    if version == 0 and found:
        tables = ", ".join(sorted({table for table, _ in found})[:3])
        raise StoreError(f"{about}: is no database of trichat: it has tables of others ({tables})")
    lacking = sorted(_columns_of(version) - found)
    if lacking:
        table, column = lacking[0]
        raise StoreError(
            f"{about}: calls itself schema {version} of trichat and has no {table}.{column}:"
            " it is another program's, or was changed by hand"
        )
    return version


@cache
def _columns_of(version: int) -> frozenset[tuple[str, str]]:
    db = apsw.Connection(":memory:")
    teach(db)
    try:
        for number, sql in migrations():
            if number <= version:
                db.execute(sql)
        return _columns(db)
    finally:
        db.close()


def _columns(db: apsw.Connection) -> frozenset[tuple[str, str]]:
    return frozenset(
        db.execute(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables,"
            " pragma_table_info(tables.name) AS columns"
            " WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
    )


def look_over(db: apsw.Connection, about: str, seconds: float = SECONDS) -> bool:
    """SQLite's quick check, for so long. Whether it came to its end. Raises StoreError."""
    end = time.monotonic() + seconds
    db.set_progress_handler(lambda: time.monotonic() > end, _OPCODES)
    try:
        _must_be_ok(db, "quick_check", about)
    except apsw.InterruptError:
        return False
    finally:
        db.set_progress_handler(None)
    return True


def verify(
    db: apsw.Connection, about: str, progress: Callable[[str], object] = lambda step: None
) -> None:
    """All of it, indexes, references and the numbers of the logs too. Raises StoreError."""
    progress("pages and indexes")
    _must_be_ok(db, "integrity_check", about)
    progress("references")
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        raise StoreError(f"{about}: row {row} of {table} refers to none of {parent}", Fault.CORRUPT)
    progress("logs")
    for (room,) in rows.fetch(db, _GAPS):
        raise StoreError(f"{about}: the log of room {room} has gaps", Fault.CORRUPT)


# Numbers begin with 1, and the primary key keeps them apart.
_GAPS = (
    "SELECT id FROM rooms LEFT JOIN (SELECT room_id, count(*) AS many, max(seq) AS last"
    " FROM events GROUP BY room_id) AS log ON log.room_id = id"
    " WHERE last_seq != coalesce(many, 0) OR last_seq != coalesce(last, 0) LIMIT 1"
)


def _must_be_ok(db: apsw.Connection, check: str, about: str) -> None:
    for (found,) in db.execute(f"PRAGMA {check}(1)"):
        if found != "ok":
            raise StoreError(f"{about}: the database is damaged: {found}", Fault.CORRUPT)


def probe(db: apsw.Connection, write: Probe) -> bool:
    """The schema's number as it is: SQLite writes its page anew without looking."""
    db.pragma("user_version", db.pragma("user_version"))
    return True
