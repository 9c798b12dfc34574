"""A batch of commands refers to more than the room's state, which is read beforehand."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import frozen

from trichat.core import commands as c
from trichat.core.model import Message, User
from trichat.core.reactions import OnMessage


@frozen
class EarlierSend:
    """A message that was sent with a key.

    digest: of what was said then; it may have been edited or deleted since.
    """

    id: int
    uuid: str
    seq: int
    at: int
    digest: bytes


@frozen
class Lookup:
    """What a batch refers to beyond the state, read from the store beforehand.

    messages: by UUID, with their mentions and without their reactions. by_id: messages by integer
    id, for delivery marks. sends: by user id and key. mentions: by the text of what may be such a
    send. reactions: by the message's UUID, of those that are reacted to.
    """

    messages: Mapping[str, Message] = {}
    by_id: Mapping[int, Message] = {}
    sends: Mapping[tuple[int, str], EarlierSend] = {}
    mentions: Mapping[str, tuple[User, ...]] = {}
    reactions: Mapping[str, OnMessage] = {}


@frozen
class Keyed:
    """A send with a key."""

    user_id: int
    key: str
    text: str


@frozen
class Needs:
    """Of what a batch wants a Lookup; empty for the plain case, which then reads nothing.

    reactions: (UUID of a message, id of the user who reacts to it).
    """

    messages: frozenset[str] = frozenset()
    ids: frozenset[int] = frozenset()
    sends: frozenset[Keyed] = frozenset()
    reactions: frozenset[tuple[str, int]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.messages or self.ids or self.sends)


_NOTHING = Needs()


class Requested(Protocol):
    """A command and who gave it."""

    @property
    def command(self) -> c.RoomCommand: ...
    @property
    def by(self) -> User: ...


def needs(batch: Iterable[Requested]) -> Needs:
    """Return what must be looked up before these commands can be decided."""
    for each in batch:
        if type(each.command) is not c.Say or each.command.key is not None:
            break
    else:
        return _NOTHING
    messages: set[str] = set()
    ids: set[int] = set()
    sends: set[Keyed] = set()
    reactions: set[tuple[str, int]] = set()
    for each in batch:
        match each.command:
            case c.Say(text=text, key=key):
                if key is not None:
                    sends.add(Keyed(each.by.id, key, text))
            case c.Edit(message=message) | c.Delete(message=message):
                messages.add(message)
            case c.React(message=message) | c.Unreact(message=message):
                messages.add(message)
                reactions.add((message, each.by.id))
            case c.MarkDelivered(message_id=message_id):
                ids.add(message_id)
    return Needs(frozenset(messages), frozenset(ids), frozenset(sends), frozenset(reactions))
