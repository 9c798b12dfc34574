"""The people and rooms that the tests of the core play with."""

from collections import Counter
from collections.abc import Iterable, Set
from typing import Any

from attrs import evolve, frozen

from trichat.core.commands import RoomCommand
from trichat.core.lookup import Lookup
from trichat.core.model import (
    Kind,
    Membership,
    Message,
    Origin,
    Reaction,
    Role,
    Room,
    RoomRole,
    User,
)
from trichat.core.reactions import OnMessage
from trichat.core.roomstate import Draft, RoomState

NOW = 1_700_000_000_000


def user(number: int, name: str, role: Role = Role.MEMBER) -> User:
    uuid = f"00000000-0000-7000-8000-{number:012d}"
    return User(number, uuid, name, f"{name}@example.com", 1, 1, role=role)


ALICE, BOB, CAROL, DAVE = (
    user(number, name) for number, name in enumerate(("alice", "bob", "carol", "dave"), start=1)
)
ADMIN = user(5, "admin", Role.ADMIN)
MODERATOR = user(6, "mod", Role.MODERATOR)


def room(kind: Kind = Kind.PUBLIC, max_users: int | None = None) -> Room:
    origin = Origin.REST if max_users is None else Origin.LOBBY
    uuid = "00000000-0000-7000-8000-00000000aaaa"
    return Room(7, uuid, kind, "the room", origin, 1, 1, max_users=max_users)


def state(
    of: Room | None = None, members: Iterable[User] = (), *, owner: User | None = None
) -> RoomState:
    """A room whose log stands at 10."""
    belonging = {member.id: Membership(member.id, RoomRole.MEMBER, 1) for member in members}
    if owner is not None:
        belonging[owner.id] = Membership(owner.id, RoomRole.OWNER, 1)
    return RoomState(of or room(), belonging, 10)


def draft(of: RoomState, lookup: Lookup | None = None, present: Set[int] = frozenset()) -> Draft:
    return of.draft(lookup or Lookup(), lambda: present)


def message(
    author: User = ALICE,
    text: str = "hello",
    *,
    number: int = 1,
    mentions: tuple[User, ...] = (),
    reactions: tuple[Reaction, ...] = (),
) -> Message:
    uuid = f"00000000-0000-7000-8000-{number:012x}"
    return Message(number, uuid, room(), author, text, 5, 5, mentions=mentions, reactions=reactions)


@frozen
class Asked:
    """A command and who gives it."""

    command: RoomCommand
    by: User = ALICE


def found(*messages: Message) -> Lookup:
    """As a store reads it: the reactions are apart from their message."""
    bare = [evolve(said, reactions=()) for said in messages]
    return Lookup(
        {said.uuid: said for said in bare},
        {said.id: said for said in bare},
        reactions={
            said.uuid: OnMessage.of(
                Counter(reaction.emoji for reaction in said.reactions), said.reactions
            )
            for said in messages
        },
    )


def decided(decision: object) -> tuple[Any, ...]:
    """The events that follow."""
    assert isinstance(decision, tuple), decision
    return decision
