"""At shutdown every open socket hears 1001 (signals.py, and `terminated` of the scope)."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
import trio
import trio.testing

from tests.wire.client import Client, connected
from tests.worker.echo import Echo, lifespan
from tests.worker.serving import serving
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import ScopeHandshake

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@tls
async def test_idle_sockets_are_told(tls: bool) -> None:
    with trio.fail_after(20):
        async with serving(Echo(), tls=tls) as server, AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(server.client()) for _ in range(20)]
            for client in clients:
                await client.upgrade()
            server.stop.set()
            assert [await client.close_code() for client in clients] == [1001] * 20
            await server.stopped.wait()


@tls
async def test_a_link_says_1001_although_its_handler_is_cancelled_at_the_end_of_grace(
    clock: trio.testing.MockClock, tls: bool
) -> None:
    async def deaf(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        link = await ScopeHandshake(scope, send, LinkLimits()).accept()
        try:
            await trio.sleep_forever()
        finally:
            await link.close(1001)

    async with serving(deaf, tls=tls, graceful_timeout=3) as server, server.client() as client:
        await client.upgrade()
        started = trio.current_time()
        server.stop.set()
        assert await client.close_code() == 1001
        client.drop()  # else it would be waited for
        await server.stopped.wait()
        assert trio.current_time() - started == pytest.approx(3, abs=0.5)


@asynccontextmanager
async def launched(workers: int, *, stock: bool = False) -> AsyncIterator[tuple[trio.Process, int]]:
    """`hypercorn -w N` in a process group of its own, and its port."""
    command = [sys.executable, "-m", "hypercorn", "-k", "trio", "-w", str(workers)]
    command += ["--bind", "127.0.0.1:0", "tests.worker.launched:app"]
    environment = {**os.environ, "PYTHONPATH": "src:."} | ({"TRICHAT_STOCK": "1"} if stock else {})
    process = await trio.lowlevel.open_process(
        command, env=environment, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stderr is not None
    try:
        async with process.stderr as log:
            text = b""
            while text.count(b"Running on") < max(workers, 1):
                data = await log.receive_some()
                assert data, text.decode()
                text += bytes(data)
            found = re.search(rb"127\.0\.0\.1:(\d+)", text)
            assert found
            yield process, int(found[1])
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with trio.move_on_after(10, shield=True):
            await process.wait()


async def codes_after(process: trio.Process, port: int, *, group: bool) -> list[int]:
    """With which codes six idle sockets end when the signal comes."""
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for _ in range(6):
            clients.append(await stack.enter_async_context(connected(port)))
            await clients[-1].upgrade()
            await clients[-1].send(clients[-1].text("hello"))
            assert await clients[-1].message() == "hello"
        os.killpg(process.pid, signal.SIGTERM) if group else process.send_signal(signal.SIGTERM)
        return [await client.close_code() for client in clients]


@pytest.mark.parametrize(
    ("workers", "group"), [(0, False), (1, False), (1, True), (2, False), (2, True)]
)
async def test_a_signal_to_hypercorn_tells_them_too(workers: int, group: bool) -> None:
    with trio.fail_after(60):
        async with launched(workers) as (process, port):
            assert await codes_after(process, port, group=group) == [1001] * 6
            await process.wait()
            assert process.returncode == 0


@pytest.mark.parametrize(("workers", "group"), [(0, False), (1, False), (2, True)])
async def test_stock_tells_nobody(workers: int, group: bool) -> None:
    with trio.fail_after(60):
        async with launched(workers, stock=True) as (process, port):
            assert await codes_after(process, port, group=group) == [1006] * 6
