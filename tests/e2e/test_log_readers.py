"""A server whose log nobody reads, or no disk takes, goes on, and ends in order."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import trio

from tests.e2e.launching import (
    BIN,
    LISTENING,
    PATIENCE,
    TRICHAT,
    command,
    environment,
    launched,
    serve,
)
from tests.e2e.test_real_faults import ballast, tiny
from tests.e2e.users import Users, users_of

__all__ = ["tiny"]

ROOT = Path(__file__).parents[2]
HYPERCORN = [str(BIN / "hypercorn"), "-k", "trio", "--graceful-timeout", "10"]
LAST_LINES = 2.0 + 1.0  # seconds that an end may take longer with a log that nobody reads


@contextmanager
def pipe(*, full: bool) -> Iterator[tuple[int, int]]:
    """Small, and nobody reads it but the test."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    if full:
        os.write(writing, b"x" * 4096)
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)


@pytest.fixture
def full() -> Iterator[int]:
    with pipe(full=True) as (_, writing):
        yield writing


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@asynccontextmanager
async def unheard(
    by: str, data: Path, *, out: int, errors: int, env: dict[str, str] | None = None, app: str = ""
) -> AsyncIterator[tuple[trio.Process, Users]]:
    """A server that says what it says where it is told to."""
    port = free_port()
    config = str(ROOT / "config" / "hypercorn.toml")
    where = ["--bind", f"127.0.0.1:{port}", app or "trichat.asgi:app"]
    words = {
        "trichat": [TRICHAT, "serve", "--port", str(port), "--data", str(data)],
        "hypercorn": [*HYPERCORN, "--config", config, *where],
        # With its own handler to standard error, and an access log on standard output.
        "bare hypercorn": [*HYPERCORN, "--access-logfile", "-", "--error-logfile", "-", *where],
    }
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    more = {"TRICHAT_SERVER_DATA": str(data), "PYTHONPATH": path, **(env or {})}
    process = await trio.lowlevel.open_process(
        words[by], stdout=out, stderr=errors, env=environment(more)
    )
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            with trio.fail_after(PATIENCE):
                while True:
                    try:
                        await client.get("/healthz")
                        break
                    except httpx.TransportError:
                        assert process.poll() is None, process.returncode
                        await trio.sleep(0.05)
        async with users_of(address) as users:
            yield process, users
    finally:
        if process.poll() is None:
            process.kill()


async def ends_in_order(process: trio.Process, within: float = 10 + LAST_LINES) -> None:
    process.send_signal(signal.SIGTERM)
    with trio.fail_after(within):
        assert await process.wait() == 0


async def come_and_go(users: Users, times: int) -> None:
    """Each time makes a line of the log."""
    ann = await users.register("ann")
    with trio.fail_after(PATIENCE):
        for _ in range(times):
            async with users.socket("channels", ann):
                pass


SERVERS = ["trichat", "hypercorn", "bare hypercorn"]


@pytest.mark.parametrize("by", SERVERS)
async def test_nobody_reads_anything_from_the_start_on(data: Path, full: int, by: str) -> None:
    async with unheard(by, data, out=full, errors=full) as (process, users):
        await come_and_go(users, 30)
        await ends_in_order(process)


@pytest.mark.parametrize("by", SERVERS)
async def test_the_reader_stops_amid_it(data: Path, by: str) -> None:
    with pipe(full=False) as (_, writing):
        async with unheard(by, data, out=writing, errors=writing) as (process, users):
            await come_and_go(users, 50)
            await ends_in_order(process)


@pytest.mark.parametrize("by", SERVERS)
async def test_the_reader_has_gone(data: Path, by: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    async with unheard(by, data, out=writing, errors=writing) as (process, users):
        os.close(writing)
        await come_and_go(users, 5)
        async with httpx.AsyncClient(base_url=users.address, trust_env=False) as client:
            metrics = (await client.get("/metrics")).text
        (lost,) = [x for x in metrics.splitlines() if x.startswith("trichat_log_lines_lost_total")]
        assert float(lost.rpartition(" ")[2]) >= 5
        await ends_in_order(process)


async def test_no_disk_takes_it(data: Path) -> None:
    async with await trio.open_file("/dev/full", "wb") as device:
        number = device.fileno()
        async with unheard("trichat", data, out=number, errors=number) as (process, users):
            await come_and_go(users, 5)
            await ends_in_order(process)


async def test_a_second_signal_and_a_disk_that_never_answers_need_no_log(
    data: Path, full: int
) -> None:
    """The end by force tells the log; it does not wait for it."""
    env = {"TRICHAT_SERVER_DRAIN_DEADLINE": "1s", "TRICHAT_SERVER_DRAIN_SPREAD": "0s"}
    async with unheard(
        "hypercorn", data, out=full, errors=full, env=env, app="tests.e2e.stuck:app"
    ) as (process, users):
        (ann,) = await users.people("ann")
        channel = await users.channel("hall", ann)
        async with users.socket("chats", ann) as socket:
            await socket.send({"action": "message", "chat_id": channel, "text": "stuck"})
            await trio.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            with trio.fail_after(10 + 5 + LAST_LINES + 5):
                assert await process.wait() == 1


def test_a_start_that_fails_ends_though_nobody_reads_why(tmp_path: Path, full: int) -> None:
    for words in (
        ["serve", "--data", "/proc/nowhere"],
        ["serve", "--port", "many"],
        ["serve", "--config", str(tmp_path / "gone.toml")],
    ):
        process = subprocess.Popen([TRICHAT, *words], stdout=full, stderr=full, env=environment())
        assert process.wait(PATIENCE) != 0, words


async def test_standard_streams_that_were_closed_are_no_descriptors_of_ours(data: Path) -> None:
    """Else a line of the log would be written into the next file that is opened."""
    port = free_port()
    line = f'exec "$0" serve --port {port} --data "$1" <&- >&- 2>&-'
    process = await trio.lowlevel.open_process(
        ["/bin/sh", "-c", line, TRICHAT, str(data)], env=environment()
    )
    try:
        async with users_of(f"http://127.0.0.1:{port}") as users:
            with trio.fail_after(PATIENCE):
                while True:
                    try:
                        await users.register("bob")
                        break
                    except httpx.TransportError:
                        await trio.sleep(0.05)
            await come_and_go(users, 3)
        for number in (0, 1, 2):
            assert os.readlink(f"/proc/{process.pid}/fd/{number}") == "/dev/null"
        await ends_in_order(process)
    finally:
        if process.poll() is None:
            process.kill()
    assert (await command("check", "--data", str(data)))[0] == 0


async def test_every_line_is_written_before_an_orderly_end(data: Path) -> None:
    """Behind a reader that is slow."""
    with pipe(full=False) as (reading, writing):
        async with unheard("trichat", data, out=writing, errors=writing) as (process, users):
            await come_and_go(users, 60)
            assert os.fstat(reading)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            os.set_blocking(reading, False)
            said = b""
            while process.poll() is None and time.monotonic() < began + PATIENCE:
                await trio.sleep(0.01)
                with suppress(BlockingIOError):
                    said += os.read(reading, 1024)
            assert process.returncode == 0
            with suppress(BlockingIOError):
                said += os.read(reading, 65_536)
    assert said.count(b"connection closed") == 60
    assert b"server stopped" in said.splitlines()[-1]


async def test_a_log_file_on_a_full_disk_tells_what_was_lost_once_there_is_space(
    data: Path, tiny: Path
) -> None:
    log = tiny / "log"
    env = {"TRICHAT_LOG_FILE": str(log), "TRICHAT_LOG_FORMAT": "json"}
    async with launched(serve(data), env) as server, users_of(server.address) as users:
        ballast(tiny, 2**21)
        await come_and_go(users, 40)  # more than what is left of the last page
        os.unlink(tiny / "ballast")
        bob = await users.register("bob")
        async with users.socket("channels", bob):
            pass
    lines = log.read_text().splitlines()
    whole = [json.loads(line) for line in lines if line.endswith("}")]
    (lost,) = [entry for entry in whole if entry["event"].startswith("log lines lost")]
    assert 0 < lost["lines"] <= 80
    assert len(lines) - len(whole) <= 1
    assert whole[-1]["event"] == "server stopped"


# SIGHUP


async def test_a_hangup_reopens_the_log_file(data: Path, tmp_path: Path) -> None:
    log = tmp_path / "trichat.log"
    env = {"TRICHAT_LOG_FILE": str(log)}
    async with launched(serve(data), env) as server, users_of(server.address) as users:
        await come_and_go(users, 1)
        log.rename(tmp_path / "trichat.log.1")
        server.process.send_signal(signal.SIGHUP)
        with trio.fail_after(PATIENCE):
            while not log.exists():  # noqa: ASYNC110 - another process makes it
                await trio.sleep(0.01)
        bob = await users.register("bob")
        async with users.socket("channels", bob):
            pass
    assert "connection closed" in (tmp_path / "trichat.log.1").read_text()
    later = log.read_text()
    assert "log reopened" in later
    assert later.count("connection closed") == 1
    assert "connection" not in server.said  # it is in the file alone
    assert LISTENING.search(server.said)


def test_a_log_file_that_cannot_be_opened_is_named(data: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "log"
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, why in (
        (missing, "No such file or directory"),
        (tmp_path, "Is a directory"),
        (fifo, "No such device or address"),  # it has no reader, and is not waited for
    ):
        done = subprocess.run(
            [TRICHAT, "serve", "--data", str(data)],
            env=environment({"TRICHAT_LOG_FILE": str(path)}),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        told = f"Error: log.file (TRICHAT_LOG_FILE) is '{path}': {why}\n"
        assert (done.returncode, done.stderr) == (1, told), sys.version
    assert not data.exists()
