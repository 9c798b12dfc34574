"""HTTP/2 stays Hypercorn's: nothing to take, but the shutdown can be heard (RFC 8441)."""

from typing import Any

import h2.config
import h2.connection
import h2.events
import trio
from quart import websocket
from quart_trio import QuartTrio
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, TextMessage

from tests.wire.client import Client
from tests.worker.serving import serving
from trichat.runtime import frames
from trichat.web.quartlink import QuartHandshake
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import connection_of, terminated_of
from trichat.wire.link import Text

CONNECT = [
    (b":method", b"CONNECT"),
    (b":protocol", b"websocket"),
    (b":scheme", b"http"),
    (b":path", b"/"),
    (b":authority", b"localhost"),
    (b"sec-websocket-version", b"13"),
]


class Tunnel:
    """A WebSocket in stream 1 of an HTTP/2 connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._http = h2.connection.H2Connection(
            h2.config.H2Configuration(validate_outbound_headers=False)
        )
        self._frames = Connection(ConnectionType.CLIENT)
        self._opened = False

    async def open(self) -> None:
        self._http.initiate_connection()
        self._http.send_headers(1, CONNECT)
        await self._flush()
        while not self._opened:
            await self._receive()

    async def say(self, text: str) -> None:
        self._http.send_data(1, self._frames.send(TextMessage(text)))
        await self._flush()

    async def hear(self) -> Any:
        while True:
            for said in self._frames.events():
                return said
            await self._receive()

    async def _receive(self) -> None:
        data = bytes(await self._client.stream.receive_some())
        assert data
        for event in self._http.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                self._opened = True
            elif isinstance(event, h2.events.DataReceived):
                self._frames.receive_data(event.data)
        await self._flush()

    async def _flush(self) -> None:
        await self._client.send(self._http.data_to_send())


async def test_a_quart_link_speaks_and_says_1001() -> None:
    app = QuartTrio("http2")

    @app.websocket("/")
    async def route() -> None:
        assert connection_of(websocket.scope) is None
        terminated = terminated_of(websocket.scope)
        assert terminated is not None
        link = await QuartHandshake(websocket, LinkLimits()).accept()
        message = await link.receive()
        assert isinstance(message, Text)
        await link.write(frames.text(message.data.encode()))
        await terminated.wait()
        await link.close(1001)

    with trio.fail_after(20):
        async with serving(app) as server, server.client() as client:
            tunnel = Tunnel(client)
            await tunnel.open()
            await tunnel.say("hello")
            assert (await tunnel.hear()).data == "hello"
            server.stop.set()
            closed = await tunnel.hear()
            assert isinstance(closed, CloseConnection)
            assert closed.code == 1001
