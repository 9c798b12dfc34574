"""What is written to a store, as values, and what comes of each."""

from attrs import field, frozen

from trichat.core.events import Mark, RoomEvent
from trichat.core.model import Grounds, Kind, Origin, Role, Room, Status, User
from trichat.core.refusals import Refusal
from trichat.store.apikeys import AddApiKey, NoteKeysUsed, RevokeApiKey
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
    TakeTicket,
    Ticket,
    UseSigningKey,
)


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
    """A new account. login: opened with it. Outcome: Registered or Taken."""

    uuid: str
    username: str
    email: str | None
    password_hash: str | None = field(repr=False)
    avatar: str | None
    at: int
    role: Role = Role.MEMBER
    login: NewLogin | None = None


@frozen
class AdmitOutsider:
    """An account for whom an identity provider calls `subject`, made on first sight. If there is
    one already, it is that one. The user name is made unique; an address that is somebody's
    already is left out: no claim of a provider's opens an account that it did not make.
    reserved: comparison keys of names that they do not get either. Outcome: Registered.
    """

    uuid: str
    issuer: str
    subject: str
    username: str
    email: str | None
    at: int
    reserved: frozenset[str] = frozenset()


@frozen
class Registered:
    """The account. first: no other was there before."""

    user: User
    first: bool


@frozen
class Allowance:
    """How many rooms one user may make over REST and by connecting (all-25). in_an_hour: 0 for any
    number. deserted: ids of rooms that nobody is in; those in which nothing was said do not count.
    """

    living: int
    in_an_hour: int
    deserted: tuple[int, ...] = ()


@frozen
class CreateRoom:
    """A new room. owned: the maker becomes its owner. invited: members from the start.
    limit: how many living rooms of this origin the maker may have made, None for any number.
    allowance: the same over several origins. charged: whether it counts for its maker.
    Outcome: Opened, Taken (the handle), RoomEnded (of a room made by connecting: another bore the
    handle), TooManyRooms or RateLimited.
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
    allowance: Allowance | None = None
    charged: bool = True


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
    """before: the hash in whose place it comes, None for whichever there is. ends: whether every
    login of the user ends with the old password, but the one named `but`. keys: whether every API
    key of the user ends too.
    Outcome: the User, NoSuchUser, or Outdated (there is another hash than `before`).
    """

    user_id: int
    password_hash: str = field(repr=False)
    at: int
    before: str | None = field(default=None, repr=False)
    ends: bool = False
    but: str | None = None
    keys: bool = False


@frozen
class SetRole:
    """The operator's doing: this role in place of all others that hold everywhere.
    Outcome: the User, or NoSuchUser.
    """

    user_id: int
    role: Role
    at: int


@frozen
class UpdateUser:
    """The user's own doing. None leaves a field as it is; an empty avatar removes it.
    Outcome: the User, Taken or NoSuchUser.
    """

    user_id: int
    at: int
    username: str | None = None
    email: str | None = None
    avatar: str | None = None


@frozen
class Judge:
    """A user is banned, suspended or, with ACTIVE, let in again; the audit log says so.
    until: when it ends by itself, in milliseconds; None for never.
    Outcome: the User, NoSuchUser, Forbidden (the actor's rank has changed) or Outranked.
    """

    grounds: Grounds
    by_id: int
    user_id: int
    status: Status
    at: int
    until: int | None = None


@frozen
class EndSentence:
    """The time of a ban or suspension has come. Outcome: the User, or NoSuchUser."""

    user_id: int
    at: int


@frozen
class AssignRole:
    """A user is given a role, everywhere or in one room; the audit log says so.
    Outcome: the User, NoSuchUser, Forbidden, RoleTooHigh, Outranked or HasRole.
    """

    grounds: Grounds
    by_id: int
    user_id: int
    role: Role
    room: Room | None
    at: int


@frozen
class RemoveRole:
    """A role is taken from a user; the audit log says so.
    Outcome: the User, NoSuchUser, Forbidden, RoleTooHigh, Outranked or NoSuchGrant.
    """

    grounds: Grounds
    by_id: int
    user_id: int
    role: Role
    room: Room | None
    at: int


@frozen
class NoteVisited:
    """Somebody was there: (room id, when in ms). Outcome: True."""

    visits: tuple[tuple[int, int], ...]


@frozen
class ArchiveRoom:
    """If deserted since `before`, it is no room any more (lobby-14). Outcome: whether (bool)."""

    room_id: int
    before: int
    at: int


@frozen
class ForgetRoom:
    """If it was made by connecting, nothing was ever said in it and nobody belongs to it, nothing
    is kept of it (all-24). Outcome: whether (bool).
    """

    room_id: int


@frozen
class Probe:
    """Changes nothing, and goes to the disk all the same. Outcome: True."""


Write = (
    Commit
    | CreateUser
    | AdmitOutsider
    | CreateRoom
    | OpenDirect
    | SetPassword
    | OpenLogin
    | RenewLogin
    | EndLogin
    | EndLogins
    | EndEverything
    | UseSigningKey
    | AddTicket
    | TakeTicket
    | ForgetLogins
    | SetRole
    | UpdateUser
    | Judge
    | EndSentence
    | AssignRole
    | RemoveRole
    | AddApiKey
    | RevokeApiKey
    | NoteKeysUsed
    | NoteVisited
    | ArchiveRoom
    | ForgetRoom
    | Probe
)
Outcome = (
    Committed
    | Stale
    | Registered
    | Opened
    | User
    | LoggedIn
    | Renewed
    | Ticket
    | int
    | bool
    | Refusal
)
