"""The fault: what a client sends behind its upgrade request reaches the parser too early.

Stock Hypercorn hands it to the WebSocket stream before the handshake is answered: that raises and
ends the process (pgjones/hypercorn#225). And once it sits in wsproto, nobody else can have it.

The cure is a gate. The reading task parses the upgrade's head and parks; no read is pending, and
what came behind the head waits here. A handler may hijack the connection, accept, and detach it
with those bytes. An accepted connection that nobody hijacked passes the gate and goes on as ever.
"""

from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import cast

import h11
import trio
from hypercorn.protocol.events import Data
from hypercorn.protocol.h11 import H11Protocol, H11WSConnection
from hypercorn.protocol.ws_stream import WSStream

from trichat.wire.handshake import TLSStream


class Passage(Enum):
    """What became of an upgrade request."""

    HELD = auto()
    ACCEPTED = auto()
    TAKEN = auto()
    REFUSED = auto()


class HeldConnection(H11WSConnection):
    """Hypercorn's pass-through behind an upgrade request, closed until somebody answers it."""

    def __init__(self, h11_connection: h11.Connection) -> None:
        super().__init__(h11_connection)
        self.passage = Passage.HELD
        self.answered = trio.Event()

    def next_event(self) -> Data | type[h11.NEED_DATA]:
        return super().next_event() if self.passage is Passage.ACCEPTED else h11.NEED_DATA

    def open(self, passage: Passage) -> None:
        """Let the reading task go on; the first answer counts."""
        if self.passage is Passage.HELD:
            self.passage = passage
            self.answered.set()


class Upgrade:
    """One upgrade request, as the handler sees it: wire.handshake.Connection."""

    def __init__(
        self,
        stream: trio.SocketStream | TLSStream,
        protocol: H11Protocol,
        held: HeldConnection,
    ) -> None:
        self.hijacked = False
        self.session: Callable[[], Awaitable[None]] | None = None
        self.held = held
        self.websocket = cast(WSStream, protocol.stream)
        self._stream = stream
        self._protocol = protocol

    def hijack(self) -> None:
        # Hypercorn accepts permessage-deflate whenever it is offered; who takes the connection
        # would have to inflate.
        self.websocket.handshake.extensions = None
        self.hijacked = True

    def detach(self) -> tuple[trio.SocketStream | TLSStream, bytes]:
        if not self.hijacked or self.held.passage is not Passage.HELD:
            raise RuntimeError("a connection is detached once, after hijack() and the accept")
        self.held.open(Passage.TAKEN)
        # Hypercorn shall write no close frame for us, and its parsers can go (6 KiB each).
        self.websocket.closed = True
        self._protocol.stream = None
        vars(self.websocket).pop("connection", None)
        del self.held.h11_connection
        early = bytes(self.held.buffer)
        self.held.buffer.clear()
        return self._stream, early

    def run(self, session: Callable[[], Awaitable[None]]) -> None:
        self.session = session
