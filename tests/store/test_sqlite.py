"""SQLite keeps the contract of stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.contract import Contract
from trichat.store.sqlite import Inline, SqliteStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    yield store
    await store.aclose()


@pytest.fixture
async def other(tmp_path: Path, store: SqliteStore) -> AsyncIterator[SqliteStore]:
    other = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    yield other
    await other.aclose()


class TestSqlite(Contract):
    pass


def test_no_test_of_the_contract_hides_another() -> None:
    names = [name for suite in Contract.__bases__ for name in vars(suite) if name[:5] == "test_"]
    assert len(names) == len(set(names)) > 100


async def test_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    path = tmp_path / "shared" / "trichat.db"
    store = await SqliteStore.open(path)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    await store.aclose()
    assert modes["trichat.db"] == 0o600
    assert set(modes.values()) == {0o600}
