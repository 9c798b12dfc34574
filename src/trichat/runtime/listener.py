"""What the runtime knows of a connection: something that takes frames and follows rooms."""

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import define

from trichat.core.cursor import position
from trichat.core.events import Numbered
from trichat.core.model import Room, User
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Dialect
from trichat.runtime.frames import Outgoing, join, text
from trichat.runtime.identity import Identity


@define(eq=False)
class Part:
    """One message of a batch. seq: the number of its event, None for ephemeral ones.
    event: itself. sent: how many of its messages are sent with this one, if more are to come.
    """

    seq: int | None
    frame: Outgoing
    ephemeral: bool = False
    event: Numbered | None = None
    sent: int = 0

    def with_frame(self, frame: Outgoing) -> "Part":
        """The same, said otherwise."""
        return Part(self.seq, frame, self.ephemeral, self.event, self.sent)


class Batch:
    """What one put hands over: the same bytes for every listener of a dialect, joined once.

    joined: all parts as one piece. ephemeral: whether all of it may be dropped for a slow reader.
    """

    __slots__ = ("_deflated", "_placed", "_unnumbered", "ephemeral", "joined", "parts")

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.joined: Outgoing = join([part.frame for part in parts])
        self.ephemeral = False not in [part.ephemeral for part in parts]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "Batch | None":
        """None of no parts."""
        return cls(parts) if parts else None

    @property
    def unnumbered(self) -> "Batch | None":
        """The same without any event of a log; None if nothing else is in it."""
        try:
            return self._unnumbered
        except AttributeError:  # nobody has asked yet
            parts = [part for part in self.parts if part.seq is None]
            if len(parts) == len(self.parts):
                return self  # and not kept: it would keep itself alive
            self._unnumbered: Batch | None = Batch.of(parts)
            return self._unnumbered

    def behind(self, seq: int) -> "Batch | None":
        """The same without the events up to that number; None if nothing else is in it."""
        parts = [part for part in self.parts if part.seq is None or part.seq > seq]
        return self if len(parts) == len(self.parts) else Batch.of(parts)

    @property
    def deflated(self) -> "Batch":
        """The same for who agreed to permessage-deflate."""
        try:
            return self._deflated
        except AttributeError:  # nobody has asked yet
            self._deflated: Batch = self.each(lambda frame: frame.deflated)
            return self._deflated

    def each(self, change: Callable[[Outgoing], Outgoing]) -> "Batch":
        """The same with other frames."""
        return Batch([part.with_frame(change(part.frame)) for part in self.parts])

    @property
    def placed(self) -> "Batch":
        """The same for who resumes: each frame of an event says where it stands."""
        try:
            return self._placed
        except AttributeError:  # nobody has asked yet
            self._placed: Batch = Batch([_placed(part) for part in self.parts])
            return self._placed


def _placed(part: Part) -> Part:
    if part.event is None:
        return part
    (payload,) = part.frame.payloads
    return part.with_frame(text(placed(payload, part.event, part.sent)))


def placed(payload: bytes, event: Numbered, sent: int) -> bytes:
    """A frame of an event with its cursor: a JSON object of ours, and no empty one."""
    cursor = position(event.room.id, event.seq, event.at, sent)
    return b'%b,"cursor":"%b"}' % (payload[:-1], str(cursor).encode())


class Slot:
    """A connection's direct write, which a fan-out to thousands takes.

    descriptor: the socket into which a batch may be written at once as it is, since nothing waits
    before it on this connection, of whatever room; None where it has to be put.
    """

    __slots__ = ("descriptor",)

    def __init__(self) -> None:
        self.descriptor: int | None = None


class Listener(Protocol):
    """A connection, as rooms see it. Every method is synchronous and never raises."""

    @property
    def slot(self) -> Slot:
        """Its own, and always the same one."""

    @property
    def user(self) -> User: ...

    @property
    def dialect(self) -> Dialect: ...

    @property
    def identity(self) -> Identity:
        """By which credential it came, as whom at that time."""

    @property
    def waiting(self) -> int:
        """Bytes that its peer has not taken yet."""

    def put(self, batch: Batch) -> None:
        """Into its outbox: frames of a room that it hears."""

    def put_rest(self, batch: Batch, taken: int) -> None:
        """The same, of which so many bytes were written directly."""

    def hold(self, size: int, *, ephemeral: bool) -> bool:
        """Count so many bytes as waiting; False where they have to be dropped instead."""

    def let_go(self, size: int) -> None:
        """Count them as waiting no more."""

    def notify(self, batch: Batch) -> None:
        """Frames of no room that it hears."""

    def changed(self, user: User) -> None:
        """Its user is this from now on, unless what it has of them is newer."""

    def admitted(self, room: Room) -> None:
        """Its user became a member."""

    def expelled(self, room: Room) -> None:
        """Its user's membership ended: it leaves the room, if it is in it."""

    def put_out(self, room: Room) -> None:
        """It has left the room since its user's membership ended, and has heard what was before."""

    def retimed(self) -> None:
        """The wall clock has jumped: its credential ends at another moment of Trio's."""

    def end(self, cause: DisconnectReason, reason: str = "") -> None:
        """Close it. reason: words for the peer, where their document has a place for them."""

    def drain(self) -> None:
        """Take no more, answer what is in flight, close with 1001."""
