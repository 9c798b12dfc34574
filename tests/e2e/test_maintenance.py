"""`trichat backup`, `restore`, `export`, `import`, `check`, as an operator runs them."""

import logging
import os
import pty
import signal
import stat
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import apsw
import httpx
import pytest
import trio
from click.testing import CliRunner, Result

from tests.e2e.launching import CHEAP_PASSWORDS, PATIENCE, TRICHAT, environment, launched, serve
from tests.e2e.users import PASSWORD, Person, Users, users_of
from trichat.cli import main, options
from trichat.logevents import EVENTS


@pytest.fixture(autouse=True)
def _log_of_ours(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Commands that are run in this process leave its log alone, and note what they do."""
    monkeypatch.setattr(options, "configure_logging", lambda log: None)
    caplog.set_level(logging.INFO, EVENTS)
    for name, value in CHEAP_PASSWORDS.items():
        monkeypatch.setenv(name, value)


async def run(*words: object) -> Result:
    """A command without a process of its own, which would cost each test seconds."""
    line = [str(word) for word in words]
    return await trio.to_thread.run_sync(CliRunner().invoke, main, line)


async def trichat(*words: object) -> str:
    """A command that succeeds, silent on the error stream."""
    done = await run(*words)
    assert (done.exit_code, done.stderr) == (0, ""), done
    return done.stdout


async def refused(*words: object) -> str:
    """A command that is refused in one line: that line."""
    done = await run(*words)
    assert (done.exit_code, done.stdout) == (1, ""), done
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("Error: ").rstrip("\n")


@asynccontextmanager
async def running(data: Path) -> AsyncIterator[Users]:
    whole_history = {"TRICHAT_ROOMS_HISTORY": "10000"}
    async with launched(serve(data), whole_history) as server, users_of(server.address) as users:
        yield users


async def login(users: Users, name: str) -> int:
    body = {"username": name, "password": PASSWORD}
    async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
        return (await client.post("/api/v1/auth/login", json=body)).status_code


async def talk(users: Users, ann: Person, channel: str, stop: trio.Event, sent: list[str]) -> None:
    """One message after the other; `sent` has those that were acknowledged."""
    async with users.socket("chats", ann) as socket:
        while not stop.is_set():
            text = f"message {len(sent)}"
            await socket.send({"action": "message", "chat_id": channel, "text": text})
            assert (await socket.next())["status"] == "success"
            sent.append(text)


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


async def until(sent: Sequence[str], many: int) -> None:
    with trio.fail_after(PATIENCE):
        while len(sent) < many:
            await trio.lowlevel.checkpoint()


async def test_a_backup_under_load_has_all_that_was_acknowledged_before_it(
    data: Path, tmp_path: Path
) -> None:
    """Restored elsewhere it is served: everybody logs in, the histories are a beginning of ours."""
    file, sent, stop = tmp_path / "b.db", list[str](), trio.Event()
    async with running(data) as users, trio.open_nursery() as nursery:
        (ann,) = await users.people("ann")
        channel = await users.channel("stream", ann)
        nursery.start_soon(talk, users, ann, channel, stop, sent)
        await until(sent, 50)
        before = len(sent)
        said = await trichat("backup", "--data", data, file)
        assert said.startswith(f"{file} holds 2 users, ")
        assert private(file)
        await until(sent, len(sent) + 50)  # and the server has gone on
        stop.set()
    assert await trichat("check", file) == said.replace(" holds ", " is whole: ")

    restored = tmp_path / "restored"
    assert await trichat("restore", "--data", restored, file) == said.replace(
        str(file), str(restored / "trichat.db")
    )
    assert private(restored / "trichat.db")
    async with running(restored) as users:
        assert await login(users, "ann") == 200
        async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
            body = {"username": "ann", "password": PASSWORD}
            token = (await client.post("/api/v1/auth/login", json=body)).json()["access_token"]
        again = Person("ann", ann.uuid, token)
        history = await users.history(again, channel)
        assert before <= len(history) <= len(sent)
        assert history == sent[: len(history)]
        await users.post(again, channel, "and on")
        assert (await users.history(again, channel))[-1] == "and on"


async def test_the_key_that_signs_is_in_no_backup(data: Path, tmp_path: Path) -> None:
    """Whoever has a backup makes no tokens; those of before do not open what is restored."""
    async with running(data) as users:
        (ann,) = await users.people("ann")
        await trichat("backup", "--data", data, tmp_path / "b.db")
    key = (data / "signing.key").read_bytes().strip()
    assert key not in (tmp_path / "b.db").read_bytes()
    await trichat("restore", "--data", tmp_path / "new", tmp_path / "b.db")
    async with running(tmp_path / "new") as users, users.socket("channels", ann) as socket:
        assert await socket.close_code() == 1008


async def test_in_its_own_place_the_key_is_kept_and_tokens_go_on(
    data: Path, tmp_path: Path
) -> None:
    async with running(data) as users:
        (ann,) = await users.people("ann")
        await trichat("backup", "--data", data, tmp_path / "b.db")
        await users.register("late")
    said = await trichat("restore", "--replace", "--data", data, tmp_path / "b.db")
    aside = data / "trichat.db.replaced-1"
    assert said.splitlines()[1] == f"what was there before is {aside} now"
    async with running(data) as users:
        async with users.socket("channels", ann) as socket:
            assert (await socket.next())["user_id"] == ann.uuid
        assert await login(users, "late") == 401
    assert "3 users" in await trichat("check", aside)


async def test_nothing_is_put_under_a_running_server(data: Path, tmp_path: Path) -> None:
    async with running(data) as users:
        await users.people("ann")
        await trichat("backup", "--data", data, tmp_path / "b.db")
        await trichat("export", "--data", data, tmp_path / "e.jsonl")
        for words in (
            ("restore", tmp_path / "b.db", "--replace"),
            ("import", tmp_path / "e.jsonl"),
        ):
            text = await refused(*words, "--data", data)
            assert text.startswith(f"data directory {data} is in use by process ")
        assert await login(users, "ann") == 200


async def test_nothing_is_put_where_something_is(data: Path, tmp_path: Path) -> None:
    async with running(data) as users:
        await users.people("ann")
    file, lines = tmp_path / "b.db", tmp_path / "e.jsonl"
    await trichat("backup", "--data", data, file)
    await trichat("export", "--data", data, lines)
    text = f"{data} is not empty: it has trichat.db"
    assert await refused("restore", "--data", data, file) == text
    assert await refused("import", "--data", data, lines) == text
    assert await refused("backup", "--data", data, file) == f"{file} exists"
    assert await refused("export", "--data", data, lines) == f"{lines} exists"
    await trichat("backup", "--replace", "--data", data, file)
    await trichat("export", "--replace", "--data", data, lines)
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "holiday.jpg").touch()
    text = f"{photos} is not empty: it has holiday.jpg"
    assert await refused("restore", "--data", photos, file) == text


async def test_nothing_is_written_over_the_database_itself(data: Path, tmp_path: Path) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, "--data", data)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to(data)
    for name in ("trichat.db", "trichat.db-wal"):
        file = elsewhere / name
        for command in ("backup", "export", "restore"):
            text = f"{file} is the database itself, or what belongs to it"
            assert await refused(command, "--replace", "--data", data, file) == text
    assert "1 users" in await trichat("check", "--data", data)


async def test_an_export_comes_back_the_same_and_is_served(data: Path, tmp_path: Path) -> None:
    async with running(data) as users:
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("tea", ann, bob)
        for number in range(20):
            await users.post(ann, channel, f"message {number} for @bob")
        lines = tmp_path / "e.jsonl"
        said = await trichat("export", "--with-secrets", "--data", data, lines)
        assert private(lines)
    new = tmp_path / "new"
    assert await trichat("import", "--data", new, lines) == said.replace(
        str(lines), str(new / "trichat.db")
    )
    assert private(new / "trichat.db")
    again = await trichat("export", "--with-secrets", "--data", new, "-")
    assert again == lines.read_text()
    async with running(new) as users:
        assert await login(users, "bob") == 200


async def test_without_secrets_nobody_logs_in_before_he_has_a_password(
    data: Path, tmp_path: Path
) -> None:
    async with running(data) as users:
        await users.people("ann")
        await trichat("export", "--data", data, tmp_path / "e.jsonl")
    new = tmp_path / "new"
    await trichat("import", "--data", new, tmp_path / "e.jsonl")
    async with running(new) as users:
        assert await login(users, "ann") == 401
        await trichat("user", "password", "ann", "--password", PASSWORD, "--data", new)
        assert await login(users, "ann") == 200


async def test_an_altered_export_makes_no_database(data: Path, tmp_path: Path) -> None:
    await trichat("user", "add", "ann", "--password", PASSWORD, "--data", data)
    lines = tmp_path / "e.jsonl"
    await trichat("export", "--data", data, lines)
    lines.write_bytes(lines.read_bytes().replace(b'"ann"', b'"eve"', 1))
    new = tmp_path / "new"
    text = "line 2: was altered, or a line before it is gone or in another place"
    assert await refused("import", "--data", new, lines) == text
    assert os.listdir(new) == ["lock"]


async def test_what_cannot_be_read_is_told_in_a_line(tmp_path: Path) -> None:
    nowhere, text = tmp_path / "nowhere", "there is no such database"
    assert await refused("backup", "--data", nowhere, tmp_path / "b.db") == (
        f"{nowhere / 'trichat.db'}: {text}"
    )
    assert await refused("check", nowhere) == f"{nowhere}: {text}"
    assert await refused("restore", "--data", tmp_path / "new", nowhere) == f"{nowhere}: {text}"
    assert "No such file" in await refused("import", "--data", tmp_path / "new", nowhere)
    assert os.listdir(tmp_path) == []


UUID = "0197f0e5-6a40-7000-8000-%012d"  # for printf()


@pytest.fixture
async def large(data: Path, tmp_path: Path) -> Path:
    """An export that takes a while, in lines of a database that has no server."""
    await trichat("user", "add", "ann", "--password", PASSWORD, "--data", data)
    db = apsw.Connection(str(data / "trichat.db"))
    db.execute(
        "INSERT INTO rooms (uuid, kind, title, origin, created_at, updated_at, last_at, last_seq)"
        f" VALUES ('{UUID % 0}', 'public', 'r', 'rest', 0, 0, 0, 10000);"
        " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
        " INSERT INTO messages (uuid, room_id, seq, author_id, text, created_at, updated_at)"
        f" SELECT printf('{UUID}', i), 1, i, 1, hex(zeroblob(50)), 0, 0 FROM n;"
        " INSERT INTO events SELECT 1, seq, 'said', 0, 1, NULL, id, NULL FROM messages"
    )
    db.close()
    await trichat("export", "--data", data, tmp_path / "large.jsonl")
    return tmp_path / "large.jsonl"


# `trichat` that is killed, as by kill -9, when half of the work is done, and when all of it is and
# only the file's name is missing.
DIES = """
import contextlib, os, signal, sys
from trichat.cli import main, maintenance
from trichat.store import atomicfile
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv.pop(1) == "half way":
    half = lambda done, total: done > total / 2 and die()
    maintenance.progress = lambda title: contextlib.nullcontext(half)
else:
    atomicfile.os.fsync = die
main()
"""
moments = pytest.mark.parametrize("moment", ["half way", "before the name"])


async def killed(moment: str, *words: object) -> None:
    command = [sys.executable, "-c", DIES, moment, *map(str, words)]
    done = await trio.run_process(command, env=environment(), check=False, capture_stdout=True)
    assert done.returncode == -signal.SIGKILL


@moments
async def test_kill_amid_a_backup(data: Path, large: Path, tmp_path: Path, moment: str) -> None:
    """There is no backup; the next one is made over what is left."""
    file, part = tmp_path / "b.db", tmp_path / "b.db.part"
    await killed(moment, "backup", "--data", data, file)
    assert not file.exists()
    assert part.exists()
    assert private(part)
    assert await trichat("check", "--data", data)
    await trichat("backup", "--data", data, file)
    assert not part.exists()
    assert "10000 messages" in await trichat("check", file)


@moments
async def test_kill_amid_an_import(large: Path, tmp_path: Path, moment: str) -> None:
    """There is no database; the next one begins from the beginning."""
    new = tmp_path / "new"
    words = ("import", "--data", new, large)
    await killed(moment, *words)
    assert sorted(os.listdir(new)) == ["lock", "trichat.db.part"]
    assert "10000 messages" in await trichat(*words)
    assert sorted(os.listdir(new)) == ["commands", "lock", "trichat.db"]
    with large.open() as lines:
        assert await trichat("export", "--data", new, "-") == lines.read()


@moments
async def test_kill_amid_a_restore_leaves_what_was_there(
    data: Path, large: Path, tmp_path: Path, moment: str
) -> None:
    file = tmp_path / "b.db"
    await trichat("backup", "--data", data, file)
    await trichat("user", "add", "late", "--password", PASSWORD, "--data", data)
    words = ("restore", "--replace", "--data", data, file)
    await killed(moment, *words)
    assert "2 users" in await trichat("check", "--data", data)
    await trichat(*words)
    assert "1 users" in await trichat("check", "--data", data)


async def test_a_terminal_is_shown_how_far_it_is(large: Path, tmp_path: Path) -> None:
    main, side = pty.openpty()
    await trio.run_process(
        [TRICHAT, "import", "--data", str(tmp_path / "new"), str(large)],
        stderr=side,
        env=environment(),
        capture_stdout=True,
    )
    os.close(side)
    shown = os.read(main, 65536).decode()
    os.close(main)
    assert "importing  [" in shown
    assert shown.endswith("]  100%\x1b[?25h\r\n")  # and the cursor, which click hides, is back
