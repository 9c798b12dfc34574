"""A small clerk over any store: makes people and rooms, has commands decided and committed."""

from itertools import count
from typing import Any

from attrs import frozen

from trichat.core.commands import RoomCommand, Say
from trichat.core.events import Mark, Numbered, RoomEvent, Said
from trichat.core.lookup import needs
from trichat.core.model import Kind, Message, Origin, Room, User
from trichat.core.refusals import Refusal
from trichat.runtime.clock import new_uuid
from trichat.store.log import Commit, Committed
from trichat.store.port import Store, Write
from trichat.store.rooms import CreateRoom, OpenDirect, Opened
from trichat.store.users import CreateUser, Registered

NOW = 1_700_000_000_000
# A hash that no password has, in the form of one.
HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43

Events = tuple[RoomEvent | Mark, ...]


@frozen
class Asked:
    """A command and who gives it."""

    command: RoomCommand
    by: User


class Ledger:
    """Its clock moves a second with each thing done."""

    def __init__(self, store: Store, *, password_hash: str = "hash") -> None:
        self.store = store
        self._hash = password_hash
        self._clock = count(NOW, 1000)

    async def write(self, write: Write) -> Any:
        (outcome,) = await self.store.write([write])
        return outcome

    async def person(self, name: str, email: str | None = None) -> User:
        outcome = await self.write(
            CreateUser(new_uuid(), name, email, self._hash, None, next(self._clock))
        )
        assert isinstance(outcome, Registered), outcome
        return outcome.user

    async def people(self, *names: str) -> list[User]:
        return [await self.person(name) for name in names]

    def create(self, by: User, title: str = "a room", **fields: Any) -> CreateRoom:
        kind = fields.pop("kind", Kind.PUBLIC)
        origin = fields.pop("origin", Origin.REST)
        return CreateRoom(new_uuid(), kind, title, origin, by, next(self._clock), **fields)

    async def room(self, by: User, *invited: User, **fields: Any) -> Room:
        """Owned by its maker, if nothing else is said."""
        write = self.create(by, **({"owned": True} | fields), invited=invited)
        outcome = await self.write(write)
        assert isinstance(outcome, Opened), outcome
        return outcome.room

    async def direct(self, by: User, other: User) -> Room:
        outcome = await self.write(OpenDirect(new_uuid(), by, other, next(self._clock)))
        assert isinstance(outcome, Opened), outcome
        return outcome.room

    async def commit_of(self, room: Room, *asked: tuple[User, RoomCommand]) -> Commit:
        """What the actor would submit."""
        state = await self.store.load(room.id)
        assert state is not None
        requested = [Asked(command, by) for by, command in asked]
        lookup = await self.store.lookup(room.id, needs(requested))
        draft = state.draft(lookup, frozenset)
        events: list[RoomEvent | Mark] = []
        for by, command in asked:
            decision = draft.decide(command, by, next(self._clock))
            assert not isinstance(decision, Refusal), (command, decision)
            assert isinstance(decision, tuple)
            events.extend(decision)
        return Commit(room.id, state.seq, tuple(events), next(self._clock))

    async def do(self, room: Room, *asked: tuple[User, RoomCommand]) -> Events:
        outcome = await self.write(await self.commit_of(room, *asked))
        assert isinstance(outcome, Committed), outcome
        return outcome.events

    async def say(self, room: Room, by: User, *texts: str) -> list[Message]:
        events = await self.do(room, *((by, Say(text, visiting=True)) for text in texts))
        return [event.message for event in events if isinstance(event, Said)]


def numbered(events: Events) -> tuple[RoomEvent, ...]:
    """Without the marks."""
    return tuple(event for event in events if not isinstance(event, Mark))


def numbers(events: Any) -> list[int]:
    return [event.seq for event in events if isinstance(event, Numbered)]


async def members_of(store: Store, room_id: int) -> list[User]:
    """In order of joining."""
    return [user for user, _ in await store.members_page(room_id, (0, 0), -1)]
