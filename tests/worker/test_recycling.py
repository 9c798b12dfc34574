"""Keep-alive ends when it should, with Quart-Trio (recycling.py)."""

import pytest
import trio
import trio.testing
from quart_trio import QuartTrio

from tests.wire.client import Client
from tests.worker.serving import serving
from trichat.worker import WorkerLimits

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
CLOSE = b"Connection: close\r\n"


async def seconds_until_end(client: Client, header: bytes) -> float:
    """Of a hundred, until the server closes behind its answer."""
    await client.send(GET % header)
    assert b" 200 " in await client.head()
    started = trio.current_time()
    with trio.move_on_after(100):
        assert await client.rest() == b"hello"
    return trio.current_time() - started


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(("header", "seconds"), [(b"", 75), (CLOSE, 0)])
async def test_a_connection_ends_in_time(
    app: QuartTrio, clock: trio.testing.MockClock, tls: bool, header: bytes, seconds: float
) -> None:
    async with serving(app, tls=tls) as server, server.client() as client:
        if not header:
            await client.send(GET % header)  # it is used twice
            assert b" 200 " in await client.head()
            assert (await client.some(5)) == b"hello"
        assert await seconds_until_end(client, header) == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize("header", [b"", CLOSE])
async def test_stock_never_ends_it(
    app: QuartTrio, clock: trio.testing.MockClock, header: bytes
) -> None:
    async with serving(app, stock=True) as server, server.client() as client:
        assert await seconds_until_end(client, header) == 100


async def test_how_long_an_idle_connection_is_kept_is_ours_to_say(
    app: QuartTrio, clock: trio.testing.MockClock
) -> None:
    """Whatever Hypercorn was told; a request in the last moment is answered."""
    limits = WorkerLimits(keep_alive=20)
    async with (
        serving(app, limits=limits, keep_alive_timeout=3) as server,
        server.client() as client,
    ):
        for _ in range(3):
            await client.send(GET % b"")
            assert b" 200 " in await client.head()
            assert await client.some(5) == b"hello"
            await trio.sleep(19.5)
        assert await seconds_until_end(client, b"") == pytest.approx(20, abs=1)


async def test_a_client_that_leaves_an_idle_connection_is_forgotten_at_once(
    app: QuartTrio, clock: trio.testing.MockClock
) -> None:
    async with serving(app) as server:
        await trio.testing.wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        async with server.client() as client:
            await client.send(GET % b"")
            assert b" 200 " in await client.head()
            assert await client.some(5) == b"hello"
            await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(1)
        assert trio.lowlevel.current_statistics().tasks_living == before
