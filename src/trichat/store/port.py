"""What the runtime needs of a store. Every adapter passes tests/store/contract.py.

Writes are values: the storage task hands over as many as have arrived, the adapter runs them in
one transaction, each in a savepoint of its own, and gives one outcome per write, in order. A
refusal or a failure of one undoes that one alone. Reads see all that was committed before they
began. Whatever the database itself refuses is a StoreError.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from attrs import frozen

from trichat.core.events import Mark, RoomEvent
from trichat.core.model import Kind, Membership, Message, Origin, Overview, Role, Room, User
from trichat.core.refusals import Refusal
from trichat.core.roomstate import Lookup, Needs, RoomState


class StoreError(Exception):
    """The database failed; what was being written is not there, or landed() can tell."""


# -- writes, and what comes of them


@frozen
class Commit:
    """The next events of one room's log. Outcome: Committed, Stale or Failed."""

    room_id: int
    expected_seq: int
    events: tuple[RoomEvent | Mark, ...]


@frozen
class Committed:
    """The events as stored: message ids assigned, what a read mark made read filled in."""

    events: tuple[RoomEvent | Mark, ...]


@frozen
class Stale:
    """Somebody else wrote to the room first: his events, in order. Nothing was stored."""

    missing: tuple[RoomEvent, ...]


@frozen
class CreateUser:
    """A new account. Outcome: Registered or Taken."""

    uuid: str
    username: str
    email: str | None
    password_hash: str | None
    avatar: str | None
    at: int
    role: Role = Role.MEMBER


@frozen
class Registered:
    """The account. first: no other was there before."""

    user: User
    first: bool


@frozen
class CreateRoom:
    """A new room. owned: the maker becomes its owner. invited: members from the start.
    limit: how many living rooms of this origin the maker may have made, None for any number.
    Outcome: Opened, Taken (the handle) or TooManyRooms.
    """

    uuid: str
    kind: Kind
    title: str
    origin: Origin
    by: User
    at: int
    handle: str | None = None
    description: str | None = None
    max_users: int | None = None
    owned: bool = False
    invited: tuple[User, ...] = ()
    limit: int | None = None


@frozen
class OpenDirect:
    """The one direct room of two users, made if need be. Outcome: Opened."""

    uuid: str
    by: User
    other: User
    at: int


@frozen
class Opened:
    """The room, and the events of its making: none if it was there already."""

    room: Room
    events: tuple[RoomEvent, ...]


@frozen
class SetPassword:
    """Outcome: the User, or NoSuchUser."""

    user_id: int
    password_hash: str
    at: int


@frozen
class SetRole:
    """Outcome: the User, or NoSuchUser."""

    user_id: int
    role: Role
    at: int


@frozen
class AddApiKey:
    """Outcome: the key's number (int). digest: SHA-256 of the key, in hex."""

    user_id: int
    digest: str
    label: str
    at: int


@frozen
class RevokeApiKey:
    """Outcome: whether there was such a living key (bool)."""

    key_id: int
    at: int


Write = (
    Commit | CreateUser | CreateRoom | OpenDirect | SetPassword | SetRole | AddApiKey | RevokeApiKey
)
Outcome = Committed | Stale | Registered | Opened | User | int | bool | Refusal


# -- what reads answer


@frozen
class Admission:
    """A room together with one user's membership of it."""

    room: Room
    membership: Membership


@frozen
class ApiKey:
    """A key as it is listed: never the key."""

    id: int
    user_id: int
    label: str
    created_at: int
    revoked_at: int | None


class Store(Protocol):
    """The port. All methods may raise StoreError."""

    async def write(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Commit them in one transaction. A raise leaves the outcome unknown: ask landed()."""

    async def landed(self, write: Write) -> Outcome | None:
        """What became of a write whose outcome is unknown; None when it is not there."""

    # users
    async def user(self, user_id: int) -> User | None: ...
    async def user_by_uuid(self, uuid: str) -> User | None: ...
    async def user_by_name(self, username: str) -> User | None: ...
    async def users(self, uuids: Iterable[str]) -> dict[str, User]: ...
    async def credentials(self, username: str) -> tuple[User, str | None] | None: ...
    async def user_of_key(self, digest: str) -> tuple[User, int] | None: ...
    async def api_keys(self, user_id: int) -> list[ApiKey]: ...
    async def active_users(self) -> list[User]: ...
    async def search_names(self, part: str, *, limit: int, without: int) -> list[User]: ...

    # rooms
    async def room(self, room_id: int) -> Room | None: ...
    async def room_by_uuid(self, uuid: str) -> Room | None: ...
    async def room_by_handle(self, handle: str) -> Room | None: ...
    async def open_rooms(self, *, kind: Kind | None, user_id: int) -> list[Room]:
        """Public rooms and those the user is admitted to, no direct ones, oldest first."""

    async def membership(self, room_id: int, user_id: int) -> Membership | None: ...
    async def admissions(self, user_id: int) -> list[Admission]:
        """The user's rooms of every kind, in order of joining."""

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        """Of these rooms, those the user is a member of."""

    async def members(self, room_id: int) -> list[User]:
        """In order of joining."""

    async def share_a_room(self, user_id: int, other_id: int) -> bool: ...

    async def load(self, room_id: int) -> RoomState | None: ...
    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        """The events with greater numbers, in order."""

    # messages
    async def lookup(self, room_id: int, needs: Needs) -> Lookup: ...
    async def message(self, uuid: str) -> Message | None: ...
    async def message_by_id(self, message_id: int) -> Message | None: ...
    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        """The newest messages, oldest first, and the room's last number at that moment."""

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        """The message on which the user has this reaction."""

    async def reactions_near(self, user_id: int, at: int, span: int) -> list[tuple[str, str, int]]:
        """Within `span` ms of `at`, nearest first: (message, reaction, time)."""

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        """Newest first: messages that name the user, in rooms he is a member of, no direct ones."""

    async def overviews(self, user_id: int, *, members: int) -> list[Overview]:
        """The user's rooms, newest activity first."""

    async def aclose(self) -> None: ...
