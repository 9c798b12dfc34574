"""The fault: a client that stops reading holds its connection, and the shutdown, for ever.

Stock shields each write, so that a cancelled handler leaves no half-written response on a
connection that goes on, and the shield has no end. The cure keeps the shield and ends the write
when the peer takes no byte for a while, or the connection itself is cancelled.
"""

import trio

from trichat.wire.direct import send_all
from trichat.wire.handshake import TLSStream
from trichat.wire.link import LinkLostError
from trichat.wire.streamed import patient


class Writer:
    """Writes what Hypercorn sends; `patience` is in seconds and restarts with each byte taken."""

    def __init__(self, stream: trio.SocketStream | TLSStream, patience: float) -> None:
        self._stream = patient(stream, patience) if isinstance(stream, trio.SSLStream) else stream
        self._patience = patience
        self._lock = trio.Lock()
        self._scope = trio.CancelScope()

    async def write(self, data: bytes, *, shield: bool) -> None:
        """Write all of it. Raises LinkLostError when the peer is gone or takes nothing."""
        try:
            self._lock.acquire_nowait()  # it nearly always can, and what follows has a checkpoint
        except trio.WouldBlock:
            await self._lock.acquire()
        try:
            with trio.CancelScope(shield=shield) as self._scope:
                await self._write(data)
            if self._scope.cancelled_caught:
                raise LinkLostError("the connection was cancelled")
        finally:
            self._lock.release()

    async def _write(self, data: bytes) -> None:
        if isinstance(self._stream, trio.SocketStream):
            await send_all(self._stream.socket, data, self._patience)
            return
        try:
            await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise LinkLostError(str(error)) from error

    def cut(self) -> None:
        """End the write that is under way, shielded or not."""
        self._scope.cancel()
