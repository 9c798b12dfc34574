"""The fast path answers as the long one (fastpath.py): a head that comes in one piece, and the same
in two, which is Hypercorn's.
"""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trio
import trio.testing
from attrs import define, field

from tests.worker.echo import lifespan
from tests.worker.serving import Served, serving
from trichat.wire.handshake import TERMINATED, connection_of
from trichat.worker import WorkerLimits
from trichat.worker.server import Server

FIELDS = (
    b"Host: localhost", b"Upgrade: websocket", b"Connection: Upgrade",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13",
)  # fmt: skip
SMALL = WorkerLimits(head_bytes=1024, admission_timeout=10)


def head(
    target: bytes = b"/taken", *more: bytes, without: bytes = b"?", line: bytes = b""
) -> bytes:
    """Of an upgrade request. without: the field that is left out; line: in place of the first."""
    first = line or b"GET %s HTTP/1.1" % target
    kept = [each for each in FIELDS if not each.lower().startswith(without)]
    return b"\r\n".join([first, *kept, *more, b"", b""])


@define
class Every:
    """Answers as the path says. scopes: what it was asked, but for what no two requests share."""

    scopes: list[dict[str, Any]] = field(factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["kept"] = "here"
            await lifespan(scope, receive, send)
            return
        asked = {**scope, "client": len(scope["client"]), "extensions": [*scope["extensions"]]}
        self.scopes.append(asked)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"a page"})
            return
        assert TERMINATED in scope["extensions"]
        await self._answer(scope["path"].strip("/"), scope, send)

    async def _answer(self, what: str, scope: Any, send: Any) -> None:
        start = {"type": "websocket.http.response.start", "status": 404, "headers": []}
        body = {"type": "websocket.http.response.body", "body": b"away with you"}
        fields = [(b"content-length", b"13"), (b" X ", b" y "), (b"connection", b"close")]
        match what:
            case "refused":
                await send({**start, "headers": fields})
                await send(body)
                await send(body)  # one too many
            case "refused without a length":
                await send(start)
                await send(body)
            case "refused in parts":
                await send(start)
                await send({**body, "more_body": True})
                await send(body)
            case "refused wrongly":
                await send({**start, "headers": [(b":status", b"200")]})
                await send(body)
            case "no content":
                await send({**start, "status": 204})
                await send({**body, "body": b""})
            case "forbidden":
                await send({"type": "websocket.close"})
            case "unanswered":
                pass
            case "half answered":
                await send(start)
            case "failed":
                raise ValueError("before all was said")
            case "failed behind a refusal":
                await send({**start, "headers": fields})
                await send(body)
                raise ValueError("after all was said")
            case "hanging":
                await trio.sleep_forever()
            case _:
                await _take(what, scope, send)


async def _take(what: str, scope: Any, send: Any) -> None:
    accept: dict[str, Any] = {"type": "websocket.accept", "subprotocol": None, "headers": []}
    if what == "more fields":
        accept["headers"] = [(b"x", b"y"), (b"sec-websocket-extensions", b"nothing")]
    elif what == "subprotocol":
        accept["subprotocol"] = "chat"
    elif what == "wrong field":
        accept["headers"] = [(b"x", b"y\r\nz: ")]
    connection = connection_of(scope)
    assert connection is not None
    connection.hijack()
    await send(accept)
    stream, early = connection.detach()
    while len(early) < len(scope["query_string"]) and (more := await stream.receive_some()):
        early += more
    await stream.send_all(b"<%s>" % early)

    async def session() -> None:
        await stream.send_all(b" stayed")

    connection.run(session)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """long: for each connection that went to Hypercorn."""
    taken: list[str] = []
    long_way = Server._by_long_way

    async def spied(self: Server, due: float, read: bytes) -> None:
        taken.append("long")
        await long_way(self, due, read)

    monkeypatch.setattr(Server, "_by_long_way", spied)
    return taken


@asynccontextmanager
async def every(**settings: Any) -> AsyncIterator[tuple[Every, Served]]:
    app = Every()
    with trio.fail_after(60):
        async with serving(app, limits=SMALL, **settings) as server:
            yield app, server


async def said(server: Served, *pieces: bytes) -> bytes:
    """All that comes back, but for the time."""
    async with server.client() as client:
        with suppress(trio.BrokenResourceError):
            for piece in pieces:
                await client.send(piece)
                await trio.testing.wait_all_tasks_blocked(0.005)
            with suppress(OSError):
                client._socket().shutdown(trio.socket.SHUT_WR)
        try:
            answer = await client.rest()
        except trio.BrokenResourceError:
            return client._body + b"reset"
    return re.sub(rb"date: [^\r]*", b"date: now", answer)


async def alike(app: Every, server: Served, data: bytes, at: int = 20) -> bytes:
    """The answer, which is the same in two pieces."""
    app.scopes.clear()
    whole = await said(server, data)
    asked = [*app.scopes]
    app.scopes.clear()
    assert await said(server, data[:at], data[at:]) == whole
    assert app.scopes == asked
    return whole


GOOD = {
    "plain": (head(), b"<> stayed"),
    "early": (head(b"/?hello") + b"hello", b"<hello> stayed"),
    "more fields": (head(b"/more%20fields"), b"sec-websocket-extensions: nothing"),
    "subprotocol": (
        head(b"/subprotocol", b"Sec-WebSocket-Protocol: talk, chat"),
        b"sec-websocket-protocol: chat",
    ),
    "odd spellings": (head().lower().replace(b"get /taken http", b"GET /taken HTTP"), b"stayed"),
    "tokens": (head(b"/", b"Connection: keep-alive, Upgrade", without=b"connection"), b"stayed"),
    "two of a field": (head(b"/", b"Upgrade: websocket", b"X: 1", b"X: 2"), b"stayed"),
    "two connections": (head(b"/", b"Connection: keep-alive"), b"stayed"),
    "two upgrades": (head(b"/", b"Upgrade: h2c"), b"stayed"),
    "upgrades in a list": (
        head(b"/", b"Upgrade: h2c, WebSocket ,irc", without=b"upgrade"), b"stayed"),
    "two subprotocols": (
        head(b"/subprotocol", b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Protocol: talk"),
        b"sec-websocket-protocol: chat",
    ),
    "another's letters": (head(b"/", b"X: \xe9"), b"stayed"),
    "encoded": (head(b"//a%2Fb/%C3%A9/%ff?q=%20&q=?&"), b" 101 "),
    "the whole address": (head(b"http://localhost/taken"), b"stayed"),
    "refused": (head(b"/refused"), b"\r\n\r\naway with you"),
    "refused, early": (head(b"/refused") + b"hello", b"\r\n\r\naway with you"),
    "refused without a length": (head(b"/refused%20without%20a%20length"), b" 404 "),
    "failed behind a refusal": (head(b"/failed%20behind%20a%20refusal"), b" 404 "),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), GOOD.values(), ids=GOOD)
async def test_the_fast_path_is_the_same(ways: list[str], data: bytes, expected: bytes) -> None:
    async with every() as (app, server):
        assert expected in await alike(app, server, data)
    assert ways == ["long"]  # the one in two pieces


ODD = {
    "a page": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"a page"),
    "a page of websockets": (
        b"GET /websocket HTTP/1.1\r\nHost: localhost\r\n\r\n", b"a page"),
    "no key": (head(without=b"sec-websocket-key"), b"a page"),
    "another version": (
        head(b"/", b"Sec-WebSocket-Version: 12", without=b"sec-websocket-version"), b"a page"),
    "no version": (head(without=b"sec-websocket-version"), b"a page"),
    "no upgrade": (head(without=b"upgrade"), b"a page"),
    "another upgrade": (head(b"/", b"Upgrade: irc", without=b"upgrade"), b"a page"),
    "no connection": (head(without=b"connection"), b"a page"),
    "no host": (head(without=b"host"), b" 400 "),
    "another method": (head(line=b"POST / HTTP/1.1"), b"a page"),
    "a method in small letters": (head(line=b"get /taken HTTP/1.1"), b"stayed"),
    "HTTP/1.0": (head(line=b"GET / HTTP/1.0"), b"a page"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b" 505 "),
    "h2c": (head(b"/", b"Upgrade: h2c", without=b"upgrade"), b"a page"),
    "no body": (head(b"/?hello", b"Content-Length: 0") + b"hello", b"<hello> stayed"),
    "a body": (head(b"/?hello", b"Content-Length: 5") + b"hello", b" 400 "),
    "chunks": (head(b"/", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", b" 400 "),
    "a folded line": (head(b"/", b"X: y", b" z"), b" 400 "),
    "bare line feeds": (head().replace(b"\r\n", b"\n"), b" 400 "),
    "an expectation": (head(b"/", b"Expect: 100-continue"), b"stayed"),
    "a space before the colon": (head(b"/", b"X : y"), b" 400 "),
    "no letters": (head(b"/", b"Connection: Upgrade, \xe9", without=b"connection"), b" 400 "),
    "no letters in a subprotocol": (head(b"/", b"Sec-WebSocket-Protocol: \xe9"), b" 400 "),
    "no letters in an extension": (head(b"/", b"Sec-WebSocket-Extensions: \xe9"), b" 400 "),
    "empty lines before": (b"\r\n\r\n" + head(), b"stayed"),
    "no end": (head()[:-2], b" 400 "),
    "too large": (head(b"/", b"X: " + b"x" * 1024), b" 431 "),
    "much too large": (head(b"/", b"X: " + b"x" * 20_000), b" 431 "),
    "forbidden": (head(b"/forbidden"), b" 403 "),
    "unanswered": (head(b"/unanswered"), b" 500 "),
    "half answered": (head(b"/half%20answered"), b" 500 "),
    "failed": (head(b"/failed"), b" 500 "),
    "refused in parts": (head(b"/refused%20in%20parts"), b"away with you"),
    "refused wrongly": (head(b"/refused%20wrongly"), b" 500 "),
    "no content": (head(b"/no%20content"), b" 204 "),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), ODD.values(), ids=ODD)
async def test_what_is_odd_goes_the_long_way(ways: list[str], data: bytes, expected: bytes) -> None:
    async with every() as (app, server):
        assert expected in await alike(app, server, data)
    assert ways == ["long"] * 2


SETTINGS: dict[str, Any] = {
    "accesslog": "-",
    "server_names": ["localhost"],
    "h11_pass_raw_headers": True,
    "websocket_ping_interval": 10,
    "read_timeout": 5,
    "keep_alive_max_requests": 1,
}


@pytest.mark.parametrize("setting", SETTINGS)
async def test_what_hypercorn_is_to_do_with_each_request_it_does(
    ways: list[str], setting: str
) -> None:
    async with every(**{setting: SETTINGS[setting]}) as (_, server):
        assert b"stayed" in await said(server, head())
    assert ways == ["long"]


async def test_an_app_that_promises_nothing_goes_the_long_way(ways: list[str]) -> None:
    async def plain(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send, takes=False)
            return
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": (await receive())["type"]})

    with trio.fail_after(20):
        async with serving(plain) as server, server.client() as client:
            await client.upgrade()
            assert await client.message() == "websocket.connect"
    assert ways == ["long"]


@pytest.mark.parametrize("seed", range(5))
async def test_any_head_gets_one_answer(seed: int) -> None:
    """Whatever becomes of a good one: bytes and lines of it that change, go or come twice."""
    chance = random.Random(seed)
    targets = [b"/", b"/refused", b"/unanswered", b"/a%2Fb?c=%20"]
    async with every() as (app, server):
        for _ in range(12):
            data = bytearray(head(chance.choice(targets), b"X-Fore: 1"))
            for _ in range(chance.randint(1, 3)):
                _change(data, chance)
            end = bytes(data).find(b"\r\n\r\n") % len(data)
            await alike(app, server, bytes(data), chance.randint(1, max(1, end)))


def _change(data: bytearray, chance: random.Random) -> None:
    lines = data.split(b"\r\n")
    line = chance.randrange(len(lines))
    at = chance.randrange(len(data))
    match chance.randrange(5):
        case 0:
            data[at : at + 1] = bytes([chance.choice(b" \t\r\n:,\x00\x7f\xe9GU1")])
        case 1:
            del data[at : at + chance.randint(1, 4)]
        case 2:
            lines.insert(chance.randrange(len(lines)), lines[line])
            data[:] = b"\r\n".join(lines)
        case 3:
            del lines[line]
            data[:] = b"\r\n".join(lines)
        case 4:
            lines[line] = lines[line].swapcase()
            data[:] = b"\r\n".join(lines)


async def test_what_fails_is_logged_once_on_either_way(caplog: pytest.LogCaptureFixture) -> None:
    async with every() as (app, server):
        await alike(app, server, head(b"/failed"))
        await alike(app, server, head(b"/refused"))
    assert caplog.text.count("Error in ASGI Framework") == 4
    assert caplog.text.count("ValueError: before all was said") == 2
    assert caplog.text.count("UnexpectedMessageError: ") == 2


async def test_every_request_counts_once(ways: list[str]) -> None:
    """A worker that was given so many ends with one more."""
    async with every(max_requests=3) as (_, server):
        for data in (head(), head(b"/refused"), head(b"/unanswered")):
            await said(server, data)
        assert not server.stopped.is_set()
        await said(server, head())
        await server.stopped.wait()
    assert ways == ["long"]


async def test_who_is_not_answered_gets_503(ways: list[str], autojump_clock: object) -> None:
    clock = trio.current_time()
    async with every() as (_, server), server.client() as client:
        await client.send(head(b"/hanging"))
        assert b" 503 " in await client.head()
        assert trio.current_time() - clock == pytest.approx(10, abs=1)
        assert await client.rest() == b""
    assert ways == ["long"]


async def test_a_first_head_that_does_not_come_ends_in_time_or_with_the_worker(
    ways: list[str], clock: trio.testing.MockClock
) -> None:
    limits = WorkerLimits(head_timeout=10)
    async with serving(Every(), limits=limits) as server:
        began = trio.current_time()
        async with server.client() as client:
            assert await client.rest() == b""
        assert trio.current_time() - began == pytest.approx(10, abs=0.5)
        async with server.client() as client:
            await trio.testing.wait_all_tasks_blocked(0.01)
            server.stop.set()
            assert await client.rest() == b""
    assert trio.current_time() - began < 12
    assert not ways
