"""Before a database is migrated a copy of it is kept; what fails changes nothing."""

import logging
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.needs import needs
from tests.store.archive.test_round_trip import everything
from tests.store.faultyvfs import faulty
from tests.store.test_eras import NEWEST, as_left
from trichat.store import atomicfile
from trichat.store.health import Fault, StoreError
from trichat.store.sqlite import Inline, SqliteStore, backup, migrate, upgrading

OLD = 3
LATER = (NEWEST + 1, "CREATE TABLE later (x); INSERT INTO nowhere VALUES (1)")
needs_root = needs(os.geteuid() == 0, "files are given away by root alone: this is another user")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return as_left(tmp_path / "data" / "trichat.db", OLD, OLD)


async def start(path: Path, **options: Any) -> None:
    await (await SqliteStore.open(path, check=True, offload=Inline, **options)).aclose()


def schema(path: Path) -> int:
    db = apsw.Connection(str(path))
    try:
        return int(db.pragma("user_version"))
    finally:
        db.close()


def copy_of(path: Path, version: int = OLD) -> Path:
    return path.with_name(f"trichat.db.schema-{version}")


def size_of(path: Path) -> int:
    return path.stat().st_size


def names(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


async def test_a_copy_is_kept_and_the_log_tells_of_it(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = everything(database)
    with caplog.at_level(logging.INFO):
        await start(database)
    assert schema(database) == NEWEST
    copy = copy_of(database)
    assert (schema(copy), everything(copy)) == (OLD, before)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert names(database) == ["trichat.db", "trichat.db.schema-3"]
    said = [record.getMessage() for record in caplog.records]
    assert said[:2] == [
        f"{database} has schema 3, this trichat works on {NEWEST}: migrating",
        f"the database as it was before the migration is kept as {copy}",
    ]
    assert said[2:] == ["database migrated"]
    told = vars(caplog.records[-1])
    assert (told["schema_before"], told["schema"]) == (3, NEWEST)


async def test_what_is_only_in_the_log_yet_is_in_the_copy(database: Path) -> None:
    db = apsw.Connection(str(database))
    db.execute("UPDATE users SET avatar = 'late.png' WHERE id = 1")
    assert (database.parent / "trichat.db-wal").stat().st_size > 0
    await start(database)
    db.close()
    assert "late.png" in str(everything(copy_of(database))["users"])


async def test_there_is_none_where_nothing_is_migrated(database: Path, tmp_path: Path) -> None:
    await start(tmp_path / "fresh.db")
    await start(tmp_path / "fresh.db")
    assert sorted(os.listdir(tmp_path)) == ["data", "fresh.db"]
    await start(database, keep=False)
    assert names(database) == ["trichat.db"]


async def test_the_way_back_and_up_again(database: Path) -> None:
    """The later copy is the one that counts."""
    await start(database)
    copy_of(database).replace(database)
    db = apsw.Connection(str(database))
    db.execute("UPDATE users SET avatar = 'late.png' WHERE id = 1")
    db.close()
    await start(database)
    assert "late.png" in str(everything(copy_of(database))["users"])
    assert names(database) == ["trichat.db", "trichat.db.schema-3"]


async def test_nobody_writes_between_the_copy_and_the_migration(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(path: Path, version: int) -> Path:
        copy = keep_copy(path, version)
        other = apsw.Connection(str(path))
        with pytest.raises(apsw.BusyError):
            other.execute("UPDATE users SET avatar = 'lost'")
        other.close()
        return copy

    keep_copy = backup.keep
    monkeypatch.setattr(backup, "keep", keep)
    await start(database)
    assert "lost" not in str(everything(database)["users"])


async def test_a_migration_that_fails_refuses_the_start_and_changes_nothing(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The good ones before it are undone too."""
    before, known = everything(database), migrate.migrations()
    monkeypatch.setattr(migrate, "migrations", lambda: [*known, LATER])
    with pytest.raises(StoreError) as caught:
        await start(database)
    assert str(caught.value) == (
        f"{database}: not migrated, it is as it was: the migration to schema {NEWEST + 1} failed"
        " and nothing of it was kept: no such table: nowhere"
    )
    assert (schema(database), everything(database)) == (OLD, before)
    monkeypatch.setattr(migrate, "migrations", lambda: known)
    await start(database)
    assert everything(copy_of(database)) == before


async def test_without_space_for_a_copy_nothing_is_migrated(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, size = everything(database), size_of(database)
    with monkeypatch.context() as patch:
        full = os.statvfs_result((1, 1, 9, 9, 2 * size - 1, 9, 9, 9, 0, 255))
        patch.setattr(os, "statvfs", lambda path: full)
        with pytest.raises(
            StoreError, match=f"{2 * size} bytes are wanted, {2 * size - 1} are f"
        ) as e:
            await start(database)
        assert e.value.fault is Fault.FULL
        assert (schema(database), everything(database)) == (OLD, before)
        assert names(database) == ["trichat.db"]
        enough = os.statvfs_result((1, 1, 9, 9, 2 * size, 9, 9, 9, 0, 255))
        patch.setattr(os, "statvfs", lambda path: enough)
        await start(database)
    assert schema(database) == NEWEST


async def test_wherever_the_disk_fails_it_is_old_or_new(tmp_path: Path) -> None:
    with faulty() as disk:
        path = as_left(tmp_path / "whole" / "trichat.db", OLD, OLD)
        disk.steps.clear()
        await start(path)
        steps = len(disk.steps)
        for good in range(0, steps, 7):
            path = as_left(tmp_path / str(good) / "trichat.db", OLD, OLD)
            before = everything(path)
            disk.error = apsw.FullError
            disk.fail_from(good)
            with suppress(StoreError, apsw.Error):
                await start(path)
            disk.heal()
            assert schema(path) in (OLD, NEWEST)
            if schema(path) == OLD:
                assert everything(path) == before
            assert "trichat.db.schema-3.part" not in names(path)
            await start(path)
            assert everything(copy_of(path)) == before


@pytest.mark.parametrize("step", ["copied", "migrated"])
async def test_kill_amid_it_leaves_nothing_in_the_way(database: Path, step: str) -> None:
    """kill -9 when the copy is half written, and once all was migrated but not committed."""
    before = everything(database)
    child = os.fork()
    if child == 0:
        _upgrade_and_die(database, step)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL  # noqa: ASYNC222
    assert schema(database) == OLD
    await start(database)
    assert (schema(database), everything(copy_of(database))) == (NEWEST, before)
    assert names(database) == ["trichat.db", "trichat.db.schema-3"]


def _upgrade_and_die(database: Path, step: str) -> None:
    db = apsw.Connection(str(database))
    if step == "copied":
        atomicfile.os.fsync = lambda file: die()  # type: ignore[attr-defined]
    else:
        db.set_exec_trace(lambda cursor, sql, values: sql.strip() != "COMMIT" or die())
    upgrading.upgrade(db, database, keep=True)
    os._exit(0)


def die() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return False


@needs_root
async def test_the_copy_belongs_to_who_owns_the_directory(database: Path) -> None:
    os.chown(database.parent, 12345, 23456)
    await start(database)
    found = copy_of(database).stat()
    assert (found.st_uid, found.st_gid) == (12345, 23456)
