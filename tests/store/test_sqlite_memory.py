"""A store in memory keeps the contract too, but for what another process would do beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.contract import Contract
from tests.store.ledger import Ledger
from trichat.store.health import StoreError
from trichat.store.sqlite import Inline, SqliteStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore.in_memory(tmp_path / "none.db")
    yield store
    await store.aclose()


@pytest.fixture
def other(store: SqliteStore) -> SqliteStore:
    return store


class TestInMemory(Contract):
    pass


async def test_what_the_file_holds_is_there_and_nothing_is_written_back(tmp_path: Path) -> None:
    path = tmp_path / "trichat.db"
    file = await SqliteStore.open(path, offload=Inline)
    ledger = Ledger(file)
    alice = await ledger.person("alice")
    room = await ledger.room(alice)
    await ledger.say(room, alice, "on disk")  # and still in the log, as after a kill -9

    copy = SqliteStore.in_memory(path)
    assert [message.text for message in (await copy.history(room.id, limit=9))[0]] == ["on disk"]
    await Ledger(copy).say(room, alice, "in memory")
    assert len((await copy.history(room.id, limit=9))[0]) == 2
    await copy.aclose()

    assert [message.text for message in (await file.history(room.id, limit=9))[0]] == ["on disk"]
    await file.aclose()


async def test_a_file_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    path = tmp_path / "prose.db"
    path.write_text("once upon a time " * 100)
    with pytest.raises(StoreError, match=r"prose\.db"):
        SqliteStore.in_memory(path)
