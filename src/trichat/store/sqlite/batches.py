"""Transactions have names, so that who lost the answer of one can ask what became of it."""

import apsw

from trichat.store.sqlite import rows

# How many names are kept, the newest. A process has one transaction whose answer it waits for, and
# no other follows before it has that: so many processes may write to one database at once.
KEPT = 64
# Names that a process adds before it looks for those that are too old.
SWEPT = 32

_INSERT = (
    "INSERT INTO batches (id, number, stored)"
    " SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM batches WHERE true"
)


class Batches:
    """It keeps the names, by one connection that writes."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._added = 0

    def begin(self, batch: str) -> None:
        """Store the transaction's name, as the first thing that is done in it. Raises
        ConstraintError for one that was given up.
        """
        self._db.execute(_INSERT, (batch, 1))
        self._forget()

    def conclude(self, batch: str) -> bool:
        """Return whether the transaction of this name was stored. If it was not it never will be:
        its name is taken now. While somebody else writes, this waits for them. Raises apsw.Error.
        """
        db = self._db
        if db.in_transaction:  # left behind by a commit that failed
            db.execute("ROLLBACK")
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute(f"{_INSERT} ON CONFLICT DO NOTHING", (batch, 0))
            self._forget()
            ((stored,),) = rows.fetch(db, "SELECT stored FROM batches WHERE id = ?", (batch,))
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
        return bool(stored)

    def _forget(self) -> None:
        if self._added % SWEPT == 0:
            query = "DELETE FROM batches WHERE number <= (SELECT max(number) FROM batches) - ?"
            self._db.execute(query, (KEPT,))
        self._added += 1
