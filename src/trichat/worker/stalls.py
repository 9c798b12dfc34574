"""The fault: over HTTP/2 a client that opens no window holds its response for ever.

The connection itself goes on taking bytes, so `writes.py` sees nothing; stock waits for the window
of a stream without end, and a hundred streams of one connection hold a hundred responses. The cure
resets a stream of which the peer takes nothing for a while; the others go on.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

import trio
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from hypercorn.protocol.h2 import H2Protocol, StreamBuffer
from priority.priority import MissingStreamError


class StalledError(Exception):
    """The peer took nothing of this stream for too long."""


class PatientBuffer(StreamBuffer):
    """Set as `hypercorn.protocol.h2.StreamBuffer` by install().

    patience: in seconds; it restarts with each part that the peer takes.
    """

    patience: ClassVar = 10.0

    def __init__(self, event_class: Any) -> None:
        super().__init__(event_class)
        self._waits: set[trio.CancelScope] = set()

    async def push(self, data: bytes) -> None:
        """Raises StalledError."""
        await self._patiently(partial(super().push, data))

    async def drain(self) -> None:
        """Raises StalledError."""
        await self._patiently(super().drain)

    async def pop(self, max_length: int) -> bytes:
        data = await super().pop(max_length)
        if data:
            for wait in self._waits:
                wait.deadline = self._due()
        return data

    async def _patiently(self, wait: Callable[[], Awaitable[None]]) -> None:
        with trio.CancelScope(deadline=self._due()) as scope:
            self._waits.add(scope)
            try:
                await wait()
            finally:
                self._waits.remove(scope)
        if scope.cancelled_caught:
            raise StalledError

    def _due(self) -> float:
        return trio.current_time() + self.patience


class PatientProtocol(H2Protocol):
    """Set as `hypercorn.protocol.H2Protocol` by install()."""

    async def stream_send(self, event: Any) -> None:
        try:
            await super().stream_send(event)
        except StalledError:
            await self._reset(event.stream_id)

    async def _reset(self, stream_id: int) -> None:
        """The sending task finds its buffer complete, and forgets it."""
        with suppress(ProtocolError):  # it is closed already
            self.connection.reset_stream(stream_id, ErrorCodes.CANCEL)
        await self._flush()
        if stream_id in self.stream_buffers:
            await self.stream_buffers[stream_id].close()
            with suppress(MissingStreamError):
                self.priority.unblock(stream_id)
        await self.has_data.set()
        await self._close_stream(stream_id)
