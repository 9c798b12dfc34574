"""'Sent' means on disk; a disk that fails costs what was being written and nothing else."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import apsw
import pytest

from tests.store.faultyvfs import SYNC, Disk, faulty
from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core.refusals import Failed
from trichat.runtime.clock import new_uuid
from trichat.store.health import Probe, StoreError
from trichat.store.log import Committed
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.sqlite.connecting import LOG_BYTES
from trichat.store.users import CreateUser


@pytest.fixture
def disk() -> Iterator[Disk]:
    with faulty() as disk:
        yield disk


@pytest.fixture
async def store(tmp_path: Path, disk: Disk) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    yield store
    disk.heal()
    await store.aclose()


async def test_the_writer_and_the_readers_are_set_up_as_promised(store: SqliteStore) -> None:
    for db in (store._writer, *store._readers):
        assert db.pragma("journal_mode") == "wal"
        assert db.pragma("synchronous") == 2
        assert db.pragma("foreign_keys") == 1
    assert [db.pragma("query_only") for db in store._readers] == [1, 1]


async def test_a_commit_answers_after_its_log_is_synced(store: SqliteStore, disk: Disk) -> None:
    ledger = Ledger(store)
    alice = await ledger.person("alice")
    room = await ledger.room(alice)
    for text in "abc":
        disk.steps.clear()
        await ledger.say(room, alice, text)
        log = [action for action, file in disk.steps if file == "wal"]
        assert log
        assert log[-1] == SYNC


async def test_a_group_of_commits_is_synced_once(store: SqliteStore, disk: Disk) -> None:
    ledger = Ledger(store)
    alice = await ledger.person("alice")
    rooms = [await ledger.room(alice) for _ in range(10)]
    commits = [await ledger.commit_of(room, (alice, c.Say("x"))) for room in rooms]
    disk.steps.clear()
    await store.write(commits)
    assert disk.steps.count((SYNC, "wal")) == 1


async def test_a_refusal_alone_syncs_nothing(store: SqliteStore, disk: Disk) -> None:
    ledger = Ledger(store)
    await ledger.person("alice")
    disk.steps.clear()
    await ledger.write(CreateUser("u", "alice", None, None, None, NOW))
    assert (SYNC, "wal") not in disk.steps


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
@pytest.mark.parametrize("good_steps", range(8))
async def test_wherever_the_disk_fails_nothing_is_half_written(
    store: SqliteStore, disk: Disk, tmp_path: Path, error: type[apsw.Error], good_steps: int
) -> None:
    ledger = Ledger(store)
    alice, bob = await ledger.people("alice", "bob")
    room, other = await ledger.room(alice), await ledger.room(alice)
    (before,) = await ledger.say(room, alice, "before")
    commits = [
        await ledger.commit_of(room, (alice, c.Say("x" * 9000)), (bob, c.Join())),
        await ledger.commit_of(other, (alice, c.Say("y" * 9000))),
    ]
    disk.error = error
    disk.fail_from(good_steps)
    try:
        outcomes = list(await store.write(commits, "both"))
    except StoreError:
        outcomes = list(await store.commit_status("both") or [Failed(), Failed()])
    disk.heal()

    there = isinstance(outcomes[0], Committed)
    assert [isinstance(outcome, Committed) for outcome in outcomes] == [there, there]
    again = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    for reader in (store, again):
        texts = [message.text[:1] for message in (await reader.history(room.id, limit=9))[0]]
        assert texts == (["b", "x"] if there else ["b"])
        assert (await reader.membership(room.id, bob.id) is not None) == there
    await again.aclose()
    (after,) = await ledger.say(room, alice, "after")
    history, _ = await store.history(room.id, limit=9)
    assert (history[0], history[-1]) == (before, after)


async def test_the_faults_above_do_strike(store: SqliteStore, disk: Disk) -> None:
    disk.fail_from(1)
    with pytest.raises(StoreError, match="the disk says no"):
        await store.write([CreateUser(new_uuid(), "alice", None, None, None, NOW)])
    assert await store.user_by_name("alice") is None


async def test_a_database_without_space_refuses_and_goes_on_when_there_is_some(
    store: SqliteStore,
) -> None:
    """SQLITE_FULL in the midst of a statement, by way of a limit on pages."""
    ledger = Ledger(store)
    alice = await ledger.person("alice")
    room, small = await ledger.room(alice), await ledger.room(alice)
    pages = store._writer.pragma("page_count")
    store._writer.pragma("max_page_count", pages + 5)
    large = await ledger.commit_of(room, *((alice, c.Say("x" * 10_000)) for _ in range(10)))
    little = await ledger.commit_of(small, (alice, c.Say("little")))
    try:
        outcomes = list(await store.write([large, little], "both"))
    except StoreError:
        outcomes = list(await store.commit_status("both") or [Failed(), Failed()])
    assert outcomes[0] == Failed()
    assert (await store.history(room.id, limit=9)) == ([], 1)
    history, _ = await store.history(small.id, limit=9)
    assert bool(history) == isinstance(outcomes[1], Committed)
    store._writer.pragma("max_page_count", 1_000_000)
    assert await ledger.say(room, alice, "goes on")


async def test_what_cannot_be_read_is_a_store_error(store: SqliteStore) -> None:
    await store.aclose()
    with pytest.raises(StoreError):
        await store.user(1)
    with pytest.raises(StoreError):
        await store.write([CreateUser("u", "alice", None, None, None, NOW)])


async def test_a_name_that_no_database_can_hold_is_a_store_error(store: SqliteStore) -> None:
    with pytest.raises(StoreError):
        await store.room_by_handle("\ud800")
    assert await store.room_by_handle("a") is None


async def test_a_place_that_cannot_be_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        await SqliteStore.open(tmp_path / "nowhere" / "trichat.db", offload=Inline)
    (tmp_path / "prose.db").write_text("no database, but long enough to look like one" * 50)
    with pytest.raises(StoreError, match="not a database"):
        await SqliteStore.open(tmp_path / "prose.db", offload=Inline)


async def after_a_crash(folder: Path, name: str) -> list[str]:
    """What a server that is started now on what the disk has would show of room 1."""
    (folder / name).mkdir()
    for file in ("trichat.db", "trichat.db-wal"):
        shutil.copy(folder / file, folder / name / file)
    store = await SqliteStore.open(folder / name / "trichat.db", offload=Inline)
    texts = [message.text for message in (await store.history(1, limit=9))[0]]
    await store.aclose()
    return texts


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
async def test_what_was_refused_for_a_sync_stays_refused(
    store: SqliteStore, disk: Disk, tmp_path: Path, error: type[apsw.Error]
) -> None:
    """The log on the disk had it whole, until the store wrote over it at once."""
    ledger = Ledger(store)
    alice = await ledger.person("alice")
    room = await ledger.room(alice)
    await ledger.say(room, alice, "before")
    commit = await ledger.commit_of(room, (alice, c.Say("refused")))
    disk.error, disk.fails = error, lambda step: step == (SYNC, "wal")
    with pytest.raises(StoreError):
        await store.write([commit], "refused")
    assert await store.commit_status("refused") is None
    disk.heal()
    assert await after_a_crash(tmp_path, "before") == ["before"]
    assert await store.write([Probe()]) == [True]
    await ledger.say(room, alice, "after")
    assert await after_a_crash(tmp_path, "after") == ["before", "after"]


async def test_a_log_that_grew_under_a_reader_is_cut_when_it_begins_anew(tmp_path: Path) -> None:
    """As after a long backup: else its file stays as long as it ever was."""
    path = tmp_path / "trichat.db"
    store = await SqliteStore.open(path, offload=Inline)
    log = path.with_name("trichat.db-wal")
    reader = apsw.Connection(str(path))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM users").fetchall()  # holds this moment
    store._writer.execute("CREATE TABLE ballast (b)")
    store._writer.execute("INSERT INTO ballast VALUES (zeroblob(?))", (2 * LOG_BYTES,))
    assert log.stat().st_size > 2 * LOG_BYTES
    reader.close()
    for _ in range(2):  # the first folds it into the database, the second begins it anew
        store._writer.execute("INSERT INTO ballast VALUES (1)")
        store._writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
    assert log.stat().st_size <= LOG_BYTES
    await store.aclose()
