"""The shape of a dialect."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from trichat.core.answers import Answer
from trichat.core.asks import Ask
from trichat.core.events import Event
from trichat.core.model import Kind, Room, User
from trichat.dialects.disconnects import Farewell


@frozen
class Reply:
    """The frame asks for nothing that can be done: this is the answer. strike: it counts
    towards the dialect's limit of such frames in a row.
    """

    payload: bytes
    strike: bool = False


@frozen
class Hangup:
    """The frame ends the connection."""

    farewell: Farewell


Decoded = Ask | Reply | Hangup


@frozen
class Push:
    """One text message to the listeners of a room in this dialect.

    without: not to this user's sockets. only: to these users' sockets alone. anywhere: `only`
    reaches them outside the room too. passing: may be dropped for a peer that reads slowly.
    """

    payload: bytes
    without: int | None = None
    only: frozenset[int] | None = None
    anywhere: bool = False
    passing: bool = False


class Dialect(Protocol):
    """One document's codec."""

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of rooms this dialect knows (all-8)."""

    @property
    def follows(self) -> bool:
        """Whether a user's sockets follow his rooms by themselves, from connecting on."""

    @property
    def single(self) -> bool:
        """Whether a connection is in one room at a time."""

    @property
    def strikes(self) -> int | None:
        """After how many bad frames in a row the connection ends, with close code 1008."""

    @property
    def codes(self) -> Mapping[Farewell, int]:
        """The close code for each reason that can end a connection of this dialect."""

    def decode(self, data: str) -> Decoded:
        """A text message. Never raises, whatever it is."""

    def decode_binary(self, data: bytes) -> Decoded:
        """A binary message: no document has one."""

    def greet(self, user: User, at: int) -> bytes | None:
        """The first frame, after the user's rooms are entered."""

    def come_in(self, present: Sequence[User]) -> bytes | None:
        """The frame a connection gets that came into a room by connecting to it."""

    def answer(self, ask: Ask, answer: Answer, me: User, at: int) -> Sequence[bytes]:
        """The frames for who asked; none where an event's push is the answer."""

    def error(self, payload: bytes) -> str | None:
        """The word of one of this dialect's own frames if it tells of an error: one of a few,
        for counting.
        """

    def failed(self, ask: Ask | None, at: int) -> bytes:
        """The answer when the server failed over an ask, or over a frame before it was one."""

    def push(self, event: Event) -> Sequence[Push]:
        """The frames for those who are there when it happens."""

    def put_out(self, room: Room, user: User, at: int) -> bytes | Farewell | None:
        """What a connection gets that visits a private room when the user's membership ends."""

    def part(self, farewell: Farewell, reason: str, at: int) -> bytes | None:
        """The last frame before the close, where the document has one."""
