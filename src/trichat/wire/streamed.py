"""The link of a TLS connection that was taken from the HTTP server."""

from contextlib import suppress
from typing import cast

import trio

from trichat.wire.direct import RECEIVE, DirectLink, LinkLimits, half_close, send_some
from trichat.wire.link import LinkLostError, Taken, unnoticed

# Bytes that are encrypted at a time: OpenSSL keeps all of it until the peer has taken it.
BYTES_PER_WRITE = 65_536

_UNUSABLE = (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError)


class PatientStream(trio.abc.Stream):
    """A socket under TLS whose writes end when the peer takes no byte for `patience` seconds.

    Under TLS only the transport sees single bytes go, so the deadline belongs here. last: nothing
    is sent behind the next write.
    """

    def __init__(self, stream: trio.SocketStream, patience: float) -> None:
        self._stream = stream
        self.socket = stream.socket
        self.patience = patience
        self.last = False
        self.sent = 0  # bytes that our kernel has taken

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Raises trio.BrokenResourceError."""
        try:
            unsent = memoryview(data)
            while unsent:
                sent = await send_some(self.socket, unsent, self.patience)
                self.sent += sent
                unsent = unsent[sent:]
        except LinkLostError as error:
            raise trio.BrokenResourceError(str(error)) from error
        if self.last:
            half_close(self.socket)

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


async def end(stream: "trio.SSLStream[trio.SocketStream]") -> None:
    """Tell a peer that nothing more comes, by close_notify (RFC 8446, 6.1), and wait until they
    end too. What they still send is discarded: closing with unread input would reset the
    connection, which may cost them our last bytes.

    The caller sets a deadline. stream: one that patient() has seen, which is of no use afterwards.
    Where it is broken, or somebody else still writes to it, there is no close_notify.
    """
    transport: object = stream.transport_stream
    assert isinstance(transport, PatientStream)
    transport.last = True
    with suppress(*_UNUSABLE):
        await stream.unwrap()
        return
    with suppress(*_UNUSABLE):
        # Where input is waiting, Trio raises with the close_notify made but not sent.
        await transport.send_all(stream._outgoing.read())
        while await transport.receive_some(RECEIVE):
            pass


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
                some = self._unsent[:BYTES_PER_WRITE]
                await self._stream.send_all(some)
                self._unsent = self._unsent[len(some) :]
                taken(len(some))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise LinkLostError(str(error)) from error

    def acknowledged(self) -> int:
        transport: object = self._stream.transport_stream
        assert isinstance(transport, PatientStream)
        self._sent = transport.sent
        return super().acknowledged()

    async def _end(self) -> None:
        with trio.move_on_after(self._limits.linger):
            await end(self._stream)
