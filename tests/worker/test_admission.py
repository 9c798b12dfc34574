"""An upgrade request that its handler does not answer (admission.py)."""

from typing import Any

import pytest
import trio
import trio.testing

from tests.worker.echo import Echo, lifespan
from tests.worker.serving import serving
from trichat.worker import WorkerLimits

LIMITS = WorkerLimits(admission_timeout=10)


class Hanging:
    """Never answers."""

    def __init__(self) -> None:
        self.asked, self.cancelled = trio.Event(), trio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        self.asked.set()
        try:
            await trio.sleep_forever()
        finally:
            self.cancelled.set()


async def test_it_is_answered_503_in_time(clock: trio.testing.MockClock) -> None:
    async with serving(Hanging(), limits=LIMITS) as server, server.client() as client:
        started = trio.current_time()
        assert b" 503 " in await client.upgrade()
        assert trio.current_time() - started == pytest.approx(10, abs=0.5)
        assert await client.rest() == b""


async def test_a_client_that_left_is_not_kept_for_ever(clock: trio.testing.MockClock) -> None:
    app = Hanging()
    async with serving(app, limits=LIMITS) as server:
        async with server.client() as client, trio.open_nursery() as nursery:
            nursery.start_soon(client.upgrade)
            await app.asked.wait()
            nursery.cancel_scope.cancel()
        with trio.fail_after(10.5):
            await app.cancelled.wait()


async def test_an_answered_one_may_last(clock: trio.testing.MockClock) -> None:
    async with serving(Echo(), limits=LIMITS) as server, server.client() as client:
        await client.upgrade()
        await trio.sleep(1000)
        await client.send(client.text("still here"))
        assert await client.message() == "still here"
