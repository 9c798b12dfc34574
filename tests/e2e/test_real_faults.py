"""A real server on a disk that is really full, or may really hold no more: it refuses, tells so
once, and goes on when there is space, without a restart.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import trio

from tests.e2e.launching import PATIENCE, Launched, command, launched, serve
from tests.e2e.users import PASSWORD, Person, Users, users_of
from tests.listeners import FAILED
from tests.needs import lacking
from tests.server import Client

TEXT = "x" * 900


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        lacking("this process may mount nothing: no real full disk is tried")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def free(place: Path) -> int:
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize


def ballast(place: Path, size: int) -> None:
    """So much of the space is gone, or what there is."""
    with suppress(OSError), open(place / "ballast", "wb", buffering=0) as file:
        while size > 0:
            size -= file.write(b"x" * 4096)


@asynccontextmanager
async def talking(server: Launched) -> AsyncIterator[tuple[Users, Person, str, Client]]:
    async with users_of(server.address) as users:
        (ann,) = await users.people("ann")
        channel = await users.channel("tea", ann)
        async with users.socket("chats", ann) as socket:
            yield users, ann, channel, socket


async def say_until_refused(socket: Client, channel: str) -> list[str]:
    """What was acknowledged before."""
    said: list[str] = []
    while True:
        text = f"{len(said)} {TEXT}"
        await socket.send({"action": "message", "chat_id": channel, "text": text})
        answer = await socket.next()
        if answer == FAILED["chats"]:
            return said
        assert answer == {"action": "message_response", "status": "success"}
        said.append(text)


async def ready(users: Users) -> int:
    async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
        return (await client.get("/readyz")).status_code


def told_once(server: Launched) -> None:
    assert server.said.count("nothing can be stored") == 1, server.said
    assert server.said.count("storing goes on after") == 1, server.said
    assert "Traceback" not in server.said


async def refused_for_a_while(users: Users, channel: str, socket: Client) -> None:
    for _ in range(20):
        await socket.send({"action": "message", "chat_id": channel, "text": TEXT})
        assert await socket.next() == FAILED["chats"]
    assert await ready(users) == 503
    body = {"username": "bob", "email": "bob@example.com", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
        assert (await client.post("/api/v1/auth/register", json=body)).status_code == 503


async def and_on(users: Users, ann: Person, channel: str, socket: Client, said: list[str]) -> None:
    with trio.fail_after(PATIENCE):
        while await ready(users) == 503:
            pass
    await socket.send({"action": "message", "chat_id": channel, "text": "and on"})
    assert await socket.next() == {"action": "message_response", "status": "success"}
    assert await users.history(ann, channel) == [*said, "and on"]


async def test_a_file_that_may_not_grow(data: Path) -> None:
    """setrlimit(RLIMIT_FSIZE), for the running process."""
    async with launched(serve(data)) as server, talking(server) as (users, ann, channel, socket):
        now = max(entry.stat().st_size for entry in os.scandir(data))
        _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (now + 50_000, most))
        said = await say_until_refused(socket, channel)
        assert said
        await refused_for_a_while(users, channel, socket)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
        await and_on(users, ann, channel, socket, said)
    told_once(server)
    assert "its disk fails: disk I/O error" in server.said


async def test_a_disk_that_is_full(tiny: Path) -> None:
    """ENOSPC itself."""
    async with (
        launched(serve(tiny / "data"), {"TRICHAT_STORAGE_RESERVE": "0"}) as server,
        talking(server) as (users, ann, channel, socket),
    ):
        ballast(tiny, 500_000)
        said = await say_until_refused(socket, channel)
        assert said
        await refused_for_a_while(users, channel, socket)
        os.unlink(tiny / "ballast")
        await and_on(users, ann, channel, socket, said)
    told_once(server)
    assert "there is no space left for it: database or disk is full" in server.said


async def test_a_backup_onto_a_full_disk_says_so(tiny: Path, data: Path) -> None:
    async with launched(serve(data)):
        pass
    ballast(tiny, 2_000_000)
    copy = tiny / "copy.db"
    code, _, said = await command("backup", "--data", str(data), str(copy))
    assert (code, said) == (1, f"Error: {copy}.part: no space is left on its disk\n")
    assert os.listdir(tiny) == ["ballast"]


async def test_a_restore_onto_a_full_disk_works_again_when_there_is_room(
    tiny: Path, data: Path, tmp_path: Path
) -> None:
    """And an import likewise."""
    async with launched(serve(data)) as server, talking(server) as (_, _, channel, socket):
        for _ in range(300):
            await socket.send({"action": "message", "chat_id": channel, "text": TEXT})
            assert (await socket.next())["status"] == "success"
    files = {"restore": tmp_path / "b.db", "import": tmp_path / "e.jsonl"}
    assert (await command("backup", "--data", str(data), str(files["restore"])))[0] == 0
    assert (await command("export", "--data", str(data), str(files["import"])))[0] == 0
    for name, file in files.items():
        words = (name, "--data", str(tiny / name), str(file))
        ballast(tiny, 1_700_000)
        code, _, said = await command(*words)
        assert (code, said.count("\n")) == (1, 1), said
        assert str(tiny / name / "trichat.db") in said
        assert "full" in said or "no space" in said
        assert os.listdir(tiny / name) == ["lock"]
        os.unlink(tiny / "ballast")
        assert (await command(*words))[0] == 0
        os.unlink(tiny / name / "trichat.db")


async def test_a_start_without_space_is_refused_in_a_line(tiny: Path) -> None:
    """And the database is as it was."""
    data = tiny / "data"
    async with launched(serve(data)) as server, users_of(server.address) as users:
        await users.people("ann")
    ballast(tiny, 2**21)
    code, _, error = await command("serve", "--port", "0", "--data", str(data))
    assert code == 1
    assert error.startswith("Error: "), error
    assert "no space" in error.lower()
    assert error.count("\n") == 1
    os.unlink(tiny / "ballast")
    async with launched(serve(data)) as server, users_of(server.address) as users:
        assert await ready(users) == 200


async def test_a_backup_where_there_is_no_space_leaves_nothing(data: Path, tiny: Path) -> None:
    async with launched(serve(data)) as server, users_of(server.address) as users:
        await users.people("ann")
        ballast(tiny, 1_950_000)
        code, _, error = await command("backup", "--data", str(data), str(tiny / "b.db"))
        assert (code, error.count("\n")) == (1, 1), error
        assert os.listdir(tiny) == ["ballast"]
        assert await ready(users) == 200


async def test_a_reserve_of_the_disk_is_kept_for_everything_but_messages(tiny: Path) -> None:
    reserve = 500_000
    env = {"TRICHAT_STORAGE_RESERVE": str(reserve)}
    async with (
        launched(serve(tiny / "data"), env) as server,
        talking(server) as (users, ann, channel, socket),
    ):
        kept = await users.post(ann, channel, "before")
        ballast(tiny, free(tiny) - reserve - 8192)
        await trio.sleep(1.5)  # in which it is looked at
        await socket.send({"action": "message", "chat_id": channel, "text": "just enough"})
        assert await socket.next() == {"action": "message_response", "status": "success"}
        ballast(tiny, os.stat(tiny / "ballast").st_size + free(tiny) - reserve + 4096)
        with trio.fail_after(PATIENCE):
            while "disk reserve reached" not in server.said:  # noqa: ASYNC110 - it says so
                await trio.sleep(0.01)
        assert await say_until_refused(socket, channel) == []
        assert reserve - 100_000 < free(tiny) < reserve  # it is kept
        assert await ready(users) == 200
        await users.register("bob")
        await users.call(ann, "DELETE", f"/api/v1/messages/{kept['id']}")
        assert await users.history(ann, channel) == ["just enough"]
        os.unlink(tiny / "ballast")
        with trio.fail_after(PATIENCE):
            while True:
                frame = {"action": "message", "chat_id": channel, "text": "and on"}
                if (await socket.request(frame)) != FAILED["chats"]:
                    break
                await trio.sleep(0.1)
        assert await users.history(ann, channel) == ["just enough", "and on"]
    assert server.said.count("disk reserve reached") == 1
    assert server.said.count("disk reserve left") == 1
    assert "nothing can be stored" not in server.said
