"""What is looked at before a database is used, and what is said of one that cannot be."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from tests.store.faultyvfs import WRITE, Disk, faulty
from tests.store.ledger import Ledger
from tests.store.populated import populated
from trichat.store.health import Fault, StoreError
from trichat.store.sqlite import Inline, SqliteStore, migrate
from trichat.store.sqlite.checking import identify, look_over, verify


async def opens(path: Path) -> None:
    """As a server opens it."""
    await (await SqliteStore.open(path, check=True, offload=Inline)).aclose()


async def refusal(path: Path) -> StoreError:
    with pytest.raises(StoreError) as caught:
        await opens(path)
    assert str(caught.value).startswith(f"{path}: ")
    return caught.value


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    return await populated(tmp_path / "trichat.db")


@pytest.fixture
def db(database: Path) -> Iterator[apsw.Connection]:
    db = apsw.Connection(str(database))
    yield db
    db.close()


async def test_a_good_one_is_opened(database: Path) -> None:
    await opens(database)


async def test_another_program_s_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE places (x)")
    before = db.execute("SELECT * FROM sqlite_schema").fetchall()
    assert "is no database of trichat: it has tables of others (places)" in str(await refusal(path))
    assert db.execute("SELECT * FROM sqlite_schema").fetchall() == before
    db.close()


async def test_another_program_s_with_a_number_like_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE users (id, name); PRAGMA user_version = 2")
    assert "calls itself schema 2 of trichat and has no acts.action" in str(await refusal(path))
    db.close()


async def test_one_that_lacks_a_column_is_refused(db: apsw.Connection, database: Path) -> None:
    db.execute("ALTER TABLE messages DROP COLUMN edited")
    assert "has no messages.edited" in str(await refusal(database))


async def test_tables_beside_ours_are_nobody_s_business(
    db: apsw.Connection, database: Path
) -> None:
    db.execute("CREATE TABLE notes_of_the_operator (x); ANALYZE")
    await opens(database)


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trichat.db"
    path.write_text("Dear diary, " * 1000)
    error = await refusal(path)
    assert error.fault is Fault.CORRUPT
    assert "not a database" in str(error)


async def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trichat.db").mkdir()
    await refusal(tmp_path / "trichat.db")


def scribble(path: Path) -> None:
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(size // 2)
        file.write(b"\xa5" * 5000)


async def test_a_damaged_one_is_refused(database: Path) -> None:
    scribble(database)
    error = await refusal(database)
    assert error.fault is Fault.CORRUPT
    assert "damaged" in str(error)


async def test_a_large_one_is_looked_through_in_part(db: apsw.Connection) -> None:
    """A bound of time, not of size."""
    ledger = "INSERT INTO users (uuid, username, folded, created_at, updated_at)"
    many = "WITH RECURSIVE n (i) AS (SELECT 9 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
    db.execute(f"{many} {ledger} SELECT i, i, i, 0, 0 FROM n")
    assert look_over(db, "trichat.db", seconds=60)
    assert not look_over(db, "trichat.db", seconds=0)
    assert db.execute("SELECT count(*) FROM users").fetchall() == [(50_000 - 8 + 4,)]


async def test_gaps_of_a_log_are_found(db: apsw.Connection) -> None:
    verify(db, "trichat.db")
    db.execute("DELETE FROM events WHERE room_id = 1 AND seq = 2")
    with pytest.raises(StoreError, match=r"trichat\.db: the log of room 1 has gaps"):
        verify(db, "trichat.db")
    db.execute("UPDATE rooms SET last_seq = last_seq + 1 WHERE id = 2")


async def test_references_to_nobody_are_found(db: apsw.Connection) -> None:
    db.execute("UPDATE messages SET author_id = 99 WHERE id = 1")
    with pytest.raises(StoreError, match="row 1 of messages refers to none of users"):
        verify(db, "trichat.db")


async def test_the_newest_schema_is_known(db: apsw.Connection) -> None:
    assert identify(db, "trichat.db") == migrate.migrations()[-1][0]


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (apsw.FullError, Fault.FULL),
        (apsw.ReadOnlyError, Fault.READ_ONLY),
        (apsw.IOError, Fault.IO),
    ],
)
async def test_one_that_cannot_be_written_to_is_refused_at_the_start(
    tmp_path: Path, error: type[apsw.Error], fault: Fault
) -> None:
    """And not at the first message."""
    with faulty() as disk:
        path = await populated(tmp_path / "trichat.db")
        disk.error, disk.fails = error, lambda step: step[0] == WRITE
        assert (await refusal(path)).fault is fault
        disk.heal()
        await opens(path)


def steps_of_migrating(disk: Disk, path: Path) -> int:
    disk.steps.clear()
    _migrate(path)
    return len(disk.steps)


def _migrate(path: Path) -> None:
    db = apsw.Connection(str(path))
    try:
        db.pragma("journal_mode", "wal")
        migrate.migrate(db)
    finally:
        db.close()


async def test_wherever_the_disk_fails_in_a_migration_the_next_start_goes_on(
    tmp_path: Path,
) -> None:
    """All migrations are there or none."""
    newest = migrate.migrations()[-1][0]
    with faulty() as disk:
        steps = steps_of_migrating(disk, tmp_path / "whole.db")
        for good in range(0, steps, 5):
            path = tmp_path / f"{good}.db"
            disk.error = apsw.FullError
            disk.fail_from(good)
            with suppress(StoreError, apsw.Error):
                _migrate(path)
            disk.heal()
            db = apsw.Connection(str(path))
            assert identify(db, str(path)) in (0, newest)
            db.close()
            store = await SqliteStore.open(path, check=True, offload=Inline)
            await Ledger(store).person("ann")
            await store.aclose()
