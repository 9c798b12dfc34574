"""Who asks what became of a transaction waits for whoever may still be writing it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest
import trio

from tests.store.ledger import NOW
from trichat.runtime.clock import new_uuid
from trichat.store.health import StoreError
from trichat.store.sqlite import SqliteStore
from trichat.store.sqlite.batches import KEPT, SWEPT, Batches
from trichat.store.sqlite.connecting import Database
from trichat.store.sqlite.transactions import Transaction
from trichat.store.users import CreateUser, Registered


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "trichat.db")
    yield store
    await store.aclose()


@pytest.fixture
def late(store: SqliteStore, tmp_path: Path) -> apsw.Connection:
    """A second connection, amid the transaction "late": it has the write lock."""
    late = apsw.Connection(str(tmp_path / "trichat.db"))
    late.execute("BEGIN IMMEDIATE")
    Batches(late).begin("late")
    return late


async def asked(store: SqliteStore, late: apsw.Connection, end: str) -> object:
    """What is said of it when it ends in this way."""
    answers: list[object] = []

    async def request() -> None:
        try:
            answers.append(await store.commit_status("late"))
        except LookupError:
            answers.append("stored, by another")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(request)
        await trio.sleep(0.2)  # in real time, as the store's threads
        assert answers == []
        late.execute(end)
    return answers.pop()


async def test_it_is_stored_after_all(store: SqliteStore, late: apsw.Connection) -> None:
    assert await asked(store, late, "COMMIT") == "stored, by another"


async def test_it_is_undone_and_cannot_come_again(
    store: SqliteStore, late: apsw.Connection
) -> None:
    assert await asked(store, late, "ROLLBACK") is None
    late.execute("BEGIN IMMEDIATE")
    with pytest.raises(apsw.ConstraintError):
        Batches(late).begin("late")
    late.execute("ROLLBACK")
    with pytest.raises(StoreError):
        await store.write([CreateUser(new_uuid(), "ann", None, None, None, NOW)], "late")


async def test_it_does_not_end_for_long(store: SqliteStore, late: apsw.Connection) -> None:
    """No answer is one too: it is asked for again."""
    store._writer.set_busy_timeout(50)
    with pytest.raises(StoreError, match="locked"):
        await store.commit_status("late")
    late.execute("COMMIT")


class Unanswered(Database):
    """As over a network: a commit is done, and its answer is an error."""

    def execute(self, statements: str, bindings: Any = None, **options: Any) -> Any:
        done = super().execute(statements, bindings, **options)
        if statements == "COMMIT" and self.total_changes() > self.before:
            self.before = self.total_changes() + 1  # the next one, of who asks, is answered
            raise apsw.IOError("no answer has come")
        return done

    before = 0


async def test_a_commit_that_came_through_with_an_error_has_not_failed(
    store: SqliteStore, tmp_path: Path
) -> None:
    db = Unanswered(str(tmp_path / "trichat.db"))
    transaction = Transaction(db, Batches(db), "one")
    (outcome,) = transaction.run([CreateUser(new_uuid(), "ann", None, None, None, NOW)])
    assert isinstance(outcome, Registered)
    assert await store.user_by_name("ann") == outcome.user
    assert transaction.status("one") == [outcome]
    db.close()


async def test_old_names_are_forgotten(tmp_path: Path) -> None:
    """However often a server begins anew, too."""

    async def named(store: SqliteStore, *names: str) -> int:
        for name in names:
            await store.write([CreateUser(new_uuid(), name, None, None, None, NOW)], name)
            await store.commit_status(f"never {name}")
        ((many,),) = store._writer.execute("SELECT count(*) FROM batches").fetchall()
        assert isinstance(many, int)
        return many

    store = await SqliteStore.open(tmp_path / "trichat.db")
    assert await named(store, *(f"user{number}" for number in range(2 * KEPT))) <= KEPT + SWEPT
    await store.aclose()
    for life in range(KEPT):
        store = await SqliteStore.open(tmp_path / "trichat.db")
        assert await named(store, f"life{life}") <= KEPT + SWEPT
        await store.aclose()
