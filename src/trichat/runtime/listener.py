"""What the runtime knows of a connection: something that takes frames and follows rooms."""

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import define

from trichat.core.model import Room, User
from trichat.dialects.port import Dialect, Farewell
from trichat.runtime.frames import Outgoing, join


@define(eq=False)
class Part:
    """One message of a batch. seq: the number of the event it tells of, None for passing ones."""

    seq: int | None
    frame: Outgoing
    passing: bool = False


class Batch:
    """What one put hands over: the same bytes for every listener of a dialect, joined once.

    joined: all parts as one piece. passing: whether all of it may be dropped for a slow reader.
    """

    __slots__ = ("_deflated", "joined", "parts", "passing")

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.joined: Outgoing = join([part.frame for part in parts])
        self.passing = all(part.passing for part in parts)

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
        return Batch([Part(part.seq, change(part.frame), part.passing) for part in self.parts])


class Listener(Protocol):
    """A connection, as rooms see it. Every method is synchronous and never raises."""

    @property
    def user(self) -> User: ...

    @property
    def dialect(self) -> Dialect: ...

    @property
    def key_id(self) -> int | None:
        """The API key it came with."""

    @property
    def waiting(self) -> int:
        """Bytes that its peer has not taken yet."""

    def put(self, batch: Batch) -> None:
        """Into its outbox."""

    def changed(self, user: User) -> None:
        """Its user is this from now on, unless what it has of him is newer."""

    def admitted(self, room: Room) -> None:
        """Its user became a member."""

    def expelled(self, room: Room) -> None:
        """Its user's membership ended."""

    def end(self, farewell: Farewell, reason: str = "") -> None:
        """Close it. reason: words for the peer, where his document has a place for them."""

    def drain(self) -> None:
        """Take no more, answer what is in flight, close with 1001."""
