"""Numbered migrations, forward only: each file once, in one transaction with its number."""

from contextlib import suppress
from importlib.resources import files

import apsw

from trichat.store.port import StoreError
from trichat.store.sqlite.faults import store_error


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    folder = files("trichat.store") / "migrations" / "sqlite"
    found = [path for path in folder.iterdir() if path.name.endswith(".sql")]
    return sorted(
        (int(path.name.split("_")[0]), path.read_text(encoding="utf-8")) for path in found
    )


def migrate(db: apsw.Connection, *, up_to: int | None = None) -> None:
    """Bring the database to the newest schema, or to that one.

    Raises StoreError: the database is then as the last migration that succeeded left it.
    """
    version: int = db.pragma("user_version")
    for number, sql in migrations():
        if version < number and (up_to is None or number <= up_to):
            try:
                _apply(db, number, sql)
            except apsw.Error as error:
                failed = store_error(error)
                text = f"the migration to schema {number} failed and nothing of it was kept"
                raise StoreError(f"{text}: {failed}", failed.fault) from error


def _apply(db: apsw.Connection, number: int, sql: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if db.pragma("user_version") < number:  # else another process was faster
            db.execute(f"{sql}; PRAGMA user_version = {number}")
        db.execute("COMMIT")
    except BaseException:
        with suppress(apsw.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        raise
