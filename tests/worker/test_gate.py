"""Bytes behind the upgrade request, in its packet or after it (gate.py)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import trio
from quart import websocket
from quart_trio import QuartTrio

from tests.worker.echo import Echo, lifespan
from tests.worker.serving import serving
from trichat.runtime import frames
from trichat.wire.direct import LinkLimits
from trichat.wire.handshake import EXTENSION, ScopeHandshake, connection_of
from trichat.wire.link import Binary, Closed, Link, Text

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@tls
async def test_a_frame_in_the_packet_of_the_handshake_is_the_links_first(tls: bool) -> None:
    app = Echo()
    with trio.fail_after(20):
        async with serving(app, tls=tls) as server, server.client() as client:
            head = await client.upgrade(early=client.text("early"), offer_deflate=True)
            assert b" 101 " in head
            assert b"permessage-deflate" not in head
            assert await client.message() == "early"
            await client.send(client.text("late"))
            assert await client.message() == "late"
            assert await client.bye(4000) == 4000
    assert app.handled == [Text("early"), Text("late"), Closed(4000)]


@tls
async def test_every_frame_before_a_clean_close_is_handled(tls: bool) -> None:
    app = Echo()
    sent = [str(number) for number in range(300)]
    with trio.fail_after(20):
        async with serving(app, tls=tls) as server, server.client() as client:
            await client.upgrade(early=b"".join(map(client.text, sent)) + client.closing())
            assert await client.close_code() == 1000
    assert app.handled == [*map(Text, sent), Closed(1000)]


@tls
async def test_frames_are_handled_although_the_client_does_not_wait(tls: bool) -> None:
    app = Echo()
    sent = [str(number) for number in range(300)]
    with trio.fail_after(20):
        async with serving(app, tls=tls) as server, server.client() as client:
            await client.upgrade()
            await client.send(b"".join(map(client.text, sent)) + client.closing())
            await client.stream.aclose()
            await app.closed.wait()
    assert app.handled == [*map(Text, sent), Closed(1000)]


@tls
async def test_a_frame_while_the_handler_makes_up_its_mind_is_not_lost(tls: bool) -> None:
    asked, go = trio.Event(), trio.Event()
    app = Echo()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            asked.set()
            await go.wait()
        await app(scope, receive, send)

    with trio.fail_after(20):
        async with serving(slow, tls=tls) as server, server.client() as client:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(client.upgrade)
                await asked.wait()
                await client.send(client.text("stray"))
                await trio.testing.wait_all_tasks_blocked()
                go.set()
            assert await client.message() == "stray"


async def test_an_empty_binary_frame_is_a_message() -> None:
    app = Echo()
    with trio.fail_after(20):
        async with serving(app) as server, server.client() as client:
            await client.upgrade()
            await client.send(client.binary(b""))
            assert await client.message() == "0 bytes"
    assert app.handled[0] == Binary(b"")


@pytest.fixture
def stock_route() -> QuartTrio:
    """A Quart route that knows nothing of the extension."""
    app = QuartTrio("stock")

    @app.websocket("/")
    async def route() -> None:
        while True:
            await websocket.send(await websocket.receive())

    @app.websocket("/refused")
    async def refused() -> tuple[str, int]:
        return "full", 503

    return app


@tls
async def test_an_unclaimed_connection_gets_its_early_frames_and_goes_on(
    stock_route: QuartTrio, tls: bool
) -> None:
    with trio.fail_after(20):
        async with serving(stock_route, tls=tls) as server, server.client() as client:
            await client.upgrade(early=client.text("early"))
            assert await client.message() == "early"
            await client.send(client.text("late"))
            assert await client.message() == "late"
            assert await client.bye() == 1000


@tls
@pytest.mark.parametrize("early", [False, True])
async def test_a_refused_one_discards_them(stock_route: QuartTrio, tls: bool, early: bool) -> None:
    with trio.fail_after(20):
        async with serving(stock_route, tls=tls) as server:
            async with server.client() as client:
                head = await client.upgrade("/refused", early=client.text("early") * early)
                assert b" 503 " in head
                await client.send(client.text("late"))
                assert await client.rest() == b"full"
            async with server.client() as client:
                assert b" 101 " in await client.upgrade()


async def test_a_scope_handshake_refuses_with_a_response() -> None:
    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        handshake = ScopeHandshake(scope, send, LinkLimits())
        seen = [handshake.path, handshake.query["q"], handshake.headers["host"], handshake.peer]
        body = " ".join(seen).encode()
        await handshake.refuse(403, body, {"Content-Length": str(len(body))})

    with trio.fail_after(20):
        async with serving(refusing) as server, server.client() as client:
            head = await client.upgrade("/ada%20l?q=1&q=2")
            assert b" 403 " in head
            assert await client.rest() == b"/ada l 1 localhost 127.0.0.1"


@pytest.mark.parametrize("version", [b"13", b"12"])
async def test_a_request_that_hypercorn_refuses_itself_ends(version: bytes) -> None:
    """No handler is asked, so nobody else would open the gate."""
    with trio.fail_after(20):
        async with serving(Echo(), server_names=["elsewhere"]) as server, server.client() as client:
            request = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            request += b"Connection: Upgrade\r\nSec-WebSocket-Version: %s\r\n\r\n" % version
            await client.send(request + client.text("early"))
            assert (await client.head()).startswith(b"HTTP/1.1 404")
            assert await client.rest() == b""


async def test_a_connection_is_detached_once_and_only_when_hijacked() -> None:
    errors: list[str] = []
    done = trio.Event()

    async def greedy(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        connection = connection_of(scope)
        assert connection is scope["extensions"][EXTENSION]
        try:
            connection.detach()
        except RuntimeError as error:
            errors.append(str(error))
        connection.hijack()
        await send({"type": "websocket.accept"})
        connection.detach()
        try:
            connection.detach()
        except RuntimeError as error:
            errors.append(str(error))
        done.set()

    with trio.fail_after(20):
        async with serving(greedy) as server, server.client() as client:
            await client.upgrade()
            await done.wait()
            assert await client.close_code() == 1006  # nobody closed it properly
    assert len(errors) == 2


class Host:
    """Takes each connection and has `session` run on it when its handler has returned."""

    def __init__(self, session: Callable[[Link], Awaitable[None]], *, fails: bool = False) -> None:
        self._session = session
        self._fails = fails
        self.tasks: list[trio.lowlevel.Task] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        handshake = ScopeHandshake(scope, send, LinkLimits())
        link = await handshake.accept()
        await handshake.run(partial(self._run, link))
        self.tasks.append(trio.lowlevel.current_task())
        if self._fails:
            raise ValueError("after all was said")

    async def _run(self, link: Link) -> None:
        self.tasks.append(trio.lowlevel.current_task())
        await self._session(link)


async def _greet(link: Link) -> None:
    await link.write(frames.text(b"hello"))
    await link.receive()
    await link.close(1000)


@tls
@pytest.mark.parametrize("fails", [False, True], ids=["returns", "fails"])
async def test_a_session_is_run_in_the_connections_task_behind_its_handler(
    tls: bool, fails: bool
) -> None:
    host = Host(_greet, fails=fails)
    with trio.fail_after(20):
        async with serving(host, tls=tls) as server, server.client() as client:
            await client.upgrade()
            assert await client.message() == "hello"
            handler, connection = host.tasks
            assert (handler is connection) is not tls  # the fast path
            assert not tls or handler not in connection.parent_nursery.child_tasks  # type: ignore[union-attr]
            assert not connection.child_nurseries  # Hypercorn's own has ended
            await client.send(client.text("bye"))
            assert await client.close_code() == 1000


async def test_a_session_that_was_cancelled_before_it_began_is_run_all_the_same() -> None:
    said = trio.Event()

    async def session(link: Link) -> None:
        try:
            await trio.sleep_forever()
        finally:
            said.set()
            await link.close(1001)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        handshake = ScopeHandshake(scope, send, LinkLimits())
        link = await handshake.accept()
        await handshake.run(partial(session, link))
        await trio.sleep_forever()

    with trio.fail_after(20):
        async with serving(app, graceful_timeout=0.1) as server, server.client() as client:
            await client.upgrade()
            server.stop.set()
            assert await client.close_code() == 1001
    assert said.is_set()
