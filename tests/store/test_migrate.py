"""Numbered migrations: each once, forward only, all that are missing or none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
import trio

from trichat.store.health import StoreError
from trichat.store.sqlite import SqliteStore, migrate

GOOD = (2, "CREATE TABLE second (x)")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[apsw.Connection]:
    db = apsw.Connection(str(tmp_path / "trichat.db"))
    yield db
    db.close()


def tables(db: apsw.Connection) -> set[str]:
    found = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {str(name) for (name,) in found}


def known(monkeypatch: pytest.MonkeyPatch, *migrations: tuple[int, str]) -> None:
    monkeypatch.setattr(migrate, "migrations", lambda: list(migrations))


def test_they_are_numbered_from_one_without_gaps() -> None:
    numbers = [number for number, _ in migrate.migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_fresh_database_gets_them_all(db: apsw.Connection) -> None:
    migrate.migrate(db)
    assert db.pragma("user_version") == migrate.migrations()[-1][0]
    assert {"users", "rooms", "events", "messages"} <= tables(db)
    assert not db.in_transaction


def test_a_second_time_changes_nothing(db: apsw.Connection) -> None:
    migrate.migrate(db)
    before = db.execute("SELECT * FROM sqlite_schema").fetchall()
    migrate.migrate(db)
    assert db.execute("SELECT * FROM sqlite_schema").fetchall() == before


def test_only_what_is_missing_is_run(db: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, (1, "CREATE TABLE first (x)"))
    migrate.migrate(db)
    known(monkeypatch, (1, "would fail"), GOOD)
    migrate.migrate(db)
    assert tables(db) == {"first", "second"}
    assert db.pragma("user_version") == 2


def test_one_that_fails_leaves_everything_as_it_was(
    db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "CREATE TABLE third (x); INSERT INTO second VALUES (1); INSERT INTO nowhere VALUES (1)"
    known(monkeypatch, (1, "CREATE TABLE first (x)"))
    migrate.migrate(db)
    known(monkeypatch, (1, "CREATE TABLE first (x)"), GOOD, (3, bad))
    with pytest.raises(StoreError, match="schema 3 failed and nothing of it was kept: no such"):
        migrate.migrate(db)
    assert db.pragma("user_version") == 1
    assert tables(db) == {"first"}
    assert not db.in_transaction


async def test_one_that_fails_refuses_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, (1, "no SQL"))
    with pytest.raises(StoreError, match="syntax error"):
        await SqliteStore.open(tmp_path / "trichat.db")


async def test_a_newer_database_is_refused_and_left_alone(
    db: apsw.Connection, tmp_path: Path
) -> None:
    migrate.migrate(db)
    db.pragma("user_version", 99)
    newest, _ = migrate.migrations()[-1]
    with pytest.raises(StoreError, match=f"schema 99, this trichat knows up to {newest}"):
        await SqliteStore.open(tmp_path / "trichat.db")
    assert db.pragma("user_version") == 99


def test_another_process_may_be_faster(db: apsw.Connection, tmp_path: Path) -> None:
    """Both found the file fresh; the other one migrated it before this one had the lock."""
    other = apsw.Connection(str(tmp_path / "trichat.db"))

    class Late:
        raced = False

        def pragma(self, name: str) -> Any:
            found = db.pragma(name)
            if not self.raced:
                self.raced = True
                migrate.migrate(other)
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(db, name)

    migrate.migrate(Late())  # type: ignore[arg-type]
    assert db.pragma("user_version") == migrate.migrations()[-1][0]
    other.close()


async def test_many_may_open_a_fresh_file_at_once(tmp_path: Path) -> None:
    async def open_and_close() -> None:
        await (await SqliteStore.open(tmp_path / "trichat.db")).aclose()

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(open_and_close)


def test_0003_rooms_of_before_were_never_visited(
    db: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of nobody being there is nothing: such a room is not archived (lobby-14)."""
    every = migrate.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrations", lambda: every[:2])
        migrate.migrate(db)
    db.execute(
        "INSERT INTO rooms (uuid, kind, title, origin, created_at, updated_at, last_at)"
        " VALUES ('u', 'public', 'den', 'lobby', 1, 1, 1)"
    )
    migrate.migrate(db)
    assert db.execute("SELECT title, visited_at FROM rooms").fetchall() == [("den", None)]
