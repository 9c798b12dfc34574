"""A client that never reads is timed out, and does not hold the shutdown (writes.py)."""

from typing import Any

import pytest
import trio
import trio.testing
from attrs import define, field
from quart import websocket
from quart_trio import QuartTrio

from tests.worker.echo import Echo, lifespan
from tests.worker.serving import App, Served, serving
from trichat.runtime import frames
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import ScopeHandshake
from trichat.worker import WorkerLimits

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
PATIENT = LinkLimits(write_timeout=10_000)


class Flood:
    """Sends without end to a connection it has taken."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        link = await ScopeHandshake(scope, send, PATIENT).accept()
        try:
            while True:
                await link.write(frames.text(b"x" * 100_000))
        finally:
            await link.close(1011)


@define
class QuartFlood:
    """Does it in a stock Quart route."""

    ended: trio.Event = field(factory=trio.Event)

    def app(self) -> QuartTrio:
        app = QuartTrio("flood")

        @app.websocket("/")
        async def route() -> None:
            try:
                while True:
                    await websocket.send("x" * 100_000)
            finally:
                self.ended.set()

        return app


@tls
async def test_a_client_that_never_reads_is_given_up(
    clock: trio.testing.MockClock, tls: bool
) -> None:
    flood = QuartFlood()
    limits = WorkerLimits(write_timeout=10)
    async with (
        serving(flood.app(), tls=tls, limits=limits) as server,
        server.client(4096) as client,
    ):
        await client.upgrade()
        started = trio.current_time()
        await flood.ended.wait()
        assert 10 <= trio.current_time() - started <= 40


@tls
@pytest.mark.parametrize("take", [True, False], ids=["taken", "unhijacked"])
async def test_shutdown_does_not_wait_for_it(
    clock: trio.testing.MockClock, tls: bool, take: bool
) -> None:
    limits = WorkerLimits(write_timeout=10_000)
    app: App = Flood() if take else QuartFlood().app()
    async with serving(app, tls=tls, limits=limits) as server, server.client(4096) as client:
        assert await shutdown_of_stuck(server, client) <= 1 + LinkLimits().close_timeout


async def shutdown_of_stuck(server: Served, client: Any) -> float:
    await client.upgrade()
    await trio.sleep(1)
    started = trio.current_time()
    server.stop.set()
    with trio.move_on_after(1000):
        await server.stopped.wait()
    return trio.current_time() - started


async def test_stock_waits_for_it_for_ever(clock: trio.testing.MockClock) -> None:
    async with serving(QuartFlood().app(), stock=True) as server, server.client(4096) as client:
        assert await shutdown_of_stuck(server, client) == 1000


async def test_others_are_served_meanwhile() -> None:
    app = Echo(PATIENT)
    with trio.fail_after(20):
        async with serving(app) as server, server.client(4096) as stuck, server.client() as other:
            await stuck.upgrade()
            await other.upgrade()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(stuck.send, stuck.text("x" * 50_000) * 200)
                await trio.testing.wait_all_tasks_blocked(0.05)
                await other.send(other.text("hello"))
                assert await other.message() == "hello"
                nursery.cancel_scope.cancel()
