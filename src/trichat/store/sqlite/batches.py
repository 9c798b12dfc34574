"""Transactions have names, so that who lost the answer of one can ask what became of it."""

import apsw

from trichat.store.sqlite import rows

# How many names are kept, the newest. A process has one transaction whose answer it waits for, and
# no other follows before it has that: so many processes may write to one database at once.
KEPT = 64

_INSERT = (
    "INSERT INTO batches (id, number, stored)"
    " SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM batches WHERE true"
)


def begin(db: apsw.Connection, batch: str) -> None:
    """Name the transaction, as the first thing that is done in it. Raises ConstraintError for one
    that was given up.
    """
    db.execute(_INSERT, (batch, 1))
    _forget(db)


def conclude(db: apsw.Connection, batch: str) -> bool:
    """Whether the transaction of this name was stored. If it was not it never will be: the name is
    taken now. While somebody else writes, this waits for them. Raises apsw.Error.
    """
    if db.in_transaction:  # left behind by a commit that failed
        db.execute("ROLLBACK")
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(f"{_INSERT} ON CONFLICT DO NOTHING", (batch, 0))
        _forget(db)
        ((stored,),) = rows.fetch(db, "SELECT stored FROM batches WHERE id = ?", (batch,))
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return bool(stored)


def _forget(db: apsw.Connection) -> None:
    db.execute("DELETE FROM batches WHERE number <= (SELECT max(number) FROM batches) - ?", (KEPT,))
