"""Dialects have this shape: whoever adds one inherits Dialect, and writes what mypy asks for."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from trichat.core.answers import Answer
from trichat.core.events import Event
from trichat.core.model import Kind, Room, User
from trichat.core.refusals import Refusal
from trichat.core.requests import Request
from trichat.core.value import value
from trichat.dialects.disconnects import DisconnectReason


@frozen
class Reply:
    """The frame answers whoever asked for what is not done. word: the document's own for the error,
    by which it is counted, one of a few; None where the frame has none. strike: it counts
    towards the dialect's limit of such frames in a row.
    """

    payload: bytes
    word: str | None = None
    strike: bool = False


@frozen
class Close:
    """The frame ends the connection."""

    cause: DisconnectReason


Decoded = Request | Reply | Close


@value
class Push:
    """One text message to the listeners of a room in this dialect.

    without: not to this user's sockets. only: to these users' sockets alone. anywhere: `only`
    reaches them outside the room too. ephemeral: may be dropped for a peer that reads slowly.
    """

    payload: bytes
    without: int | None = None
    only: frozenset[int] | None = None
    anywhere: bool = False
    ephemeral: bool = False


class Dialect(Protocol):
    """A dialect is one document's codec.

    kinds: the kinds of rooms it knows (all-8). single: whether a connection is in one room at a
    time. has_quota: whether what is sent counts against the quota that the document has (lobby-13).
    strikes: after how many bad frames in a row a connection ends, with close code 1008.
    codes: the close code for each reason that can end a connection.
    """

    name: str
    kinds: frozenset[Kind]
    single: bool = False
    has_quota: bool = False
    strikes: int | None = None
    codes: Mapping[DisconnectReason, int]

    def decode(self, data: str) -> Decoded:
        """Read a text message. Never raises, whatever it is."""

    def decode_binary(self, data: bytes) -> Decoded:
        """Read a binary message, which no document has."""

    def greet(self, user: User, at: int) -> bytes | None:
        """Write the first frame, after the user's rooms are entered, where the document has one."""
        return None

    def come_in(self, present: Sequence[User]) -> bytes | None:
        """Write the frame for a connection that came into a room by connecting to it, where the
        document has such connections.
        """
        return None

    def answer(self, request: Request, answer: Answer, me: User, at: int) -> Sequence[bytes]:
        """Write the frames for whoever asked; none where an event's push is the answer."""

    def refuse(self, request: Request | None, refusal: Refusal, at: int) -> Reply | None:
        """Write the frame for whoever asked for what is refused; None where the document has none.
        With Failed it is the answer when the server failed over a request; over a frame that was
        not decoded yet, `request` is None.
        """

    def push(self, event: Event) -> Sequence[Push]:
        """Write the frames for those who are there when it happens. Whether there are any for an
        Entered or Exited depends on nothing but its `dialect` and `asked`.
        """

    def put_out(self, room: Room, user: User, at: int) -> bytes | DisconnectReason | None:
        """Say what becomes of a connection that visits a private room when the user's membership
        ends, where the document says something of it: a frame, or the connection's end.
        """
        return None

    def part(self, cause: DisconnectReason, reason: str, at: int) -> bytes | None:
        """Write the last frame before the close, where the document has one."""
        return None
