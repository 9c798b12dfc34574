"""Numbered migrations, forward only: each file once, in one transaction with its number."""

from importlib.resources import files

import apsw

from trichat.store.port import StoreError


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    folder = files("trichat.store") / "migrations" / "sqlite"
    found = [path for path in folder.iterdir() if path.name.endswith(".sql")]
    return sorted(
        (int(path.name.split("_")[0]), path.read_text(encoding="utf-8")) for path in found
    )


def migrate(db: apsw.Connection) -> None:
    """Bring the database to the newest schema.

    Raises StoreError for a database newer than this program.
    """
    known = migrations()
    version: int = db.pragma("user_version")
    if version > known[-1][0]:
        raise StoreError(
            f"the database has schema {version}, this trichat knows up to {known[-1][0]}:"
            " it was written by a newer version"
        )
    for number, sql in known:
        if number > version:
            _apply(db, number, sql)


def _apply(db: apsw.Connection, number: int, sql: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if db.pragma("user_version") < number:  # else another process was faster
            db.execute(f"{sql}; PRAGMA user_version = {number}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
