"""Quart's link, on the stock worker's HTTP/1.1 and in Quart's test client."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import trio
from quart import Response, websocket
from quart.testing.connections import WebsocketResponseError
from quart_trio import QuartTrio

from tests.wire.client import Client
from tests.wire.contract import LIMITS, LinkContract
from tests.worker.serving import serving
from trichat.runtime import frames
from trichat.web.quartlink import QuartHandshake, QuartLink
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Link, Text


@asynccontextmanager
async def quart_linked(limits: LinkLimits) -> AsyncIterator[tuple[Link, Client]]:
    app = QuartTrio("contract")
    give, links = trio.open_memory_channel[Link](0)
    done = trio.Event()

    @app.websocket("/")
    async def route() -> None:
        await give.send(await QuartHandshake(websocket, limits).accept())
        await done.wait()

    async with serving(app) as server, server.client() as client:
        await client.upgrade()
        yield await links.receive(), client
        done.set()


class TestQuartLink(LinkContract):
    def connect(self, limits: LinkLimits) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        return quart_linked(limits)


@pytest.fixture
def app() -> QuartTrio:
    app = QuartTrio("handshake")

    @app.websocket("/echo/<name>")
    async def echo(name: str) -> None:
        handshake = QuartHandshake(websocket, LIMITS)
        link = await handshake.accept()
        seen = [handshake.path, handshake.query["q"], handshake.headers["x-word"]]
        await link.write(frames.text(" ".join(seen).encode()))
        while isinstance(message := await link.receive(), Text):
            await link.write(frames.text(message.data.encode()))

    @app.websocket("/full")
    async def full() -> Response | None:
        handshake = QuartHandshake(websocket, LIMITS)
        await handshake.refuse(503, b'{"detail":"full"}', {"content-type": "application/json"})
        return handshake.refusal

    return app


async def test_the_handshake_tells_the_request(app: QuartTrio) -> None:
    client = app.test_client()
    with trio.fail_after(20):
        async with client.websocket("/echo/ada%20l?q=1&q=2", headers={"X-Word": "hi"}) as peer:
            assert await peer.receive() == "/echo/ada l 1 hi"
            await peer.send("back")
            assert await peer.receive() == "back"


async def test_a_refusal_is_the_routes_response(app: QuartTrio) -> None:
    with trio.fail_after(20):
        async with app.test_client().websocket("/full") as peer:
            with pytest.raises(WebsocketResponseError) as refused:
                await peer.receive()
    response = refused.value.response
    assert response.status_code == 503
    assert await response.get_data() == b'{"detail":"full"}'
    assert response.content_type == "application/json"


async def test_the_handler_is_cancelled_when_the_peer_leaves() -> None:
    """Quart's way to say it: no Closed comes."""
    app = QuartTrio("leaving")
    cancelled = trio.Event()

    @app.websocket("/")
    async def route() -> None:
        link: QuartLink = await QuartHandshake(websocket, LIMITS).accept()
        try:
            await link.receive()
        except trio.Cancelled:
            cancelled.set()
            raise

    with trio.fail_after(20):
        async with serving(app) as server, server.client() as client:
            await client.upgrade()
            client.drop()
            await cancelled.wait()
