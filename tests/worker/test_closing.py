"""Every orderly end over TLS comes with close_notify, in bounded time (wire/streamed.py).

The client takes an end of the connection without it for an attack, as rustls, Go and OpenSSL do.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import TLSVersion
from typing import Any

import pytest
import trio
import trio.testing
from quart import websocket
from quart_trio import QuartTrio

from tests.wire.client import Client
from tests.wire.tls import trusting
from tests.worker.echo import Echo, lifespan
from tests.worker.serving import Served, serving
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import ScopeHandshake
from trichat.worker import WorkerLimits

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
LIMITS = WorkerLimits(head_timeout=10, keep_alive=20, head_bytes=2048)


@asynccontextmanager
async def strictly(server: Served, newest: TLSVersion | None = None) -> AsyncIterator[Client]:
    """A client whose stream raises BrokenResourceError where the end has no close_notify."""
    context = trusting()
    if newest is not None:
        context.maximum_version = newest
    async with await trio.open_tcp_stream("127.0.0.1", server.port) as plain:
        yield Client(trio.SSLStream(plain, context, server_hostname="localhost"))


async def ends_properly(client: Client) -> bytes:
    """What comes until the end; TCP ends with TLS, whatever the client does."""
    said = await client.rest()
    stream = client.stream
    assert isinstance(stream, trio.SSLStream)
    assert await stream.transport_stream.receive_some() == b""
    return said


REQUESTS = {
    "a response": (GET % b"Connection: close\r\n", b" 200 "),
    "a response that the end delimits": (b"GET /long HTTP/1.0\r\n\r\n", b"h" * 100_000),
    "one that is behind another": ((GET % b"") + (GET % b"Connection: close\r\n"), b" 200 "),
    "no HTTP": (b"HELLO\r\n\r\n", b" 400 "),
    "no HTTP, with more behind it": (b"HELLO\r\n\r\n" + b"x" * 100_000, b" 400 "),
    "two lengths": (GET % b"Content-Length: 1\r\nContent-Length: 1\r\n", b" 400 "),
    "a head that is too large": (GET % (b"X: " + b"x" * 2048 + b"\r\n"), b" 431 "),
    "a head that does not end": (b"GET / HTTP/1.1\r\n", b" 408 "),
    "an idle connection": (GET % b"", b"hello"),
    "silence": (b"", b""),
}


@pytest.mark.parametrize(("data", "expected"), REQUESTS.values(), ids=REQUESTS)
async def test_http_ends_with_close_notify(
    app: QuartTrio, clock: trio.testing.MockClock, data: bytes, expected: bytes
) -> None:
    @app.get("/long")
    async def long() -> AsyncIterator[bytes]:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(10):
                yield b"h" * 10_000

        return parts()

    async with serving(app, tls=True, limits=LIMITS) as server, strictly(server) as client:
        if data:
            await client.send(data)
        else:
            assert isinstance(client.stream, trio.SSLStream)
            await client.stream.do_handshake()
        assert expected in await ends_properly(client)


async def test_an_idle_connection_ends_so_at_the_shutdown(app: QuartTrio) -> None:
    with trio.fail_after(20):
        async with serving(app, tls=True) as server, strictly(server) as client:
            await client.send(GET % b"")
            assert b" 200 " in await client.head()
            assert await client.some(5) == b"hello"
            server.stop.set()
            assert await ends_properly(client) == b"hello"


async def test_who_ends_first_is_answered_so(app: QuartTrio) -> None:
    with trio.fail_after(20):
        async with serving(app, tls=True) as server, strictly(server) as client:
            await client.send(GET % b"")
            assert b" 200 " in await client.head()
            assert isinstance(client.stream, trio.SSLStream)
            await client.stream.unwrap()  # raises unless close_notify comes back


class Refusing:
    """Answers every handshake with a status."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        handshake = ScopeHandshake(scope, send, LinkLimits())
        await handshake.refuse(401, b"who?", {"content-length": "4", "connection": "close"})


@pytest.mark.parametrize("early", [0, 1, 1000], ids=["silent", "early", "eager"])
async def test_a_refused_handshake_ends_with_close_notify(early: int) -> None:
    with trio.fail_after(20):
        async with serving(Refusing(), tls=True) as server, strictly(server) as client:
            head = await client.upgrade(early=client.text("x" * 100) * early)
            assert b" 401 " in head
            assert await ends_properly(client) == b"who?"


async def test_so_does_one_that_hypercorn_refuses() -> None:
    with trio.fail_after(20):
        async with (
            serving(Echo(), tls=True, server_names=["elsewhere"]) as server,
            strictly(server) as client,
        ):
            assert b" 404 " in await client.upgrade()
            assert await ends_properly(client) == b""


async def _they_close(client: Client, server: Served) -> int:
    await client.send(client.closing(4001))
    return await client.close_code()


async def _they_break_it(client: Client, server: Served) -> int:
    await client.send(b"\x83\x80abcd")
    return await client.close_code()


async def _we_close(client: Client, server: Served) -> int:
    server.stop.set()
    return await client.close_code()


ENDS = {"they close": _they_close, "they break it": _they_break_it, "we close": _we_close}


@pytest.mark.parametrize("newest", [TLSVersion.TLSv1_2, TLSVersion.TLSv1_3])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_a_socket_ends_with_close_notify(
    end: Callable[[Client, Served], Awaitable[int]], newest: TLSVersion
) -> None:
    with trio.fail_after(20):
        async with serving(Echo(), tls=True) as server, strictly(server, newest) as client:
            await client.upgrade()
            assert await end(client, server) in (1001, 1002, 4001)
            assert await ends_properly(client) == b""


async def test_so_does_one_that_nobody_took() -> None:
    app = QuartTrio("stock")

    @app.websocket("/")
    async def route() -> None:
        await websocket.send(await websocket.receive())

    with trio.fail_after(20):
        async with serving(app, tls=True) as server, strictly(server) as client:
            await client.upgrade()
            await client.send(client.text("hello"))
            assert await client.message() == "hello"
            assert await client.close_code() == 1000
            assert await ends_properly(client) == b""


@pytest.mark.parametrize("reads", [True, False], ids=["reads", "does not read"])
async def test_a_peer_that_answers_nothing_is_let_go_in_time(
    app: QuartTrio, clock: trio.testing.MockClock, reads: bool
) -> None:
    limits = WorkerLimits(linger=1, write_timeout=10)
    async with serving(app, tls=True, limits=limits) as server:
        await trio.testing.wait_all_tasks_blocked()
        tasks = trio.lowlevel.current_statistics().tasks_living
        async with strictly(server) as client:
            await client.send(GET % b"Connection: close\r\n")
            if reads:
                await ends_properly(client)
            await trio.sleep(1.5)
            assert trio.lowlevel.current_statistics().tasks_living == tasks
