"""A database of an older schema, brought to the newest one before anything else is done with it."""

import logging
import time
from contextlib import closing
from pathlib import Path

import apsw

from trichat.logevents import LogEvent, log_event
from trichat.store.health import StoreError
from trichat.store.sqlite import backup
from trichat.store.sqlite.checking import identify
from trichat.store.sqlite.connecting import BUSY_MS
from trichat.store.sqlite.faults import store_error
from trichat.store.sqlite.migrate import migrate, newest

_log = logging.getLogger(__name__)


def schema_of(path: Path) -> int:
    """The number of the schema, 0 where there is no database yet; nothing is changed. Raises
    StoreError.
    """
    if not path.is_file():
        return 0
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
            db.set_busy_timeout(BUSY_MS)
            return identify(db, str(path))
    except apsw.Error as error:
        raise store_error(error, path) from error


def upgrade(db: apsw.Connection, path: Path, *, keep: bool) -> None:
    """Migrate the open database if it needs that; a fresh one gets its tables. keep: a copy of
    one that holds something is made first, while nobody else can write.

    Raises StoreError or apsw.Error: the database is then as it was.
    """
    version = identify(db, str(path))
    if version == newest():
        return
    if version == 0:
        migrate(db)
        return
    began = time.monotonic()
    _log.info("%s has schema %d, this trichat works on %d: migrating", path, version, newest())
    try:
        migrate(db, before=lambda found: _keep(path, found) if keep else None)
    except StoreError as error:
        raise StoreError(f"{path}: not migrated, it is as it was: {error}", error.fault) from error
    except OSError as error:
        text = f"{path}: not migrated, it is as it was: there can be no copy: {error.strerror}"
        raise StoreError(text) from error
    seconds = round(time.monotonic() - began, 3)
    log_event(LogEvent.MIGRATED, schema_before=version, schema=newest(), seconds=seconds)


def _keep(path: Path, version: int) -> None:
    copy = backup.keep(path, version)
    _log.info("the database as it was before the migration is kept as %s", copy)
