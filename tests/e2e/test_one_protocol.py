"""HTTP/1.1 alone, however the server is launched (docs/adr/0008): over TLS, with real processes."""

import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from attrs import frozen

from tests.e2e.certificates import Certificate, certificate
from tests.e2e.launching import BIN, LISTENING, RUNNING, Launched, launched, serve

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
H2C = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n"
LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@frozen
class Secure:
    """A server over TLS."""

    server: Launched
    certificate: Certificate

    async def said(self, data: bytes) -> tuple[bytes, float]:
        """All that comes back until close_notify, and in how many seconds; an end without it
        raises trio.BrokenResourceError.
        """
        began = time.monotonic()
        answer = b""
        async with await self.connect() as stream:
            await stream.send_all(data)
            while more := bytes(await stream.receive_some()):
                answer += more
        return answer, time.monotonic() - began

    async def connect(self) -> "trio.SSLStream[trio.SocketStream]":
        self.certificate.trusting.set_alpn_protocols(["h2", "http/1.1"])
        port = int(self.server.address.rpartition(":")[2])
        plain = await trio.open_tcp_stream("127.0.0.1", port)
        return trio.SSLStream(plain, self.certificate.trusting, server_hostname="localhost")


@asynccontextmanager
async def secure(
    under: str, data: Path, folder: Path, env: Mapping[str, str]
) -> AsyncIterator[Secure]:
    made = certificate(folder)
    if under == "trichat":
        async with launched(serve(data, *made.options), env, ready=LISTENING) as server:
            yield Secure(server, made)
        return
    words = [str(BIN / "hypercorn"), "-k", "trio", "--bind", "127.0.0.1:0", *made.options]
    env = {**env, "TRICHAT_SERVER_DATA": str(data)}
    async with launched([*words, "trichat.asgi:app"], env, ready=RUNNING) as server:
        yield Secure(server, made)


def statuses(answer: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d+)", answer)


@pytest.mark.promise("all-1")
@pytest.mark.parametrize("under", ["trichat", "hypercorn"])
async def test_one_protocol_one_reading_and_a_proper_end(
    data: Path, tmp_path: Path, under: str
) -> None:
    env = {"TRICHAT_SERVER_KEEP_ALIVE": "1s500ms"}
    async with secure(under, data, tmp_path, env) as server:
        with trio.fail_after(60):
            async with await server.connect() as stream:
                await stream.do_handshake()
                assert stream.selected_alpn_protocol() == "http/1.1"
            last = GET + b"Connection: close\r\n\r\n"
            answer, _ = await server.said(GET + H2C + b"\r\n" + last)
            assert statuses(answer) == [b"200", b"200"]
            answer, _ = await server.said(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            assert statuses(answer) == [b"505"]
            lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            answer, _ = await server.said(LOGIN + lengths + GET + b"\r\n")
            assert statuses(answer) == [b"400"]
            assert json.loads(answer.rpartition(b"\r\n\r\n")[2]) == {"detail": "Bad Request"}
            answer, seconds = await server.said(GET + b"\r\n")
            assert statuses(answer) == [b"200"]
            assert 1.4 < seconds < 10
            answer, _ = await server.said(UPGRADE)  # no token: closed behind the upgrade
            assert statuses(answer) == [b"101"]
            assert b"\x03\xf0" in answer.partition(b"\r\n\r\n")[2]
