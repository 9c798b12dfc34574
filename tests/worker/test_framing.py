"""A request is read in one way, and what could be read in two is 400 (framing.py)."""

import re
from collections.abc import AsyncIterator
from typing import Any

import h11
import pytest
import trio
from quart import request
from quart_trio import QuartTrio

from tests.wire.client import Client
from tests.worker.echo import Echo
from tests.worker.serving import Served, serving
from trichat.worker.framing import Connection

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
INNER = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
BAD_REQUEST = b'{"detail": "Bad Request"}'


def post(*fields: bytes, sent: bytes = b"", version: bytes = b"1.1") -> bytes:
    lines = [b"POST /body HTTP/%s" % version, b"Host: x", *fields, b"", sent]
    return b"\r\n".join(lines)


def chunks(*lines: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", sent=b"\r\n".join(lines))


LENGTH, CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"

# Each is followed by another request, which must not be answered.
REFUSED = {
    "a length and a coding": post(b"Content-Length: 15", CHUNKED, sent=CHUNKS),
    "a coding and a length": post(CHUNKED, b"Content-Length: 15", sent=CHUNKS),
    "a coding and a length of 0": post(CHUNKED, b"content-length: 0", sent=CHUNKS),
    "a folded coding": post(b"Transfer-Encoding:\r\n chunked", sent=CHUNKS),
    "a coding folded by a tab": post(b"Transfer-Encoding:\r\n\tchunked", sent=CHUNKS),
    "a folded length": post(b"Content-Length:\r\n 5", sent=b"hello"),
    "any folded field": post(b"X: y", b" z", LENGTH, sent=b"hello"),
    "a fold at the beginning": b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
    "a blank line that is none": post(b"X: y", b" ", LENGTH, sent=b"hello"),
    "a list of equal lengths": post(b"Content-Length: 5, 5", sent=b"hello"),
    "a list of lengths": post(b"Content-Length: 5, 6", sent=b"hello"),
    "a list of one length": post(b"Content-Length: 5,", sent=b"hello"),
    "two equal lengths": post(LENGTH, LENGTH, sent=b"hello"),
    "two lengths": post(LENGTH, b"Content-Length: 6", sent=b"hello"),
    "two lengths in two spellings": post(LENGTH, b"CONTENT-LENGTH: 5", sent=b"hello"),
    "a length with a sign": post(b"Content-Length: +5", sent=b"hello"),
    "a negative length": post(b"Content-Length: -5", sent=b"hello"),
    "a length with a space in it": post(b"Content-Length: 0 5", sent=b"hello"),
    "a length with an underscore": post(b"Content-Length: 0_5", sent=b"hello"),
    "a length in hexadecimals": post(b"Content-Length: 0x5", sent=b"hello"),
    "a length with a fraction": post(b"Content-Length: 5.0", sent=b"hello"),
    "a quoted length": post(b'Content-Length: "5"', sent=b"hello"),
    "a length in other digits": post("Content-Length: ٥".encode(), sent=b"hello"),
    "a length behind a vertical tab": post(b"Content-Length: \x0b5", sent=b"hello"),
    "no number for a length": post(b"Content-Length: ", sent=b"hello"),
    "a length beyond all bounds": post(b"Content-Length: " + b"1" * 30, sent=b"hello"),
    "a length before a space": post(b"Content-Length : 5", sent=b"hello"),
    "a coding before a space": post(b"Transfer-Encoding : chunked", sent=CHUNKS),
    "a coding behind a vertical tab": post(b"Transfer-Encoding: \x0bchunked", sent=CHUNKS),
    "an unknown coding": post(b"Transfer-Encoding: identity", sent=CHUNKS),
    "a coding that is nearly chunked": post(b"Transfer-Encoding: xchunked", sent=CHUNKS),
    "a quoted coding": post(b'Transfer-Encoding: "chunked"', sent=CHUNKS),
    "no coding": post(b"Transfer-Encoding: ", sent=CHUNKS),
    "a coding before chunked": post(b"Transfer-Encoding: gzip, chunked", sent=CHUNKS),
    "a coding behind chunked": post(b"Transfer-Encoding: chunked, identity", sent=CHUNKS),
    "chunked with a parameter": post(b"Transfer-Encoding: chunked;q=1", sent=CHUNKS),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked", sent=CHUNKS),
    "chunked in two lines": post(CHUNKED, CHUNKED, sent=CHUNKS),
    "chunked and another in two lines": post(CHUNKED, b"Transfer-Encoding: x", sent=CHUNKS),
    "chunked in HTTP/1.0": post(CHUNKED, sent=CHUNKS, version=b"1.0"),
    "bare line feeds": b"GET /hidden HTTP/1.1\nHost: x\n\n",
    "one bare line feed": b"GET /hidden HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
    "a bare line feed behind the request line": b"GET /hidden HTTP/1.1\nHost: x\r\n\r\n",
    "an end of bare line feeds": b"GET /hidden HTTP/1.1\r\nHost: x\r\n\n",
    "a length behind a bare line feed": post(b"X: y\nContent-Length: 5", sent=b"hello"),
    "a bare line feed before all": b"\n" + INNER,
    "a bare carriage return": post(b"X: y\rContent-Length: 5", sent=b"hello"),
    "a carriage return too many": post(b"X: y\r", sent=b""),
    "a zero byte": post(b"X: \x00", sent=b""),
    "a field without a name": post(b": x", sent=b""),
    "a field without a colon": post(b"X", sent=b""),
    "two hosts": post(b"Host: y", sent=b""),
    "no host": b"GET /hidden HTTP/1.1\r\n\r\n",
    "a target that is no path": b"GET hidden HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target of another scheme": b"GET ftp://x/hidden HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target without a host": b"GET http:///hidden HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a user": b"GET http://y@x/hidden HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a fragment": b"GET http://x/hidden#y HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a star that asks": b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
}  # fmt: skip

# The head of these is good, and is answered when its body turns out to be none.
REFUSED_LATER = {
    "a chunk with a sign": chunks(b"+5", b"hello", b"0", b"", b""),
    "a chunk with a prefix": chunks(b"0x5", b"hello", b"0", b"", b""),
    "a chunk before a space": chunks(b"5 ", b"hello", b"0", b"", b""),
    "a chunk without a size": chunks(b"", b"hello", b"0", b"", b""),
    "a chunk of no hexadecimals": chunks(b"g", b"hello", b"0", b"", b""),
    "a chunk that is too long": chunks(b"f" * 17, b"hello", b"0", b"", b""),
    "a chunk that ends later": chunks(b"4", b"hello", b"0", b"", b""),
    "a chunk with a bare line feed": chunks(b"5\nhello", b"0", b"", b""),
    "an extension with a bare line feed": chunks(b"5;x\nhello", b"hello", b"0", b"", b""),
    "an extension with a carriage return": chunks(b"5;x\rhello", b"hello", b"0", b"", b""),
    "a last chunk with a bare line feed": chunks(b"5", b"hello", b"0\n\n", b""),
    "an end with a bare line feed": chunks(b"5", b"hello", b"0", b"\n"),
    "a trailer with a bare line feed": chunks(b"5", b"hello", b"0", b"X: y\n", b""),
    "a folded trailer": chunks(b"5", b"hello", b"0", b"X: y", b" z", b"", b""),
}

TAKEN = {
    "a length": post(LENGTH, sent=b"hello"),
    "a length with zeros": post(b"content-length:\t005 ", sent=b"hello"),
    "chunked": chunks(b"5", b"hello", b"0", b"", b""),
    "CHUNKED": post(b"transfer-ENCODING:  CHUNKED\t", sent=CHUNKS),
    "chunks": chunks(b"0001", b"h", b"4;x=\"y\"", b"ello", b"00", b"", b""),
    "a trailer": chunks(b"5", b"hello", b"0", b"X: y", b"", b""),
    "a length that is no field": post(b"X-Content-Length: 7, 8", LENGTH, sent=b"hello"),
    "a length in a value": post(b"X: content-length: 7", LENGTH, sent=b"hello"),
    "an empty line before": b"\r\n" + post(LENGTH, sent=b"hello"),
    "empty lines before": b"\r\n" * 50 + post(LENGTH, sent=b"hello"),
    "absolute": post(LENGTH, sent=b"hello").replace(b" /body", b" HTTP://x/body"),
}  # fmt: skip


@pytest.fixture
def app() -> QuartTrio:
    """Repeats a body. hidden: how often the page was asked for that nobody should reach."""
    app = QuartTrio("body")
    app.config["hidden"] = 0

    @app.post("/body")
    async def body() -> str:
        return str(await request.get_data(as_text=True))

    @app.get("/hidden")
    async def hidden() -> str:
        app.config["hidden"] += 1
        return "hidden"

    @app.get("/")
    async def index() -> dict[str, str]:
        return {"host": request.host, "path": request.full_path, "url": request.url}

    return app


@pytest.fixture
async def server(app: QuartTrio) -> AsyncIterator[Served]:
    with trio.fail_after(60):
        async with serving(app) as server:
            yield server


async def answers(server: Served, *pieces: bytes) -> tuple[list[bytes], bytes]:
    """To these pieces, until the server ends the connection: the statuses, and the last body."""
    async with server.client() as client:
        for piece in pieces:
            await client.send(piece)
            await trio.testing.wait_all_tasks_blocked(0.002)
        said = await client.rest()
    return re.findall(rb"HTTP/1\.1 (\d+)", said), said.rpartition(b"\r\n\r\n")[2]


@pytest.mark.promise("all-1")
@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
async def test_what_can_be_read_in_two_ways_is_400_and_the_end(
    app: QuartTrio, server: Served, data: bytes
) -> None:
    assert await answers(server, data + INNER) == ([b"400"], BAD_REQUEST)
    cut = max(1, len(data) // 2)
    assert await answers(server, data[:cut], data[cut:], INNER) == ([b"400"], BAD_REQUEST)
    assert app.config["hidden"] == 0


@pytest.mark.parametrize("data", REFUSED_LATER.values(), ids=REFUSED_LATER)
async def test_so_is_a_body_that_can(app: QuartTrio, server: Served, data: bytes) -> None:
    assert await answers(server, data + INNER) == ([b"400"], BAD_REQUEST)
    assert app.config["hidden"] == 0


@tls
async def test_so_it_is_over_tls(app: QuartTrio, tls: bool) -> None:
    with trio.fail_after(60):
        async with serving(app, tls=tls) as server:
            for data in (REFUSED["a length and a coding"], REFUSED_LATER["a folded trailer"]):
                assert await answers(server, data + INNER) == ([b"400"], BAD_REQUEST)


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
async def test_what_has_one_meaning_is_taken_however_it_is_spelt(
    server: Served, data: bytes
) -> None:
    last = INNER.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert await answers(server, data + last) == ([b"200", b"200"], b"hidden")
    async with server.client() as client:
        await client.send(data)
        assert b" 200 " in await client.head()
        assert await client.some(5) == b"hello"


@pytest.mark.parametrize("data", [*REFUSED.values(), *REFUSED_LATER.values(), *TAKEN.values()])
def test_no_cut_changes_what_is_read(data: bytes) -> None:
    """Byte by byte is as whole."""
    whole, single = Connection(16_384), Connection(16_384)
    whole.receive_data(data)
    assert _events(whole) == _events(single, data)


def _events(connection: Connection, data: bytes = b"") -> list[Any]:
    found: list[Any] = []
    pieces = [data[at : at + 1] for at in range(len(data))]
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            return [*found, error.error_status_hint]
        if event is h11.NEED_DATA and pieces:
            connection.receive_data(pieces.pop(0))
        elif isinstance(event, h11.Request):
            found.append((event.method, event.target, list(event.headers)))
        elif isinstance(event, h11.Data):
            if found and isinstance(found[-1], bytes):
                found[-1] += bytes(event.data)
            else:
                found.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return [*found, "the end"]
        elif event in (h11.NEED_DATA, h11.PAUSED):
            return found


async def get(server: Served, target: bytes, host: bytes = b"x") -> bytes:
    async with server.client() as client:
        await client.send(b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (target, host))
        head = await client.head()
        assert b" 200 " in head
        size = re.search(rb"content-length: (\d+)", head)
        assert size
        return await client.some(int(size[1]))


@pytest.mark.promise("all-1")
@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://chat.example:8000/?a=/b", b"/?a=/b"),
        (b"https://chat.example:8000?a=/b", b"/?a=/b"),
        (b"HTTP://chat.example:8000", b"/?"),
    ],
)
async def test_a_target_in_absolute_form_counts_and_its_host_too(
    server: Served, target: bytes, path: bytes
) -> None:
    told = await get(server, target, host=b"elsewhere")
    assert b'"host":"chat.example:8000"' in told
    assert b'"path":"%s"' % path in told


@pytest.mark.promise("all-1")
@pytest.mark.parametrize(
    "fields",
    [
        (b"Upgrade: websocket", b"Connection: Upgrade", b"Connection: keep-alive"),
        (b"Upgrade: websocket", b"Connection: keep-alive", b"connection: x, UPGRADE"),
        (b"Upgrade: websocket, foo", b"Connection: Upgrade"),
        (b"Upgrade: foo", b"UPGRADE:\tWebSocket", b"Connection: Upgrade"),
        (b"Upgrade: h2c,websocket", b"Connection: HTTP2-Settings,Upgrade", b"HTTP2-Settings: AA"),
    ],
)
@tls
async def test_the_lists_of_a_handshake_may_come_in_any_number_of_lines(
    tls: bool, fields: tuple[bytes, ...]
) -> None:
    rest = (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13", b"", b"")
    with trio.fail_after(20):
        async with serving(Echo(), tls=tls) as server, server.client() as client:
            await client.send(b"\r\n".join([b"GET / HTTP/1.1", b"Host: x", *fields, *rest]))
            assert b" 101 " in await client.head()
            await client.send(client.text("here"))
            assert await client.message() == "here"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"PRI * HTTP/2.0\r\n\r\n", b"505"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", b"505"),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", b"505"),
        (b"GET / HTTP/0.9\r\n\r\n", b"505"),
        (b"GET / HTTP/1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /\r\n\r\n", b"400"),
        (b"GET / http/1.1\r\nHost: x\r\n\r\n", b"400"),
    ],
)
async def test_another_version_of_http_is_refused(
    server: Served, head: bytes, status: bytes
) -> None:
    assert (await answers(server, head + INNER))[0] == [status]


UPGRADE_TO_H2C = (
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n"
)


@pytest.mark.promise("all-1")
async def test_an_offer_of_h2c_is_passed_over_and_the_connection_goes_on(server: Served) -> None:
    page = b"GET /hidden HTTP/1.1\r\nHost: x\r\n"
    last = page + b"Connection: close\r\n\r\n"
    assert await answers(server, (page + UPGRADE_TO_H2C + b"\r\n") * 2 + last) == (
        [b"200"] * 3,
        b"hidden",
    )


@pytest.mark.promise("all-1")
async def test_tls_offers_http_1_1_whatever_a_client_would_like(app: QuartTrio) -> None:
    async def chosen(server: Served, *offered: str) -> object:
        assert server.tls is not None
        server.tls.set_alpn_protocols(offered)
        async with server.client() as client:
            stream = client.stream
            assert isinstance(stream, trio.SSLStream)
            await stream.do_handshake()
            await _page(client)
            return stream.selected_alpn_protocol()

    with trio.fail_after(20):
        async with serving(app, tls=True) as server:
            assert await chosen(server, "h2", "http/1.1") == "http/1.1"
            assert await chosen(server, "http/1.1") == "http/1.1"
            assert await chosen(server, "h2") is None


async def _page(client: Client) -> None:
    await client.send(INNER)
    assert b" 200 " in await client.head()
    assert await client.some(6) == b"hidden"
