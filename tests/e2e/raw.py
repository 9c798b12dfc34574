"""Clients that a library would not let us be: byte for byte, over plain sockets and over TLS."""

import base64
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import trio
from attrs import define

from tests.e2e.users import PATIENCE, Person, Users

GOING_AWAY = b"\x88\x22\x03\xe9server going away: connect again"  # a whole frame: close, 1001

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]
_GONE = (trio.BrokenResourceError, trio.ClosedResourceError)


@define(eq=False)
class Raw:
    """A connection. heard: all that was read of it. fields: headers of its own."""

    stream: Stream
    host: str
    heard: bytes = b""
    fields: tuple[str, ...] = ()

    async def write(self, data: bytes) -> None:
        with trio.fail_after(PATIENCE):
            await self.stream.send_all(data)

    async def upgrade(self, target: str) -> None:
        """Ask for a socket; the answer is read up to the end of its head."""
        await self.write(self.request(target))
        with trio.fail_after(PATIENCE):
            while b"\r\n\r\n" not in self.heard:
                data = await self.stream.receive_some(4096)
                assert data, self.heard
                self.heard += bytes(data)

    def request(self, target: str) -> bytes:
        lines = [
            f"GET {target} HTTP/1.1", f"Host: {self.host}", "Connection: Upgrade",
            "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *self.fields, "", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode()

    @property
    def status(self) -> int:
        """Of the answer's head."""
        return int(self.heard.split(b" ", 2)[1])

    async def rest(self) -> bytes:
        """All there is, until the server ends the connection."""
        with trio.fail_after(PATIENCE), suppress(*_GONE):
            while data := await self.stream.receive_some(65536):
                self.heard += bytes(data)
        return self.heard


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A frame of a client's, with a mask of zeros."""
    size = len(payload)
    head = bytes([size | 0x80]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + head + bytes(4) + payload


def target(users: Users, dialect: str, by: Person, room: str = "") -> str:
    """Path and query of a dialect's socket."""
    return users.url(dialect, by.token, room).split("/", 3)[3].join(["/", ""])


@asynccontextmanager
async def dialled(
    address: str,
    tls: ssl.SSLContext | None = None,
    *,
    receives: int | None = None,
    source: str | None = None,
) -> AsyncIterator[Raw]:
    """A connection. receives: bytes that its kernel takes while it does not read. source: the
    address of this machine that it comes from.
    """
    host, _, port = address.partition("://")[2].rpartition(":")
    plain = trio.socket.socket()
    if receives is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    if source is not None:
        await plain.bind((source, 0))
    await plain.connect(("127.0.0.1", int(port)))
    tcp = trio.SocketStream(plain)
    stream: Stream = tcp
    if tls is not None:
        stream = trio.SSLStream(tcp, tls, server_hostname="localhost", https_compatible=True)
    try:
        yield Raw(stream, f"{host}:{port}")
    finally:
        await trio.aclose_forcefully(stream)
