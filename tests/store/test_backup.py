"""A backup is of one moment, whole and private; what is restored is what was backed up."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.store.archive.test_round_trip import everything
from tests.store.faultyvfs import SYNC, WRITE, faulty
from tests.store.ledger import Ledger
from tests.store.populated import populated
from tests.store.test_checking import scribble
from trichat.store.atomicfile import ExistsError
from trichat.store.health import StoreError
from trichat.store.sqlite import Inline, SqliteStore, backup, migrate


def back_up(source: Path, target: Path, **options: Any) -> backup.Counts:
    given: dict[str, Any] = {"replace": False, "progress": lambda done, total: None}
    return backup.back_up(source, target, **(given | options))


def restore(source: Path, target: Path, **options: Any) -> Path | None:
    given: dict[str, Any] = {"replace": False, "progress": lambda done, total: None}
    return backup.restore(source, target, **(given | options))


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return await populated(folder / "trichat.db")


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


async def test_a_backup_holds_everything_in_one_private_file(
    database: Path, tmp_path: Path
) -> None:
    target = tmp_path / "b.db"
    steps: list[tuple[int, int]] = []
    counts = back_up(database, target, progress=lambda *step: steps.append(step))
    assert everything(target) == everything(database)
    assert counts == {
        table: len(rows)
        for table, rows in everything(database).items()
        if table != "sqlite_sequence"
    }
    assert os.stat(target).st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["b.db", "data"]
    assert steps[-1][0] == steps[-1][1] > 0


async def test_it_holds_what_is_only_in_the_log_yet(database: Path, tmp_path: Path) -> None:
    store = await SqliteStore.open(database, offload=Inline)
    await Ledger(store).person("late")
    back_up(database, tmp_path / "b.db")
    assert any("late" in row for row in everything(tmp_path / "b.db")["users"])
    await store.aclose()


async def test_who_writes_meanwhile_is_not_in_it_and_does_not_hold_it_up(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES", 1)
    before, done = everything(database), []
    other = apsw.Connection(str(database))

    def write(copied: int, total: int) -> None:
        done.append(copied)
        other.execute("INSERT INTO events VALUES (1, 1000 + ?, 'said', 0, 1, 1, 1, NULL)", [copied])

    back_up(database, tmp_path / "b.db", progress=write)
    assert everything(tmp_path / "b.db") == before
    assert done == list(range(1, done[-1] + 1))  # no step was made anew
    assert len(everything(database)["events"]) == len(before["events"]) + len(done)
    other.close()


async def test_one_of_an_older_schema_is_not_migrated(tmp_path: Path) -> None:
    db = apsw.Connection(str(tmp_path / "old.db"))
    migrate.migrate(db, up_to=2)
    back_up(tmp_path / "old.db", tmp_path / "b.db")
    copy = apsw.Connection(str(tmp_path / "b.db"))
    assert [db.pragma("user_version"), copy.pragma("user_version")] == [2, 2]
    db.close()
    copy.close()


async def test_what_is_there_is_written_over_only_if_told(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    target.write_text("precious")
    with pytest.raises(ExistsError, match=r"b\.db exists"):
        back_up(database, target)
    assert target.read_text() == "precious"
    back_up(database, target, replace=True)
    assert everything(target) == everything(database)


async def test_what_a_crash_left_is_in_nobody_s_way(database: Path, tmp_path: Path) -> None:
    (tmp_path / "b.db.part").write_text("half of a backup" * 100_000)
    back_up(database, tmp_path / "b.db")
    assert everything(tmp_path / "b.db") == everything(database)
    assert names(tmp_path) == ["b.db", "data"]


async def test_two_at_once_are_told_of_each_other(database: Path, tmp_path: Path) -> None:
    def another(done: int, total: int) -> None:
        with pytest.raises(ExistsError, match=r"b\.db\.part is being written by another process"):
            back_up(database, tmp_path / "b.db")

    back_up(database, tmp_path / "b.db", progress=another)
    assert everything(tmp_path / "b.db") == everything(database)


@pytest.mark.parametrize("good", [0, 1, 5, 20])
async def test_a_disk_that_is_full_leaves_no_backup(
    database: Path, tmp_path: Path, good: int
) -> None:
    with faulty() as disk:
        disk.fail_from(good)
        with pytest.raises(StoreError, match="no space is left on its disk"):
            back_up(database, tmp_path / "b.db")
    assert names(tmp_path) == ["data"]
    assert names(database.parent) == ["trichat.db"]


async def test_a_damaged_database_makes_no_backup(database: Path, tmp_path: Path) -> None:
    scribble(database)
    with pytest.raises(StoreError, match="damaged"):
        back_up(database, tmp_path / "b.db")
    assert names(tmp_path) == ["data"]


@pytest.mark.parametrize("what", ["nothing", "an empty file", "prose", "another program's"])
async def test_what_is_no_database_is_not_backed_up(tmp_path: Path, what: str) -> None:
    source = tmp_path / "trichat.db"
    make: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "an empty file": source.touch,
        "prose": lambda: source.write_text("Dear diary, " * 1000),
        "another program's": lambda: apsw.Connection(str(source)).execute("CREATE TABLE t (x)"),
    }
    make[what]()
    with pytest.raises(StoreError):
        back_up(source, tmp_path / "b.db")
    assert "b.db" not in names(tmp_path)


# -- back


async def test_what_is_restored_is_what_was_backed_up(database: Path, tmp_path: Path) -> None:
    back_up(database, tmp_path / "b.db")
    target = tmp_path / "new" / "trichat.db"
    target.parent.mkdir()
    assert restore(tmp_path / "b.db", target) is None
    assert everything(target) == everything(database)
    assert os.stat(target).st_mode & 0o777 == 0o600
    assert names(target.parent) == ["trichat.db"]
    store = await SqliteStore.open(target, check=True, offload=Inline)
    assert await store.user_by_name("ann")
    await store.aclose()


async def test_the_database_that_was_there_is_kept_aside_with_its_log(
    database: Path, tmp_path: Path
) -> None:
    back_up(database, tmp_path / "b.db")
    backed_up = everything(database)
    _write_and_die(database)
    assert "trichat.db-wal" in names(database.parent)
    aside = restore(tmp_path / "b.db", database, replace=True)
    assert aside == database.with_name("trichat.db.replaced-1")
    assert everything(database) == backed_up
    assert any("late" in row for row in everything(aside)["users"])
    assert names(database.parent) == ["trichat.db", "trichat.db.replaced-1"]


def _write_and_die(database: Path) -> None:
    """As a server that was killed leaves it: a log beside the database."""
    child = os.fork()
    if child == 0:
        db = apsw.Connection(str(database))
        db.pragma("journal_mode", "wal")
        db.execute(
            "INSERT INTO users (uuid, username, folded, created_at, updated_at)"
            " VALUES ('late', 'late', 'late', 0, 0)"
        )
        os._exit(0)
    os.waitpid(child, 0)


async def test_a_broken_database_is_kept_aside_too(database: Path, tmp_path: Path) -> None:
    back_up(database, tmp_path / "b.db")
    backed_up = everything(database)
    with database.open("w") as file:
        file.write("nothing good " * 1000)
    aside = restore(tmp_path / "b.db", database, replace=True)
    assert aside is not None
    with aside.open() as file:
        assert file.read(13) == "nothing good "
    assert everything(database) == backed_up
    assert names(database.parent) == ["trichat.db", "trichat.db.replaced-1"]


async def test_a_database_is_put_aside_only_if_told(database: Path, tmp_path: Path) -> None:
    back_up(database, tmp_path / "b.db")
    before = everything(database)
    with pytest.raises(ExistsError, match=r"trichat\.db exists"):
        restore(tmp_path / "b.db", database)
    assert everything(database) == before


async def test_a_damaged_backup_is_not_put_in_place(database: Path, tmp_path: Path) -> None:
    back_up(database, tmp_path / "b.db")
    before = everything(database)
    scribble(tmp_path / "b.db")
    with pytest.raises(StoreError, match=r"b\.db: .*(damaged|malformed)"):
        restore(tmp_path / "b.db", database, replace=True)
    assert everything(database) == before
    assert names(database.parent) == ["trichat.db"]


@pytest.mark.parametrize("good", [0, 3, 30])
async def test_a_full_disk_leaves_what_was_there(database: Path, tmp_path: Path, good: int) -> None:
    back_up(database, tmp_path / "b.db")
    before = everything(database)
    with faulty() as disk:
        disk.fail_from(good)
        with pytest.raises(StoreError, match="no space is left on its disk"):
            restore(tmp_path / "b.db", database, replace=True)
        assert (WRITE, "db") in disk.steps or (SYNC, "db") in disk.steps or good == 0
    assert everything(database) == before
