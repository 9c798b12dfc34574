"""A copy of the database while it is in use, and a copy put back in its place."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import apsw

from trichat.datadir import sync_directory
from trichat.store.atomicfile import ExistsError, atomic_file
from trichat.store.health import Fault, StoreError
from trichat.store.sqlite import rows
from trichat.store.sqlite.checking import identify, verify
from trichat.store.sqlite.connecting import BUSY_MS
from trichat.store.sqlite.faults import extended, store_error

PAGES = 256  # copied in one step: a megabyte
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite may keep beside a database

Progress = Callable[[int, int], object]  # done, of how many
Counts = dict[str, int]


@contextmanager
def opened(path: Path) -> Iterator[apsw.Connection]:
    """A database of ours to read from, whoever writes to it, as it is at this moment; never
    migrated. Raises StoreError, also for an apsw.Error of the body.
    """
    if not path.is_file():
        raise StoreError(f"{path}: there is no such database")
    try:
        # Read-only is no way to open a write-ahead log that nobody has open.
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            db.set_busy_timeout(BUSY_MS)
            db.execute("PRAGMA query_only = ON; BEGIN")
            if identify(db, str(path)) == 0:
                raise StoreError(f"{path}: is an empty file")
            yield db
        finally:
            db.close()
    except apsw.Error as error:
        raise store_error(error, path) from error


def back_up(source: Path, target: Path, *, replace: bool, progress: Progress) -> Counts:
    """A copy of one moment, in one file, checked. How many rows each table has.

    The moment is held by a transaction, so a server that goes on writing makes no step begin anew;
    its log cannot be folded into the database further than to that moment meanwhile.
    Raises StoreError, ExistsError, OSError.
    """
    with opened(source) as db, whole_database(target, replace=replace) as part:
        return _copy(db, part, str(part), progress)


def keep(database: Path, version: int) -> Path:
    """A copy of the database as it stands, for the way back: beside it, named after its schema's
    number. It takes the place of an earlier one of that schema. Raises StoreError, OSError.
    """
    target = kept(database, version)
    with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        _be_sure_of_space(db, target)
        with (
            whole_database(target, replace=True, ours=True) as part,
            closing(apsw.Connection(str(part))) as copy,
        ):
            _copy_pages(db, copy, part, str(database), lambda done, total: None)
    return target


def kept(database: Path, version: int) -> Path:
    """Where a copy of that schema is kept."""
    return database.with_name(f"{database.name}.schema-{version}")


def _be_sure_of_space(db: apsw.Connection, target: Path) -> None:
    """For the copy, and for as much again: the migration writes too."""
    size = 2 * db.pragma("page_count") * db.pragma("page_size")
    disk = os.statvfs(target.parent)
    free = disk.f_bavail * disk.f_frsize
    if free < size:
        raise StoreError(
            f"{target}: there is not enough space for a copy before the migration:"
            f" {size} bytes are wanted, {free} are free",
            Fault.FULL,
        )


def whole_database(
    path: Path, *, replace: bool = False, ours: bool = False
) -> AbstractContextManager[Path]:
    """As atomic_file(), with what SQLite keeps beside the part."""
    return atomic_file(path, replace=replace, ours=ours, beside=BESIDE)


def _copy(db: apsw.Connection, part: Path, about: str, progress: Progress) -> Counts:
    """All of it, checked."""
    with closing(apsw.Connection(str(part))) as copy:
        _copy_pages(db, copy, part, about, progress)
        verify(copy, about)
        counts = count(db)
        if (found := count(copy)) != counts:
            raise StoreError(f"{about}: the copy has {found} rows of {counts}", Fault.CORRUPT)
    return counts


def _copy_pages(
    db: apsw.Connection, copy: apsw.Connection, part: Path, about: str, progress: Progress
) -> None:
    try:
        copy.pragma("synchronous", "off")  # the whole file is synced in the end
        copy.pragma("journal_mode", "off")  # what fails is thrown away
        with copy.backup("main", db, "main") as backup:
            while not backup.done:
                backup.step(PAGES)
                progress(backup.page_count - backup.remaining, backup.page_count)
        copy.pragma("journal_mode", "delete")  # one file, without a log beside it
    except apsw.FullError as error:  # it is the copy's disk
        raise StoreError(f"{part}: no space is left on its disk", Fault.FULL) from error
    except apsw.IOError as error:
        reading = extended(error) in _READING
        raise store_error(error, Path(about) if reading else part) from error


_READING = (apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS)


def count(db: apsw.Connection) -> Counts:
    """The rows of every table; an index of words has none of its own."""
    tables = [
        str(name)
        for (name,) in db.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
    ]
    return {table: int(rows.fetch(db, f'SELECT count(*) FROM "{table}"')[0][0]) for table in tables}


def restore(backup: Path, database: Path, *, replace: bool, progress: Progress) -> Path | None:
    """Put a checked copy of the backup where a database is to be. Where one is kept aside that
    was there before: None if there was none.

    The caller holds the data directory. A crash leaves the old database or the new one. Raises
    StoreError, ExistsError, OSError.
    """
    there = [path for path in (database, *_beside(database)) if path.exists()]
    if there and not replace:
        raise ExistsError(f"{there[0]} exists")
    with whole_database(database, replace=replace, ours=True) as part:
        with opened(backup) as db:
            _copy(db, part, str(backup), progress)
        _mark_as_moved(part)
        return _set_aside(database) if there else None


def _mark_as_moved(part: Path) -> None:
    """The key that signs is in no backup: where it is missing beside this copy, it is no loss."""
    try:
        with closing(apsw.Connection(str(part))) as db:
            if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'signing'").fetchone():
                db.execute("UPDATE signing SET moved = 1")
    except apsw.Error as error:
        raise store_error(error, part) from error


def _set_aside(database: Path) -> Path:
    """Under another name, with what is in its log. The name stays until another file takes it."""
    if database.exists():
        _fold(database)
    aside = next(path for path in _names(database) if not path.exists())
    for path in _beside(database):  # a log that cannot be read is the broken database's alone
        if path.exists():
            path.rename(f"{aside}{path.name.removeprefix(database.name)}")
    if database.exists():
        os.link(database, aside)
    sync_directory(database.parent)
    return aside


def _fold(database: Path) -> None:
    """What its log holds goes into the file, and nothing is left beside it; unless it is broken.
    Raises StoreError when another process has it open, or the disk has no room.
    """
    try:
        with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)) as old:
            old.set_busy_timeout(BUSY_MS)
            if old.pragma("journal_mode", "delete") == "delete":
                return
    except apsw.BusyError:
        pass
    except (apsw.CorruptError, apsw.NotADBError):
        return
    except apsw.Error as error:
        raise store_error(error, database) from error
    raise StoreError(
        f"{database}: another process has it open, a backup perhaps; try again when it has ended",
        Fault.LOCKED,
    )


def _beside(database: Path) -> list[Path]:
    return [database.with_name(database.name + ending) for ending in BESIDE]


def _names(database: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        yield database.with_name(f"{database.name}.replaced-{number}")
