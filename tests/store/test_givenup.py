"""Who asks what became of a transaction waits for whoever may still be writing it."""

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest
import trio

from tests.store.ledger import NOW
from trichat.runtime.clock import new_uuid
from trichat.store.health import StoreError
from trichat.store.sqlite import SqliteStore
from trichat.store.sqlite.givenup import KEPT, GivenUp
from trichat.store.users import CreateUser


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
    GivenUp(late).check("late")
    return late


async def test_who_asks_waits_for_its_end_and_it_cannot_come_again(
    store: SqliteStore, late: apsw.Connection
) -> None:
    answers: list[object] = []

    async def request() -> None:
        answers.append(await store.commit_status("late"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(request)
        await trio.sleep(0.2)  # in real time, as the store's threads
        assert answers == []
        late.execute("ROLLBACK")
    assert answers == [None]
    late.execute("BEGIN IMMEDIATE")
    with pytest.raises(apsw.AbortError, match="the transaction late was given up"):
        GivenUp(late).check("late")
    late.execute("ROLLBACK")
    with pytest.raises(StoreError, match="the transaction late was given up"):
        await store.write([CreateUser(new_uuid(), "ann", None, None, None, NOW)], "late")


async def test_it_does_not_end_for_long(store: SqliteStore, late: apsw.Connection) -> None:
    """No answer is one too: it is asked for again."""
    store._writer.set_busy_timeout(50)
    with pytest.raises(StoreError, match="locked"):
        await store.commit_status("late")
    late.execute("COMMIT")


async def test_old_names_are_forgotten(store: SqliteStore) -> None:
    for number in range(2 * KEPT):
        assert await store.commit_status(f"never {number}") is None
    found = store._writer.execute("SELECT batch FROM given_up ORDER BY number").fetchall()
    assert found == [(f"never {number}",) for number in range(KEPT, 2 * KEPT)]


async def test_what_is_stored_leaves_no_name(store: SqliteStore) -> None:
    await store.write([CreateUser(new_uuid(), "ann", None, None, None, NOW)], "one")
    assert store._writer.execute("SELECT count(*) FROM given_up").fetchall() == [(0,)]
