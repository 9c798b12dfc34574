"""A disk that fails under a running server: who asks is told so in their dialect's words, nobody is
told what is not stored, and when the disk is back all goes on without a restart.
"""

import json
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
import trio

from tests.listeners import DIALECTS, FAILED, Listeners
from tests.server import PATIENCE, ChatServer, Person, open_chat_server, settings_for
from tests.store.faultyvfs import READ, SYNC, WRITE, Disk, faulty
from trichat.store.health import StoreHealth
from trichat.store.sqlite import SqliteStore, connecting
from trichat.web.rest.errors import STORAGE_FAILED


@pytest.fixture
def disk() -> Iterator[Disk]:
    with faulty() as disk:
        yield disk


@pytest.fixture
async def server(tmp_path: Path, disk: Disk) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        yield server
        disk.heal()


GONE = "its file was taken away; put it back, or stop the server and restore a backup"
FAULTS = {
    "no space": ("full", "there is no space left for it"),
    "writes fail": ("io", "its disk fails"),
    "syncs fail": ("io", "its disk fails"),
    "read-only": ("read_only", "it cannot be written to"),
    "locked": ("locked", "another process keeps it locked"),
    "taken away": ("gone", GONE),
    "replaced": ("gone", GONE),
    "its log taken away": ("gone", GONE),
}


@contextmanager
def stricken(disk: Disk, kind: str, database: Path) -> Iterator[None]:
    """Meanwhile nothing can be stored."""
    other = None
    aside, log = database.with_suffix(".aside"), database.with_suffix(".db-wal")
    match kind:
        case "no space":
            disk.space = 0
        case "writes fail":
            disk.error, disk.fails = apsw.IOError, lambda step: step[0] == WRITE
        case "syncs fail":
            disk.error, disk.fails = apsw.IOError, lambda step: step == (SYNC, "wal")
        case "read-only":
            disk.error, disk.fails = apsw.ReadOnlyError, lambda step: step[0] == WRITE
        case "locked":
            other = apsw.Connection(str(database))
            other.execute("BEGIN IMMEDIATE")
        case "taken away":
            database.rename(aside)
        case "replaced":
            database.rename(aside)
            shutil.copyfile(aside, database)
        case "its log taken away":
            log.rename(aside)
    yield
    disk.heal()
    if aside.exists():
        aside.rename(log if kind == "its log taken away" else database)
    if other is not None:
        other.close()


async def nothing_is_taken(listeners: Listeners, ann: Person) -> None:
    """Each dialect says so, and nobody hears of it."""
    for dialect in DIALECTS:
        await listeners.say(dialect, "lost")
        assert await listeners.clients[dialect].next() == FAILED[dialect]
    body = {"content": "lost", "channel_id": listeners.room.uuid}
    answer = await listeners.server.rest(ann, "POST", "/messages/", body)
    assert answer == (503, {"detail": STORAGE_FAILED})


async def until_it_works(server: ChatServer) -> None:
    """Nobody writes meanwhile."""
    with trio.fail_after(PATIENCE):
        while (await server.get("/readyz")).status_code == 503:
            pass


async def numbers(listeners: Listeners) -> list[int]:
    return [
        event.seq
        for event in await listeners.server.runtime.store.log(listeners.room.number, 0, -1)
    ]


def sample(page: str, name: str) -> float:
    (line,) = [line for line in page.splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.promise("all-7")
async def test_a_fault_is_told_and_when_it_has_gone_all_goes_on(
    listeners: Listeners,
    ann: Person,
    disk: Disk,
    kind: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = listeners.server
    assert isinstance(server.runtime.store, SqliteStore)
    server.runtime.store._writer.set_busy_timeout(50)  # in place of connecting.BUSY_MS
    caplog.set_level(logging.INFO, "trichat.store")
    fault, words = FAULTS[kind]
    await listeners.all_work()
    with stricken(disk, kind, tmp_path / "data" / "trichat.db"):
        for _ in range(3):
            await nothing_is_taken(listeners, ann)
        assert len(await listeners.history(ann)) == len(DIALECTS)  # reading goes on
        ready = await server.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"detail": "Storage is unavailable"})
        page = (await server.get("/metrics")).text
        assert sample(page, "trichat_storage_failing") == 1
        labels = f'{{action="write",fault="{fault}"}}'
        assert sample(page, f"trichat_storage_faults_total{labels}") >= 15
        assert (await server.get("/healthz")).status_code == 200
    await until_it_works(server)
    assert (await server.get("/readyz")).status_code == 200
    assert sample((await server.get("/metrics")).text, "trichat_storage_failing") == 0
    await listeners.all_work()
    assert await listeners.history(ann) == [f"{dialect} works" for dialect in DIALECTS] * 2
    assert await numbers(listeners) == list(range(1, 2 * len(DIALECTS) + 2))
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    begun, ended = [record.getMessage() for record in told]
    assert begun.startswith(f"nothing can be stored, {words}: ")
    assert ended.startswith("storing goes on after ")


async def test_a_disk_that_fills_up_takes_what_fits_and_refuses_the_rest(
    listeners: Listeners, ann: Person, disk: Disk
) -> None:
    client = listeners.clients["chats"]
    taken = []
    disk.space = 100_000
    for number in range(100):
        text = f"{number} " + "x" * 900
        await client.send(listeners.room.message("chats", text))
        if await client.next() == FAILED["chats"]:
            break
        taken.append(text)
        assert (await client.next())["message"] == text
    assert 0 < len(taken) < 99
    disk.heal()
    await until_it_works(listeners.server)
    assert await listeners.history(ann) == taken
    assert await numbers(listeners) == list(range(1, len(taken) + 2))


async def test_a_slow_disk_makes_everyone_wait_and_loses_nothing(
    listeners: Listeners, ann: Person, disk: Disk
) -> None:
    disk.slow = 0.2
    for _ in range(2):
        await listeners.all_work()
    disk.slow = 0.0
    assert await listeners.history(ann) == [f"{dialect} works" for dialect in DIALECTS] * 2


async def test_a_crowd_of_messages_is_refused_as_fast_as_the_disk_says_no(
    listeners: Listeners, disk: Disk
) -> None:
    """One try for a batch of them, not one for each half of it."""
    disk.space = 0
    client = listeners.clients["chats"]
    for _ in range(60):
        await client.send(listeners.room.message("chats", "lost"))
    answers = [await client.next() for _ in range(60)]
    assert answers == [FAILED["chats"]] * 60
    page = (await listeners.server.get("/metrics")).text
    assert sample(page, 'trichat_storage_faults_total{action="write",fault="full"}') < 60


async def test_what_cannot_be_read_is_told_and_comes_back(
    server: ChatServer, ann: Person, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    room = await server.channel(ann, "tea")
    store = server.runtime.store
    assert isinstance(store, SqliteStore)
    for reader in store._readers:
        reader.pragma("cache_size", 0)
    caplog.set_level(logging.INFO, "trichat.store")
    path = f"/messages/channel/{room}"
    disk.error, disk.fails = apsw.IOError, lambda step: step[0] == READ
    for _ in range(3):
        assert await server.rest(ann, "GET", path) == (503, {"detail": STORAGE_FAILED})
        async with server.socket("channels", ann) as socket:
            assert await socket.close_code() == 1011
    disk.heal()
    assert await server.rest(ann, "GET", path) == (200, [])
    ours = [entry for entry in caplog.records if entry.name.startswith("trichat.store")]
    said = [entry.getMessage() for entry in ours]
    assert said[0].startswith("the database cannot be read, its disk fails: ")
    assert sum(text.startswith("the database cannot be read") for text in said) == 1


async def test_a_database_that_is_damaged_under_the_server_is_told_and_nothing_false_is_shown(
    server: ChatServer, ann: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    room = await server.channel(ann, "tea")
    body = {"content": "x" * 1900, "channel_id": room}
    for _ in range(3):
        assert (await server.rest(ann, "POST", "/messages/", body))[0] == 200
    store = server.runtime.store
    assert isinstance(store, SqliteStore)
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for db in (store._writer, *store._readers):
        db.execute("PRAGMA shrink_memory")
    with (tmp_path / "data" / "trichat.db").open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    path = f"/messages/channel/{room}"
    assert await server.rest(ann, "GET", path) == (503, {"detail": STORAGE_FAILED})
    assert await server.rest(ann, "POST", "/messages/", body) == (503, {"detail": STORAGE_FAILED})
    assert "it is damaged; stop the server and restore a backup" in caplog.text


def test_a_condition_that_flutters_is_told_once_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health = StoreHealth()
    for _ in range(100):
        health.cannot_write(OSError("no"))
        assert health.in_doubt
        health.stored()
        assert not health.in_doubt
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_the_page_for_operators_has_the_frames() -> None:
    page = (Path(__file__).parents[1] / "docs" / "operations.md").read_text()
    for dialect, frame in FAILED.items():
        assert f"| {dialect} | `{json.dumps(frame, separators=(',', ':'))}` |" in page
    assert f'503 `{{"detail":"{STORAGE_FAILED}"}}`' in page


def test_another_process_may_keep_the_database_for_a_while() -> None:
    """What waits for it is answered within the patience of most clients."""
    assert connecting.BUSY_MS <= 5000
