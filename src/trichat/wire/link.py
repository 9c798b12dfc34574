"""The port between a session and its connection.

A link carries WebSocket messages; it knows nothing of chat. Three kinds keep one contract
(tests/wire/contract.py): direct (a plain socket taken from the HTTP server), streamed (the same
over TLS) and Quart's (any other ASGI server, Quart's test client).

A handshake is an upgrade request that has not been answered. Accepting it gives the link; a
close code that a client must see is sent after accepting (all-2).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import trio

from trichat.core.value import value
from trichat.runtime.frames import Outgoing


class LinkLostError(Exception):
    """The connection is gone, or took no byte for the write timeout."""


@value
class Text:
    """A whole text message."""

    data: str


@value
class Binary:
    """A whole binary message; it may be empty."""

    data: bytes


@value
class Ping:
    """The peer asks for a pong with this payload; the session puts one into its outbox."""

    payload: bytes


@value
class Pong:
    """The peer is alive."""


@value
class Closed:
    """Nothing more will come: the peer's close code (1005: it gave none), 1006 without a close."""

    code: int


@value
class Broken:
    """The peer broke the WebSocket protocol, or sends more than is taken; close with this code
    (1002, 1007 or 1009, and 1008).
    """

    code: int


Received = Text | Binary | Ping | Pong | Closed | Broken

Taken = Callable[[int], None]


def unnoticed(count: int) -> None:
    """Nobody wants to know what the peer took."""


# Called between a peer's messages: for how many seconds the last ones were worked on, and how many
# these were.
Pause = Callable[[float, int], Awaitable[None]]


async def let_others_run(seconds: float, messages: int) -> None:
    """Charge nothing, and let every other task that can run have one turn."""
    await trio.lowlevel.checkpoint()


class Link(Protocol):
    """One accepted WebSocket connection. One task receives; one task writes."""

    @property
    def pings(self) -> bool:
        """Whether pings can be sent and pongs seen (under Quart the server keeps them)."""

    @property
    def window(self) -> int | None:
        """Bits of the window with which the peer inflates what they get; None: they do not."""

    @property
    def descriptor(self) -> int | None:
        """Of the socket, where frames as they are may be written to it; None: elsewhere."""

    @property
    def fragments(self) -> bool:
        """Whether a message may be written in fragments."""

    async def receive(self, pause: Pause = let_others_run) -> Received:
        """The next message, in order. After Closed or Broken there is no next one. pause: called
        before it where the peer had sent more than was read.
        """

    def write_now(self, wire: bytes | memoryview) -> int:
        """Hand bytes to the kernel without waiting: how many it took (0: none, or it cannot).

        Raises LinkLostError.
        """

    async def write(self, outgoing: Outgoing, taken: Taken = unnoticed) -> None:
        """Write all of it, waiting as long as the peer takes bytes. taken: called each time with
        how many these were.

        Raises LinkLostError when the peer is gone or took none for the write timeout.
        """

    def acknowledged(self) -> int:
        """Return how many bytes the peer's own kernel has acknowledged, counted from some moment:
        while bytes wait, a larger number than before shows that it took some. 0 where unknown.
        """

    async def close(self, code: int, reason: str = "") -> None:
        """Send the close frame and let go, within a bounded time. Never raises LinkLostError.

        A link whose peer sent its close frame first answers that with `code`. Reading goes on for
        a moment (input is discarded), since closing with unread input would cost the peer our
        last frames.
        """

    def abort(self) -> None:
        """Drop the connection at once, without a close frame."""


class Handshake(Protocol):
    """An upgrade request, not yet answered."""

    @property
    def path(self) -> str:
        """The percent-decoded path."""

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters, the first value of each."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by lower-case name."""

    @property
    def peer(self) -> str:
        """The peer's address, for logs and limits."""

    async def accept(self) -> Link:
        """Answer 101; frames that the client sent early are the link's first."""

    async def refuse(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Answer with an HTTP status instead of 101."""

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        """Run what the accepted link is for: now, or when who called this has returned."""
