"""What a server as operators run it writes down."""

import json
from pathlib import Path

import h2.connection
import httpx
import trio
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH

from tests.e2e.launching import RUNNING, launched, serve
from tests.e2e.test_serving import HYPERCORN

TOKEN = "hunter2-is-no-token"
DEBUG = {"TRICHAT_LOG_LEVEL": "debug", "TRICHAT_LOG_FORMAT": "json"}


async def knock(address: str) -> None:
    """A token in the query, where it is asked for and where it is not."""
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        for path in ("/api/v1/auth/me", "/nowhere"):
            assert (await client.get(f"{path}?token={TOKEN}")).status_code in (401, 404)
        upgrade = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        refused = await client.get(f"/ws/chat?token={TOKEN}", headers=upgrade)
        assert refused.status_code == 401


async def test_all_5_a_token_reaches_no_log(data: Path) -> None:
    async with launched(serve(data), DEBUG) as server:
        await knock(server.address)
    assert '"turned away: not a token"' in server.said
    assert TOKEN not in server.said


async def test_all_5_a_token_over_http_2_reaches_no_log_not_even_as_it_is_packed(
    data: Path,
) -> None:
    packed = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(TOKEN.encode())
    url = httpx.URL("/api/v1/auth/me", params={"token": TOKEN})
    head = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", str(url))]
    head.append(("x-api-key", TOKEN))
    async with launched(serve(data), DEBUG) as server:
        there = httpx.URL(server.address)
        async with await trio.open_tcp_stream(there.host, there.port or 0) as stream:
            http = h2.connection.H2Connection()
            http.initiate_connection()
            http.send_headers(1, head, end_stream=True)
            asked = http.data_to_send()
            assert packed in asked
            await stream.send_all(asked)
            answer = b""
            while b'"detail"' not in answer:
                more = bytes(await stream.receive_some())
                assert more
                answer += more
    assert TOKEN not in server.said
    written = repr(packed)[2:-1].replace("\\", "\\\\")  # in JSON
    assert written not in server.said


async def test_all_5_a_token_reaches_no_access_log_of_hypercorn(data: Path) -> None:
    """Which is off in our configuration, and on here."""
    words = [*HYPERCORN[:-1], "--access-logfile", "-", HYPERCORN[-1]]
    words[1:1] = ["--access-logformat", "%(Uq)s"]
    env = {**DEBUG, "TRICHAT_SERVER_DATA": str(data)}
    async with launched(words, env, ready=RUNNING) as server:
        await knock(server.address)
    assert "/nowhere?token=[redacted]" in server.said
    assert TOKEN not in server.said


async def test_every_line_under_hypercorn_comes_once_and_in_our_form(data: Path) -> None:
    env = {"TRICHAT_LOG_FORMAT": "json", "TRICHAT_SERVER_DATA": str(data)}
    async with launched(HYPERCORN, env, ready=RUNNING) as server:
        pass
    told = [json.loads(line)["event"] for line in server.said.splitlines()]
    assert len([event for event in told if event.startswith("Running on ")]) == 1
