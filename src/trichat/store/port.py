"""What the runtime needs of a store. Every adapter passes tests/store/contract.py.

Writes are values: the storage task hands over as many as have arrived, the adapter runs them in
one transaction, each in a savepoint of its own, and gives one outcome per write, in order. A
refusal or a failure of one undoes that one alone. Reads see all that was committed before they
began. Whatever the database itself refuses is a StoreError.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from trichat.core.events import RoomEvent
from trichat.core.lookup import Lookup, Needs
from trichat.core.model import (
    Act,
    Action,
    Grant,
    Kind,
    Membership,
    Message,
    Overview,
    Reaction,
    Room,
    Status,
    Target,
    User,
)
from trichat.core.roomstate import RoomState
from trichat.store.apikeys import AddApiKey, ApiKey, KeyHolder, NoteKeysUsed, RevokeApiKey
from trichat.store.condition import Condition, Fault, StoreError
from trichat.store.logins import (
    AddTicket,
    EndEverything,
    EndLogin,
    EndLogins,
    ForgetLogins,
    LoggedIn,
    NewLogin,
    OpenLogin,
    Renewed,
    RenewLogin,
    Signing,
    TakeTicket,
    Ticket,
    UseSigningKey,
)
from trichat.store.writes import (
    AdmitOutsider,
    Allowance,
    ArchiveRoom,
    AssignRole,
    Commit,
    Committed,
    CreateRoom,
    CreateUser,
    EndSentence,
    ForgetRoom,
    Judge,
    NoteVisited,
    OpenDirect,
    Opened,
    Outcome,
    Probe,
    Registered,
    RemoveRole,
    SetPassword,
    SetRole,
    Stale,
    UpdateUser,
    Write,
)

__all__ = [
    "Account",
    "AddApiKey",
    "AddTicket",
    "Admission",
    "AdmitOutsider",
    "Allowance",
    "ApiKey",
    "ArchiveRoom",
    "AssignRole",
    "Bearer",
    "Channel",
    "Commit",
    "Committed",
    "Condition",
    "CreateRoom",
    "CreateUser",
    "EndEverything",
    "EndLogin",
    "EndLogins",
    "EndSentence",
    "Fault",
    "ForgetLogins",
    "ForgetRoom",
    "Judge",
    "KeyHolder",
    "LoggedIn",
    "NewLogin",
    "NoteKeysUsed",
    "NoteVisited",
    "OpenDirect",
    "OpenLogin",
    "Opened",
    "Outcome",
    "Pages",
    "Probe",
    "Registered",
    "RemoveRole",
    "RenewLogin",
    "Renewed",
    "RevokeApiKey",
    "SetPassword",
    "SetRole",
    "Signing",
    "Stale",
    "Store",
    "StoreError",
    "TakeTicket",
    "Tally",
    "Ticket",
    "UpdateUser",
    "UseSigningKey",
    "Write",
]


# -- what reads answer


@frozen
class Admission:
    """A room together with one user's membership of it."""

    room: Room
    membership: Membership


@frozen
class Channel:
    """A room as administrators list it. archived_at: None while it lives."""

    room: Room
    archived_at: int | None
    members: int


@frozen
class Account:
    """A user as administrators list him. Direct rooms do not count."""

    user: User
    messages: int
    channels: int


@frozen
class Tally:
    """What there is. users: by status. Direct rooms and what is said there do not count."""

    users: Mapping[Status, int]
    channels: int
    messages: int
    messages_since: int


@frozen
class Bearer:
    """A user, and what may stand in the way of a token of his. since: when a token that names no
    login must have been issued, at the earliest, in milliseconds. there: whether the login that
    was asked for is known; ended: whether it has ended.
    """

    user: User
    since: int
    there: bool
    ended: bool


@frozen
class Pages:
    """A stretch of a room's history, in pages. bounds: message ids; page i holds what is from
    bounds[i] up to, and not with, bounds[i + 1]. head: the room's last number at that moment.
    """

    bounds: tuple[int, ...]
    head: int


class Store(Protocol):
    """The port. All methods may raise StoreError. condition: what of reads it is told by itself,
    what of writes by who writes.
    """

    condition: Condition

    async def write(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Commit them in one transaction. A raise leaves the outcome unknown: ask landed()."""

    async def landed(self, write: Write) -> Outcome | None:
        """What became of a write whose outcome is unknown; None when it is not there."""

    async def changed_elsewhere(self) -> bool:
        """Whether another process has written since this was last asked."""

    # users
    async def user(self, user_id: int) -> User | None: ...
    async def user_by_uuid(self, uuid: str) -> User | None: ...
    async def user_by_name(self, username: str) -> User | None: ...
    async def users(self, uuids: Iterable[str]) -> dict[str, User]: ...
    async def credentials(self, username: str) -> tuple[User, str | None] | None:
        """The user of this name with their password's hash: of the exact one, else of the only
        one that is alike (all-20).
        """

    async def key_holder(self, digest: str) -> KeyHolder | None:
        """Whose key this is, unless it was revoked."""

    async def user_of_living_key(self, key_id: int) -> User | None: ...
    async def bearer(self, uuid: str, login: str) -> Bearer | None:
        """The user with this UUID; login: by name."""

    async def ended_logins(self, names: Iterable[str]) -> set[str]:
        """Of these, those that have ended."""

    async def tokens_since(self, user_ids: Iterable[int]) -> dict[int, int]:
        """Since when tokens that name no login count, for whom that was ever set."""

    async def signing(self) -> Signing:
        """Which key logins were opened under, and when everybody was logged out last."""

    async def count_logins(self, now: int) -> int:
        """How many have tokens that may be good at that time."""

    async def outsider(self, issuer: str, subject: str) -> User | None:
        """Whom an identity provider calls so."""

    async def api_keys(self, user_id: int) -> list[ApiKey]: ...
    async def living_keys(self, ids: Iterable[int]) -> set[int]: ...
    async def active_users(
        self, *, now: int, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        """Who may come in at that moment, by name without case: those behind the place of a name
        and an id, at most `limit` of them.
        """

    async def all_users(
        self, *, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        """By name: those behind the place of a name and an id, at most `limit` of them."""

    async def search_names(self, part: str, *, limit: int, without: int) -> list[User]: ...
    async def search_users(self, part: str, *, limit: int) -> list[User]:
        """Whose name or e-mail address contains the part, case ignored, by name."""

    # administration
    async def accounts(
        self, *, now: int, limit: int, offset: int, status: Status | None = None, part: str = ""
    ) -> list[Account]:
        """Newest first. status: as it is at that moment. part: of a name or an address."""

    async def grants(self, user_id: int) -> list[Grant]:
        """Oldest first."""

    async def acts(
        self,
        *,
        limit: int,
        offset: int = 0,
        action: Action | None = None,
        target: Target | None = None,
        by: str | None = None,
    ) -> list[Act]:
        """The audit log, newest first. by: an administrator's UUID."""

    async def tally(self, *, now: int, since: int) -> Tally: ...

    # rooms
    async def room(self, room_id: int) -> Room | None: ...
    async def room_by_uuid(self, uuid: str) -> Room | None: ...
    async def room_by_handle(self, handle: str) -> Room | None: ...
    async def count_rooms(self) -> dict[Kind, int]:
        """How many there are of each kind, archived ones not counted."""

    async def open_rooms(
        self, *, kind: Kind | None, user_id: int, after: int = 0, limit: int | None = None
    ) -> list[Room]:
        """Public rooms and those the user is admitted to, no direct ones, oldest first: those
        with a greater id than `after`, at most `limit` of them.
        """

    async def open_rooms_before(self, *, kind: Kind | None, user_id: int, newest: int) -> int:
        """The id after which so many of these rooms come."""

    async def membership(self, room_id: int, user_id: int) -> Membership | None: ...
    async def rooms_of(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        """The ids of the living rooms, but direct ones, that each of them is a member of."""

    async def admissions(
        self,
        user_id: int,
        *,
        direct: bool = True,
        after: tuple[int, int] = (0, 0),
        limit: int | None = None,
    ) -> list[Admission]:
        """The user's rooms in order of joining: those behind (time of joining, id of the room), at
        most `limit` of them. direct: whether direct ones are among them.
        """

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        """Of these rooms, those the user is a member of."""

    async def members(self, room_id: int) -> list[User]:
        """In order of joining."""

    async def members_page(
        self, room_id: int, after: tuple[int, int], limit: int
    ) -> list[tuple[User, int]]:
        """The same with the times of joining: those behind (time of joining, id of the user)."""

    async def shown_members(
        self, room_ids: Iterable[int], *, limit: int, among: int
    ) -> dict[int, tuple[list[User], int]]:
        """By room: the first so many members, that user among them if they are one, and how many
        there are.
        """

    async def members_among(self, room_id: int, user_ids: Iterable[int]) -> set[int]:
        """Those of them who are members of the room."""

    async def deserted(self, before: int) -> list[Room]:
        """Public rooms of the lobby visited before and not since, with no member but the owner."""

    async def was_borne(self, name: str) -> bool:
        """Whether a room that has ended bore this name."""

    async def silent(self) -> list[Room]:
        """Rooms made by connecting without a member, in which nothing was ever said."""

    async def is_silent(self, room_id: int) -> bool:
        """Whether this is one of them."""

    async def channels(
        self, *, limit: int, offset: int, archived: bool | None = None, part: str = ""
    ) -> list[Channel]:
        """Newest first, no direct ones. archived: None for both. part: of the name."""

    async def share_a_room(self, user_id: int, other_id: int) -> bool: ...
    async def share_a_direct_room(self, user_id: int, other_id: int) -> bool: ...

    async def load(self, room_id: int) -> RoomState | None: ...
    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        """The events with greater numbers, in order; messages with reactions where an edit tells
        of them.
        """

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """The last number of each room's log, and its time."""

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        """The number of the user's last admission, if it is greater."""

    # messages
    async def lookup(self, room_id: int, needs: Needs) -> Lookup: ...
    async def message(self, uuid: str, *, with_reactions: bool = True) -> Message | None: ...

    async def message_by_id(self, message_id: int) -> Message | None:
        """Without reactions."""

    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        """The newest messages with reactions, oldest first, and the room's last number then."""

    async def history_pages(
        self, room_id: int, *, limit: int, text_bytes: int, before_id: int | None = None
    ) -> Pages:
        """Where the pages of the newest messages begin, oldest first: at most `limit` messages,
        and no more of them than have so many bytes of text (UTF-8), but at least the newest one.
        """

    async def history_page(self, room_id: int, first_id: int, end_id: int) -> list[Message]:
        """The messages from one id up to, and not with, another, oldest first."""

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        """The message on which the user has this reaction, without reactions."""

    async def reactions_of(
        self, message_id: int, *, limit: int, before: str | None = None
    ) -> list[Reaction] | None:
        """Newest first; those older than the one `before`, None if that is not on the message."""

    async def only_reaction_near(self, user_id: int, at: int, span: int) -> tuple[str, str] | None:
        """(message, reaction) where the user made exactly one within `span` ms of `at`."""

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        """Newest first: messages that name the user, in rooms he is a member of, no direct ones."""

    async def active_rooms(
        self, user_id: int, *, limit: int, kinds: Iterable[Kind] = Kind
    ) -> list[int]:
        """The ids of the rooms of these kinds the user is a member of, newest activity first."""

    async def overviews(
        self, user_id: int, room_ids: Sequence[int], *, members: int
    ) -> list[Overview]:
        """Of these rooms, those the user is still a member of, in the same order."""

    async def aclose(self) -> None: ...
