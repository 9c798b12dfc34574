"""Numbered migrations, forward only: all that a database lacks in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files

import apsw

from trichat.store.health import StoreError
from trichat.store.sqlite.faults import store_error
from trichat.store.sqlite.naming import teach


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    folder = files("trichat.store") / "migrations" / "sqlite"
    found = [path for path in folder.iterdir() if path.name.endswith(".sql")]
    return sorted(
        (int(path.name.split("_")[0]), path.read_text(encoding="utf-8")) for path in found
    )


def newest() -> int:
    """The number of the schema that this program works on."""
    return migrations()[-1][0]


def migrate(
    db: apsw.Connection,
    *,
    up_to: int | None = None,
    before: Callable[[int], object] = lambda version: None,
) -> None:
    """Bring the database to the newest schema, or to that one, in one transaction.

    before: called within it with the number of the schema that is there, while nobody else can
    write. Raises StoreError, and what `before` raises: nothing was changed then.
    """
    if not _lacking(db, up_to):
        return
    try:
        db.execute("BEGIN IMMEDIATE")
    except apsw.Error as error:
        raise store_error(error) from error
    try:
        steps = _lacking(db, up_to)  # none if another process was faster
        if steps:
            before(db.pragma("user_version"))
        _apply(db, steps)
        db.execute("COMMIT")
    except BaseException:
        with suppress(apsw.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        raise


def _lacking(db: apsw.Connection, up_to: int | None) -> list[tuple[int, str]]:
    version: int = db.pragma("user_version")
    return [
        (number, sql)
        for number, sql in migrations()
        if version < number and (up_to is None or number <= up_to)
    ]


def _apply(db: apsw.Connection, steps: Sequence[tuple[int, str]]) -> None:
    teach(db)
    for number, sql in steps:
        try:
            db.execute(f"{sql}; PRAGMA user_version = {number}")
        except apsw.Error as error:
            failed = store_error(error)
            text = f"the migration to schema {number} failed and nothing of it was kept"
            raise StoreError(f"{text}: {failed}", failed.fault) from error
