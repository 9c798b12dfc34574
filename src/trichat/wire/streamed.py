"""The link of a TLS connection that was taken from the HTTP server."""

from typing import cast

import trio

from trichat.wire.direct import RECEIVE, DirectLink, LinkLimits, send_all
from trichat.wire.link import LinkLostError, Taken, unnoticed

# Bytes that are encrypted at a time: OpenSSL keeps all of it until the peer has taken it.
AT_ONCE = 65_536


class PatientStream(trio.abc.Stream):
    """A socket under TLS whose writes end when the peer takes no byte for `patience` seconds.

    Under TLS only the transport sees single bytes go, so the deadline belongs here.
    """

    def __init__(self, stream: trio.SocketStream, patience: float) -> None:
        self._stream = stream
        self.socket = stream.socket
        self.patience = patience

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Raises trio.BrokenResourceError."""
        try:
            await send_all(self.socket, data, self.patience)
        except LinkLostError as error:
            raise trio.BrokenResourceError(str(error)) from error

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        await self._stream.aclose()


def patient(
    stream: "trio.SSLStream[trio.SocketStream]", patience: float
) -> "trio.SSLStream[trio.SocketStream]":
    """Give the writes of a TLS stream a deadline in seconds that restarts with each byte taken."""
    transport: trio.abc.Stream = stream.transport_stream
    if isinstance(transport, PatientStream):
        transport.patience = patience
    else:
        patiently = PatientStream(stream.transport_stream, patience)
        stream.transport_stream = cast(trio.SocketStream, patiently)
    return stream


class StreamedLink(DirectLink):
    """A link over TLS, where nothing can be written without waiting.

    A cancelled write loses the connection: a TLS record cannot be left half out.
    """

    def __init__(
        self,
        stream: "trio.SSLStream[trio.SocketStream]",
        held: bytes,
        limits: LinkLimits,
        window: int | None = None,
    ) -> None:
        super().__init__(stream.transport_stream, held, limits, window)
        self._stream = patient(stream, limits.write_timeout)

    @property
    def descriptor(self) -> int | None:
        return None

    async def _receive_some(self) -> bytes:
        return bytes(await self._stream.receive_some(RECEIVE))

    def write_now(self, wire: bytes | memoryview) -> int:
        return 0

    async def _send(self, wire: bytes | memoryview, taken: Taken = unnoticed) -> None:
        self._unsent = memoryview(wire)
        try:
            while self._unsent:
                some = self._unsent[:AT_ONCE]
                await self._stream.send_all(some)
                self._unsent = self._unsent[len(some) :]
                taken(len(some))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise LinkLostError(str(error)) from error
