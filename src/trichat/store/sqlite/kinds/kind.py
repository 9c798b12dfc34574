"""What the store knows of a kind of numbered events, in one place for all that goes by it."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import apsw
from attrs import frozen

from trichat.core.events import Numbered
from trichat.core.model import Message, Room, User
from trichat.core.value import value

E = TypeVar("E", bound=Numbered)

# What a row of the log says beside its place, kind and time: the ids of a user, of who did it and
# of a message, and the rest as JSON.
Cells = tuple[int | None, int | None, int | None, str | None]


@value(eq=False)
class Logged:
    """A row of the log, with what it refers to as that is now."""

    room: Room
    seq: int
    at: int
    user_id: int | None
    by_id: int | None
    message_id: int | None
    data: Mapping[str, Any]
    users: Mapping[Any, User]
    messages: Mapping[int | None, Message]

    @property
    def user(self) -> User:
        return self.users[self.user_id]

    @property
    def by(self) -> User:
        return self.users[self.by_id]

    @property
    def message(self) -> Message:
        return self.messages[self.message_id]


@frozen
class EventKind(Generic[E]):
    """One kind of numbered events.

    name: what stands on disk, for ever. It is a text of its own, so that a class may be renamed.
    event: the class. cells: an event as the cells of its row. read: a row as the event. project:
    writes into the tables what the event amounts to at its number and time, and gives it as it was
    stored.

    has_message, has_by: whether a row refers to a message, and to who did it; None where it may or
    may not. has_user: the same for the user it is about, as nearly all are. data: the form of its
    JSON; optional: whether a row may have none. with_reactions: whether the event shows the
    reactions of its message.
    """

    name: str
    event: type[E]
    cells: Callable[[E], Cells]
    read: Callable[[Logged], E]
    project: Callable[[apsw.Connection, E, int, int], E]
    has_message: bool
    has_by: bool | None
    data: type | None = None
    optional: bool = False
    has_user: bool = True
    with_reactions: bool = False
