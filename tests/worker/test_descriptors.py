"""Where descriptors are short connections are refused and do not hang (accepting.py too)."""

import logging
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
import trio
import trio.testing
from attrs import define

from tests.wire.client import connected
from trichat.worker import descriptors
from trichat.worker.descriptors import CALM, SPARE, Descriptors, settle

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("limit", "spare"), [(20_000, SPARE), (512, 64), (256, 32), (64, 8)])
def test_the_last_descriptors_are_not_for_connections(
    limit: int, spare: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def look() -> None:
        process = Descriptors()
        process.limit_to(limit)
        assert process.takes(limit - spare - 1)
        assert not process.takes(limit - spare)
        assert not process.takes(limit - 1)

    trio.run(look, clock=trio.testing.MockClock())
    assert [record.message for record in caplog.records] == ["descriptors short"]


async def test_a_process_without_a_limit_takes_any(autojump_clock: object) -> None:
    process = Descriptors()
    process.limit_to(resource.RLIM_INFINITY)
    assert process.takes(1_000_000)


async def test_a_shortage_is_told_once_and_its_end_once(
    autojump_clock: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    process = Descriptors()
    process.limit_to(1000)
    for _ in range(50):  # at the limit one goes and one comes
        assert not process.takes(999)
        await trio.sleep(CALM - 1)
        assert process.takes(10)
    assert [record.message for record in caplog.records] == ["descriptors short"]
    await trio.sleep(1)
    assert process.takes(10)
    assert process.takes(10)
    assert [record.message for record in caplog.records][1:] == ["descriptors free"]
    told = vars(caplog.records[1])
    assert (told["refused"], told["seconds"]) == (50, 49 * (CALM - 1))
    assert not process.takes(999)
    assert len(caplog.records) == 3


@pytest.mark.parametrize(("short", "connections"), [(False, 0), (False, 1), (True, 2)])
def test_what_the_system_grants_is_compared_with_what_is_wanted(
    short: bool, connections: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptors, "PROCESS", Descriptors())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    try:
        settle(hard - SPARE - 1 + connections)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (f"lets this process open {hard} files" in caplog.text) is short


@define
class Exhausted:
    """tests/worker/exhausted.py as a process of its own. logged: what it has written."""

    process: trio.Process
    port: int = 0
    logged: str = ""

    async def line(self) -> str:
        assert self.process.stdout is not None
        line = b""
        while not line.endswith(b"\n"):
            more = bytes(await self.process.stdout.receive_some())
            assert more, self.logged
            line += more
        return line.decode()

    async def tell(self, word: str) -> float:
        """The processor's seconds that it has used since the last word."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all(word.encode() + b"\n")
        answer = (await self.line()).split()
        assert answer[0] == word
        return float(answer[1])

    async def log(self) -> None:
        assert self.process.stderr is not None
        async for data in self.process.stderr:
            self.logged += bytes(data).decode()

    async def is_refused(self) -> bool:
        """Whether a connection ends without an answer."""
        async with connected(self.port) as client:
            with suppress(trio.BrokenResourceError):
                return not await client.upgrade()
        return True


@asynccontextmanager
async def exhausted() -> AsyncIterator[Exhausted]:
    async with trio.open_nursery() as nursery:
        process = await trio.lowlevel.open_process(
            [sys.executable, "-m", "tests.worker.exhausted"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        server = Exhausted(process)
        nursery.start_soon(server.log)
        try:
            server.port = int(await server.line())
            yield server
            assert process.stdin is not None
            await process.stdin.aclose()
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                with trio.move_on_after(10, shield=True):
                    await process.wait()


async def test_where_accepting_finds_none_the_connection_is_refused_at_once() -> None:
    with trio.fail_after(60):
        async with exhausted() as server, AsyncExitStack() as stack:
            client = await stack.enter_async_context(connected(server.port))
            assert b" 101 " in await client.upgrade()
            await server.tell("full")
            with trio.fail_after(10):
                for _ in range(20):
                    assert await server.is_refused()
            await client.send(client.text("still here"))
            assert await client.message() == "still here"
            await server.tell("idle")
            await trio.sleep(0.5)
            assert await server.tell("idle") < 0.25  # it does not try again and again
            await server.tell("free")
            assert not await server.is_refused()
        assert server.process.returncode == 0
    assert server.logged.count("descriptors short") == 1
    assert server.logged.count("root descriptors\n") == 20  # what is observed
    assert "Traceback" not in server.logged
