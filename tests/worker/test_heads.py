"""Heads that do not come, come slowly or are too large, and what is no HTTP (heads.py)."""

from typing import Any

import pytest
import trio
import trio.testing
from quart_trio import QuartTrio

from tests.wire.client import Client
from tests.worker.echo import Echo
from tests.worker.serving import serving
from trichat.worker import WorkerLimits

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
LIMITS = WorkerLimits(head_timeout=10, head_bytes=1024)
MOST: dict[str, Any] = {"limits": LIMITS, "h11_max_incomplete_size": LIMITS.head_bytes}
TOO_LARGE = b'{"detail": "Request Header Fields Too Large"}'
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
UPGRADE = (
    GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


def of(size: int, head: bytes = GET) -> bytes:
    """A request's head of so many bytes."""
    field = b"X: %s\r\n\r\n"
    return head + field % (b"x" * (size - len(head) - len(field % b"")))


async def answer(client: Client) -> tuple[bytes, bytes]:
    """All of it: the status and what comes behind the head, to the end."""
    head = await client.head()
    return head[9:12], await client.rest()


@tls
async def test_a_head_of_the_limit_is_taken_and_one_byte_more_is_not(
    app: QuartTrio, tls: bool
) -> None:
    async with serving(app, tls=tls, **MOST) as server, server.client() as client:
        await client.send(of(1024))
        assert b" 200 " in await client.head()
        assert await client.some(5) == b"hello"
        await client.send(of(1025))  # in one piece, so that it is whole at once
        assert await answer(client) == (b"431", TOO_LARGE)


@tls
async def test_an_upgrade_is_no_exception(tls: bool) -> None:
    async with serving(Echo(), tls=tls, **MOST) as server:
        async with server.client() as client:
            await client.send(of(1024, UPGRADE))
            assert b" 101 " in await client.head()
            await client.send(client.text("here"))
            assert await client.message() == "here"
        async with server.client() as client:
            await client.send(of(1025, UPGRADE))
            assert await answer(client) == (b"431", TOO_LARGE)


async def test_a_head_without_an_end_is_not_kept(app: QuartTrio) -> None:
    async with serving(app, **MOST) as server, server.client() as client:
        await client.send(GET)
        while not await _answered(client):
            await client.send(b"X: " + b"x" * 100 + b"\r\n")
        assert await answer(client) == (b"431", TOO_LARGE)


async def _answered(client: Client) -> bool:
    """Whether anything has come; nothing of it is read."""
    await trio.testing.wait_all_tasks_blocked()
    flags = trio.socket.MSG_PEEK | trio.socket.MSG_DONTWAIT
    with trio.move_on_after(0.01):
        return bool(await client._socket().recv(1, flags))
    return False


@tls
@pytest.mark.parametrize("head", [GET, UPGRADE], ids=["get", "upgrade"])
async def test_a_head_that_trickles_is_answered_408(
    app: QuartTrio, clock: trio.testing.MockClock, tls: bool, head: bytes
) -> None:
    async with serving(app, tls=tls, limits=LIMITS) as server, server.client() as client:
        began = trio.current_time()
        async with trio.open_nursery() as nursery:

            async def trickle() -> None:
                await client.send(head)
                while True:
                    await client.send(b"X: y\r\n")
                    await trio.sleep(1)

            nursery.start_soon(trickle)
            assert await answer(client) == (b"408", b'{"detail": "Request Timeout"}')
            nursery.cancel_scope.cancel()
        assert trio.current_time() - began == pytest.approx(10, abs=1)


async def test_a_head_in_the_last_moment_is_in_time(
    app: QuartTrio, clock: trio.testing.MockClock
) -> None:
    async with serving(app, limits=LIMITS) as server, server.client() as client:
        await client.send(GET)
        await trio.sleep(9.5)
        await client.send(b"\r\n")
        assert b" 200 " in await client.head()


async def test_who_says_nothing_is_let_go_without_a_word(
    app: QuartTrio, clock: trio.testing.MockClock
) -> None:
    async with serving(app, limits=LIMITS) as server, server.client() as client:
        began = trio.current_time()
        assert await client.rest() == b""
        assert trio.current_time() - began == pytest.approx(10, abs=1)


async def test_who_never_speaks_tls_is_let_go_in_time(
    app: QuartTrio, clock: trio.testing.MockClock
) -> None:
    async with serving(app, tls=True, limits=LIMITS, ssl_handshake_timeout=10) as server:
        stream = await trio.open_tcp_stream("127.0.0.1", server.port)
        async with stream:
            await stream.send_all(b"\x16\x03\x01")  # the beginning of a greeting
            began = trio.current_time()
            assert await stream.receive_some() == b""
            assert trio.current_time() - began == pytest.approx(10, abs=1)


@tls
@pytest.mark.parametrize(("keep_alive", "seconds"), [(5, 3), (60, 10)])
async def test_a_later_head_has_the_time_of_a_first_one_from_its_first_byte_on(
    app: QuartTrio, clock: trio.testing.MockClock, tls: bool, keep_alive: float, seconds: float
) -> None:
    """And no more than is left to an idle connection."""
    limits = WorkerLimits(head_timeout=10, keep_alive=keep_alive)
    async with serving(app, tls=tls, limits=limits) as server, server.client() as client:
        await client.send(GET + b"\r\n")
        assert b" 200 " in await client.head()
        assert await client.some(5) == b"hello"
        await trio.sleep(2)
        began = trio.current_time()
        async with trio.open_nursery() as nursery:

            async def trickle() -> None:
                await client.send(GET)
                while True:
                    await client.send(b"X: y\r\n")
                    await trio.sleep(1)

            nursery.start_soon(trickle)
            assert (await answer(client))[0] == b"408"
            nursery.cancel_scope.cancel()
        assert trio.current_time() - began == pytest.approx(seconds, abs=1)


@tls
async def test_the_head_of_an_answer_comes_with_its_body(app: QuartTrio, tls: bool) -> None:
    """One write: a client that reads once has the whole of a short answer."""
    async with serving(app, tls=tls) as server, server.client() as client:
        for _ in range(20):
            await client.send(GET + b"\r\n")
            assert bytes(await client.stream.receive_some()).endswith(b"\r\n\r\nhello")
        await client.send(GET.replace(b"GET", b"HEAD") + b"\r\n")
        assert bytes(await client.stream.receive_some()).endswith(b"\r\n\r\n")


async def test_what_is_no_http_is_told_so_as_json(app: QuartTrio) -> None:
    async with serving(app) as server, server.client() as client:
        await client.send(b"HELLO\r\n\r\n")
        assert await answer(client) == (b"400", b'{"detail": "Bad Request"}')


async def test_what_is_turned_away_is_observed(
    app: QuartTrio, clock: trio.testing.MockClock
) -> None:
    why: list[str] = []
    limits = WorkerLimits(head_timeout=10, head_bytes=1024, observe=why.append)
    async with serving(app, limits=limits) as server:
        for head in (GET, of(1025), b""):
            async with server.client() as client:
                await client.send(head)
                await answer(client)
    assert why == ["slow", "head"]
