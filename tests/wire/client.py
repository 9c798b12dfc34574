"""A WebSocket client close to the wire: what the tests need to do wrong, it can do."""

import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import trio
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, TextMessage

_HEAD = (
    b"GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
_DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"


class Client:
    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.frames = Connection(ConnectionType.CLIENT)
        self._events: list[Event] = []
        self._body = b""

    async def upgrade(
        self, path: str = "/", *, early: bytes = b"", offer_deflate: bool = False
    ) -> bytes:
        """Send the request with `early` in the same write; return the answer's head."""
        head = _HEAD % path.encode() + _DEFLATE * offer_deflate + b"\r\n"
        await self.stream.send_all(head + early)
        return await self.head()

    async def head(self) -> bytes:
        """An answer's head; of what comes behind it, frames or `rest`, nothing is lost."""
        head = b""
        while b"\r\n\r\n" not in head:
            data = await self.stream.receive_some()
            if not data:
                return head
            head += bytes(data)
        head, _, behind = head.partition(b"\r\n\r\n")
        if b" 101 " in head:
            self._take_in(behind)
        else:
            self._body = behind
        return head

    async def rest(self) -> bytes:
        """All that comes behind a head until the connection ends."""
        while await self._more():
            pass
        return self._body

    async def some(self, count: int) -> bytes:
        """So many bytes behind a head."""
        while len(self._body) < count:
            assert await self._more()
        return self._body[:count]

    async def _more(self) -> bool:
        data = bytes(await self.stream.receive_some())
        self._body += data
        return bool(data)

    def text(self, data: str) -> bytes:
        return self.frames.send(TextMessage(data))

    def binary(self, data: bytes) -> bytes:
        return self.frames.send(BytesMessage(data))

    def ping(self, payload: bytes) -> bytes:
        return self.frames.send(Ping(payload))

    def closing(self, code: int = 1000) -> bytes:
        return self.frames.send(CloseConnection(code))

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    def _take_in(self, data: bytes) -> None:
        self.frames.receive_data(data)
        self._events.extend(self.frames.events())

    async def event(self) -> Event | None:
        """The next frame's event; None when the connection ended without one."""
        while not self._events:
            try:
                data = await self.stream.receive_some()
            except trio.BrokenResourceError:
                return None
            if not data:
                return None
            self._take_in(bytes(data))
        event = self._events.pop(0)
        if isinstance(event, CloseConnection):
            await self._answer(event)
        return event

    async def _answer(self, event: CloseConnection) -> None:
        if self.frames.state is ConnectionState.REMOTE_CLOSING:
            with suppress(trio.BrokenResourceError):
                await self.send(self.frames.send(event.response()))

    async def message(self) -> str | bytes:
        parts: list[str | bytes] = []
        while True:
            event = await self.event()
            assert isinstance(event, Message), event
            parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
            if event.message_finished:
                return parts[0] if len(parts) == 1 else "".join(map(str, parts))

    async def close_code(self) -> int:
        """What the peer closes with, over whatever comes before; 1006 without a close frame."""
        while (event := await self.event()) is not None:
            if isinstance(event, CloseConnection):
                return int(event.code)
        return 1006

    def drop(self) -> None:
        """Leave without a word."""
        self._socket().close()

    def reset(self) -> None:
        """Leave with a slam of the door."""
        linger = struct.pack("ii", 1, 0)
        self._socket().setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_LINGER, linger)
        self.drop()

    def _socket(self) -> trio.socket.SocketType:
        stream = self.stream
        while not isinstance(stream, trio.SocketStream):
            assert isinstance(stream, trio.SSLStream)
            stream = stream.transport_stream
        return stream.socket

    async def bye(self, code: int = 1000) -> int:
        """Close as a client does, and return the code of the answer."""
        await self.send(self.closing(code))
        answer = await self.close_code()
        await self.stream.aclose()
        return answer


@asynccontextmanager
async def connected(
    port: int, tls: ssl.SSLContext | None = None, receive_buffer: int | None = None
) -> AsyncIterator[Client]:
    """A client; receive_buffer makes its kernel take no more than about so many bytes."""
    socket = trio.socket.socket()
    if receive_buffer is not None:
        socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, receive_buffer)
    await socket.connect(("127.0.0.1", port))
    stream: trio.abc.Stream = trio.SocketStream(socket)
    if tls is not None:
        stream = trio.SSLStream(stream, tls, server_hostname="localhost", https_compatible=True)
    try:
        yield Client(stream)
    finally:
        socket.close()
