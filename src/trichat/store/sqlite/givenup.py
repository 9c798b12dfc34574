"""Transactions that were given up have names, so that none of them is stored after all.

A name is written only then. To write one with every transaction would let anybody ask whether it
was stored, which is needed where an answer can be lost on its way. SQLite's cannot: what it answers
with an error it has undone. The page would be a twentieth of what a message costs.
"""

import apsw

# How many names are kept, the newest: whoever gives one up waits for that before they go on, so
# that as many processes may write to one database at once.
KEPT = 64


class GivenUp:
    """It keeps the names, by one connection that writes."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def check(self, batch: str) -> None:
        """Look for the name, as the first thing in its transaction. Raises AbortError if the
        transaction was given up.
        """
        if self._db.execute("SELECT 1 FROM given_up WHERE batch = ?", (batch,)).fetchone():
            raise apsw.AbortError(f"the transaction {batch} was given up")

    def add(self, batch: str) -> None:
        """Give a transaction up that is not stored. While somebody else writes, this waits for
        them. Raises apsw.Error.
        """
        db = self._db
        if db.in_transaction:  # left behind by a commit that failed
            db.execute("ROLLBACK")
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute("INSERT INTO given_up (batch) VALUES (?)", (batch,))
            db.execute("DELETE FROM given_up WHERE number <= last_insert_rowid() - ?", (KEPT,))
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
