"""A database that was taken away is noticed before anything more is stored, at little cost."""

import os
import time
from pathlib import Path

import pytest

from trichat.store.health import StoreError
from trichat.store.sqlite.fileidentity import COARSEST_STEP, FileIdentity


@pytest.fixture
def database(tmp_path: Path) -> Path:
    for name in ("trichat.db", "trichat.db-wal"):
        (tmp_path / name).write_text("x")
    return tmp_path / "trichat.db"


def settle(place: Path) -> None:
    """Nothing has happened there for a while."""
    set_time(place, time.time_ns() - 2 * COARSEST_STEP)


def set_time(place: Path, at: int) -> None:
    os.utime(place, ns=(at, at))


def is_held(identity: FileIdentity) -> bool:
    try:
        identity.check()
    except StoreError:
        return False
    return True


@pytest.mark.parametrize("file", ["trichat.db", "trichat.db-wal"])
@pytest.mark.parametrize("quiet", [True, False])
def test_a_file_that_leaves_and_comes_back_is_noticed_both_times(
    database: Path, file: str, quiet: bool
) -> None:
    identity = FileIdentity(database)
    if quiet:
        settle(database.parent)
    assert is_held(identity)
    aside = (database.parent / file).rename(database.parent / "aside")
    assert [is_held(identity), is_held(identity)] == [False, False]
    (database.parent / file).write_text("x")
    assert not is_held(identity)
    aside.rename(database.parent / file)
    assert [is_held(identity), is_held(identity)] == [True, True]


def test_a_change_is_noticed_though_the_directory_tells_no_other_time(database: Path) -> None:
    """As where time goes in coarse steps."""
    identity, now = FileIdentity(database), time.time_ns()
    set_time(database.parent, now)
    assert is_held(identity)
    database.unlink()
    set_time(database.parent, now)
    assert not is_held(identity)


def test_another_directory_in_its_place_is_noticed(database: Path, tmp_path: Path) -> None:
    place = tmp_path / "data"
    place.mkdir()
    database = database.rename(place / "trichat.db")
    identity = FileIdentity(database)
    settle(place)
    assert is_held(identity)
    at = place.stat().st_mtime_ns
    place.rename(tmp_path / "aside")
    assert not is_held(identity)
    place.mkdir()
    set_time(place, at)
    assert not is_held(identity)


def test_a_database_behind_a_link_is_looked_at_itself(database: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    database.rename(elsewhere / "trichat.db")
    database.symlink_to(elsewhere / "trichat.db")
    identity = FileIdentity(database)
    settle(tmp_path)
    assert is_held(identity)
    (elsewhere / "trichat.db").unlink()
    assert not is_held(identity)


def test_where_nothing_happens_the_log_is_let_be(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for its times it would get new ones with each write, which a sync writes too."""
    identity = FileIdentity(database)
    settle(database.parent)
    identity.check()
    asked: list[str] = []
    stat = os.stat

    def noting(path: str) -> os.stat_result:
        asked.append(path)
        return stat(path)

    monkeypatch.setattr(os, "stat", noting)
    for _ in range(3):
        identity.check()
    assert asked == [str(database.parent)] * 3
