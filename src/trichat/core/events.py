"""Events are what happened.

Numbered events are durable: each takes the room's next number, and its time, in its commit
(all-15); as a rule decides on it, it has neither. Marks are stored without a number, the latest
wins. Ephemeral events are neither stored nor replayed.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Self

from attrs import evolve, field

from trichat.core.ids import nonce, uuid_at
from trichat.core.model import Message, Reaction, Reason, Room, RoomRole, User
from trichat.core.value import value


@value
class Numbered:
    """A durable event of a room's log.

    seq: its number, gapless from 1. at: milliseconds. Both are 0 until it is stored.
    """

    room: Room
    seq: int = field(default=0, kw_only=True)
    at: int = field(default=0, kw_only=True)

    def placed(self, seq: int, at: int) -> Self:
        """Return the event as it stands in the log, with all times that it sets."""
        return evolve(self, seq=seq, at=at)


@value
class Said(Numbered):
    """A message was said.

    notified: members among those whom it mentions, without its author (channels-13); the commit
    finds whom it mentions. key: what it was sent with and a digest of what was said under it, which
    the commit stores and leaves out.
    """

    message: Message
    notified: tuple[User, ...] = ()
    key: tuple[str, bytes] | None = None

    def placed(
        self,
        seq: int,
        at: int,
        id_: int = 0,
        mentions: tuple[User, ...] = (),
        notified: tuple[User, ...] = (),
    ) -> "Said":
        """Return it as it stands in the log, with what its commit found out."""
        message = self.message.stored(id_, at, mentions)
        return Said(self.room, message, notified, seq=seq, at=at)


@value
class Edited(Numbered):
    """A message has a new text.

    The commit finds whom it mentions, and its reactions. notified: members among these whom the
    text before did not name.
    """

    message: Message
    notified: tuple[User, ...] = ()

    def placed(self, seq: int, at: int) -> "Edited":
        return evolve(self, seq=seq, at=at, message=evolve(self.message, updated_at=at))


@value
class Deleted(Numbered):
    """A message was deleted. reason: an administrator's."""

    message: Message
    by: User
    reason: Reason | None = None


@value
class Reacted(Numbered):
    """A reaction was added. The message is without its reactions, which may be many."""

    message: Message
    reaction: Reaction

    def placed(self, seq: int, at: int) -> "Reacted":
        return evolve(self, seq=seq, at=at, reaction=evolve(self.reaction, created_at=at))


@value
class Unreacted(Numbered):
    """A reaction was removed. The message is without its reactions, which may be many."""

    message: Message
    reaction: Reaction

    def placed(self, seq: int, at: int) -> "Unreacted":
        """Return it as it stands in the log; what the same batch added has no time of its own."""
        reaction = evolve(self.reaction, created_at=self.reaction.created_at or at)
        return evolve(self, seq=seq, at=at, reaction=reaction)


@value
class Admitted(Numbered):
    """A user became a member. by: who did it, perhaps they themselves."""

    user: User
    by: User
    role: RoomRole = RoomRole.MEMBER


@value
class Left(Numbered):
    """A membership ended. by: who ended it."""

    user: User
    by: User


@value
class RoomChanged(Numbered):
    """The room is another from now on, as `room` has it.

    changes: what is new, by the name of the field of a room; one that is archived has lost its
    handle as well. by: who did it; None for the server itself, which archives what nobody is in.
    """

    by: User | None
    changes: Mapping[str, str | int | None]

    def placed(self, seq: int, at: int) -> "RoomChanged":
        """Return it as it stands in the log; `updated_at` rises, whatever it was before."""
        if self.room.archived_at is None:
            room = evolve(self.room, updated_at=max(at, self.room.updated_at + 1))
            return evolve(self, seq=seq, at=at, room=room)
        changes = {**self.changes, "archived_at": at}
        return evolve(self, seq=seq, at=at, room=self.room.archived(at), changes=changes)


@value
class Unknown(Numbered):
    """An event of a kind that this version does not know, as a newer one wrote it.

    It takes its number, and everybody passes it over.
    """


@value
class ReadUpTo:
    """The user has read all up to a message: a mark.

    newly: (message id, author id) of what nobody but its author had seen before, the newest 100,
    oldest first; filled in by the commit. up_to: the message's id; None for the last one.
    """

    room: Room
    user: User
    at: int
    newly: tuple[tuple[int, int], ...] = ()
    up_to: int | None = None


@value
class DeliveredTo:
    """The user's client has the message: a mark.

    newly: whether nobody's but its author's had it before; filled in by the commit.
    """

    room: Room
    user: User
    at: int
    message: Message
    newly: bool = True


@value
class _Passage:
    """A user came in or went out.

    asked: by a client's own request, not by connecting or by the connection's end. dialect: the one
    it came by. name: its UUID, which is made when it is asked for, as few dialects do.
    """

    room: Room
    user: User
    at: int
    dialect: str
    asked: bool
    name: str | None = None

    @cached_property
    def uuid(self) -> str:
        return self.name or uuid_at(self.at, nonce())


@value
class Entered(_Passage):
    """A user became present in a room."""


@value
class Exited(_Passage):
    """A user is no longer present in a room."""


@value
class Typed:
    """A user began or stopped typing in a room."""

    room: Room
    user: User
    at: int
    on: bool


@value
class TypedTo:
    """A user began or stopped typing to another (conversations-6)."""

    user: User
    receiver_id: int
    on: bool


@value
class StatusChanged:
    """A user came online or went offline (channels-12)."""

    user: User
    at: int
    online: bool


@value
class RoomOpened:
    """A room came into being."""

    room: Room
    by: User
    at: int


RoomEvent = Said | Edited | Deleted | Reacted | Unreacted | Admitted | Left | RoomChanged | Unknown
Mark = ReadUpTo | DeliveredTo
Ephemeral = Entered | Exited | Typed | TypedTo | StatusChanged | RoomOpened
Event = RoomEvent | Mark | Ephemeral
