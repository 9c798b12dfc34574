"""A transaction of the writer, and what is known of it afterwards."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

import apsw

from trichat.core.refusals import Failed
from trichat.store.health import Probe
from trichat.store.port import Outcome, Write
from trichat.store.sqlite.checking import probe
from trichat.store.sqlite.faults import is_of_the_disk, store_error
from trichat.store.sqlite.rows import savepoint
from trichat.store.sqlite.topics import WRITES

_log = logging.getLogger(__name__)


class _FailedWriteError(Exception):
    """One write of a batch failed, and nothing is known of the others."""


class Transaction:
    """It runs once, and remembers what came of it. batch: the name by which its status may be asked
    for; None where nobody will.
    """

    def __init__(self, db: apsw.Connection, batch: str | None) -> None:
        self._db = db
        self._batch = batch
        self._outcomes: list[Outcome] | None = None
        self._in_doubt = False

    def run(self, writes: Sequence[Write]) -> list[Outcome]:
        """Commit all writes together and return an outcome for each. Failures are rare: only when
        there was one is everything undone and begun anew with a savepoint for each write. Raises
        StoreError.
        """
        try:
            return self._attempt(writes, self._write_plainly)
        except _FailedWriteError:
            return self._attempt(writes, self._write_alone)

    def status(self, batch: str) -> list[Outcome] | None:
        """Return its outcomes, if this is its name and all of it is stored; else None. Raises
        StoreError while it cannot be undone.
        """
        if batch != self._batch:
            return None
        if self._in_doubt:
            try:
                self._write_over()
            except apsw.Error as error:
                raise store_error(error) from error
            self._in_doubt = False
        return self._outcomes

    def _attempt(
        self, writes: Sequence[Write], write_one: Callable[[Write], Outcome]
    ) -> list[Outcome]:
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            before = db.total_changes()
            outcomes = [write_one(write) for write in writes]
            if db.total_changes() == before and not any(isinstance(w, Probe) for w in writes):
                db.execute("ROLLBACK")  # all were refused: nothing has to go to the disk
            else:
                self._in_doubt = True
                db.execute("COMMIT")
                self._in_doubt = False
        except Exception as error:
            self._undo()
            if isinstance(error, _FailedWriteError):
                raise
            raise store_error(error) from error
        self._outcomes = outcomes
        return outcomes

    def _undo(self) -> None:
        """Undo what is left of it after an error.

        What SQLite has undone is undone for everybody who reads, but where the commit came as far
        as the log on the disk, a crash would bring it back. So it is written over at once.
        """
        with suppress(apsw.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        if self._in_doubt and not self._db.in_transaction:
            with suppress(apsw.Error):
                self._write_over()
            self._in_doubt = False

    def _write_over(self) -> None:
        db = self._db
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.execute("BEGIN IMMEDIATE")
        try:
            probe(db, Probe())
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")

    def _write_plainly(self, write: Write) -> Outcome:
        try:
            return WRITES[type(write)](self._db, write)
        except Exception as error:
            raise _FailedWriteError from error

    def _write_alone(self, write: Write) -> Outcome:
        db = self._db
        try:
            with savepoint(db):
                return WRITES[type(write)](db, write)
        except Exception as error:  # a value that SQLite cannot hold is no apsw.Error
            if is_of_the_disk(error) or not db.in_transaction:  # or it undid all of it by itself
                raise
            _log.exception("a write failed: %s", type(write).__name__)
            return Failed()
