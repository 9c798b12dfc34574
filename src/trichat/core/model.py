"""The nouns are users, rooms, memberships, messages and reactions.

Three words are never one: a *member* has the durable right, a *listener* is a session that gets a
room's pushes, and whoever is *present* has at least one listener in the room now. Times are integer
milliseconds since 1970 UTC.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any

from attrs import evolve, field, frozen

from trichat.core.value import value


class Kind(StrEnum):
    """Who may come into a room (all-10)."""

    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"


class Origin(StrEnum):
    """How a room was made, which decides about seats (lobby-21) and names (all-13)."""

    REST = "rest"
    ROOM = "room"
    LOBBY = "lobby"
    DIRECT = "direct"


class Status(StrEnum):
    """Whether a user may connect at all."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    BANNED = "BANNED"


class Role(StrEnum):
    """A user's rank on this server, lowest first."""

    MEMBER = "MEMBER"
    MODERATOR = "MODERATOR"
    ADMIN = "ADMIN"
    SUPER_ADMIN = "SUPER_ADMIN"


class RoomRole(StrEnum):
    """The role of a member in their room."""

    OWNER = "owner"
    MEMBER = "member"


@frozen
class User:
    """An account, without its secrets."""

    id: int
    uuid: str
    username: str
    email: str | None
    created_at: int
    updated_at: int
    avatar: str | None = None
    status: Status = Status.ACTIVE
    banned_until: int | None = None
    role: Role = Role.MEMBER
    address_hidden: bool = False

    @property
    def address(self) -> str:
        """What others see for an e-mail address: the user name where they may not see it.

        That is where there is none (all-19), and where addresses are hidden.
        """
        return self.username if self.address_hidden else self.own_address

    @property
    def own_address(self) -> str:
        """What the user and administrators see for it: nothing is hidden from them."""
        return self.email or self.username

    def as_of(self, now: int) -> "User":
        """Return the user as they stand at that moment.

        A ban or suspension with an end has ended by itself when its time has come.
        """
        if self.banned_until is None or now < self.banned_until:
            return self
        return evolve(self, status=Status.ACTIVE, banned_until=None)

    @property
    def administers(self) -> bool:
        """Whether the user is an administrator of the server."""
        return self.role in (Role.ADMIN, Role.SUPER_ADMIN)


class Action(StrEnum):
    """What an administrator does."""

    BAN_USER = "BAN_USER"
    UNBAN_USER = "UNBAN_USER"
    SUSPEND_USER = "SUSPEND_USER"
    UNSUSPEND_USER = "UNSUSPEND_USER"
    DELETE_MESSAGE = "DELETE_MESSAGE"
    PIN_MESSAGE = "PIN_MESSAGE"
    UNPIN_MESSAGE = "UNPIN_MESSAGE"
    ASSIGN_ROLE = "ASSIGN_ROLE"
    REMOVE_ROLE = "REMOVE_ROLE"
    CREATE_CHANNEL = "CREATE_CHANNEL"
    DELETE_CHANNEL = "DELETE_CHANNEL"
    ARCHIVE_CHANNEL = "ARCHIVE_CHANNEL"
    KICK_USER = "KICK_USER"


class Target(StrEnum):
    """What something is done to."""

    USER = "USER"
    MESSAGE = "MESSAGE"
    CHANNEL = "CHANNEL"
    ROLE = "ROLE"


@frozen
class Reason:
    """Why an administrator acts. act: the UUID of the entry it makes in the audit log."""

    act: str
    text: str | None = None
    metadata: Mapping[str, Any] | None = None


@frozen
class AuditEntry:
    """An entry of the audit log. target_id: a UUID."""

    reason: Reason
    action: Action
    target: Target
    target_id: str
    at: int
    by: User


@frozen
class Grant:
    """A role that a user was given.

    room: where it holds; None is the whole server, and only these count. by: None for the operator
    of the server.
    """

    uuid: str
    role: Role
    room: str | None
    at: int
    by: str | None


@frozen
class Room:
    """What a room is at some moment. Who is in it and what was said are its state and its log.

    handle: the unique name that channels and the room dialect speak; None for lobby and direct
    rooms, whose title is a label (all-13). max_users: seats of a room made by lobby (lobby-21).
    archived_at: since when nobody finds it and nothing happens in it; None while it lives.
    """

    id: int
    uuid: str
    kind: Kind
    title: str
    origin: Origin
    created_at: int
    updated_at: int
    handle: str | None = None
    description: str | None = None
    max_users: int | None = None
    created_by: int | None = None
    archived_at: int | None = None

    def archived(self, at: int) -> "Room":
        """Return the same room once it is archived: its handle is free for others."""
        return evolve(self, handle=None, archived_at=at)


@frozen
class Membership:
    """A user's durable right to a room (all-10)."""

    user_id: int
    role: RoomRole
    joined_at: int


class Progress(IntEnum):
    """How far a message has come with anybody but its author (conversations-13).

    It never goes back: whoever leaves afterwards has seen it.
    """

    SENT = 0
    DELIVERED = 1
    SEEN = 2


@frozen
class Reaction:
    """One emoji of one user on one message."""

    uuid: str
    emoji: str
    user: User
    created_at: int


@value
class Message:
    """A message. The text is exactly as sent (all-9).

    id and times are 0 until the commit has assigned them. mentions: the existing users named in
    the text. reactions: the newest, oldest of them first (all-23); where a rule or an event has no
    use for them they are left out. reaction_counts: how many there are of each emoji. progress:
    when it was read from the store.
    """

    id: int
    uuid: str
    room: Room
    author: User
    text: str
    created_at: int
    updated_at: int
    system: bool = False
    edited: bool = False
    mentions: tuple[User, ...] = ()
    reactions: tuple[Reaction, ...] = field(default=(), repr=False)
    reaction_counts: tuple[tuple[str, int], ...] = ()
    progress: Progress = Progress.SENT

    def stored(self, id_: int, at: int, mentions: tuple[User, ...]) -> "Message":
        """Return the new message with what its commit found out; attrs.evolve costs much more."""
        return Message(
            id_, self.uuid, self.room, self.author, self.text, at, at, self.system,
            mentions=mentions,
        )  # fmt: skip


@frozen
class Overview:
    """A room as one of its members sees it in a list of their rooms.

    members: at most as many as were asked for, the user included. last: the newest message.
    """

    room: Room
    members: tuple[User, ...]
    last: Message | None
    has_unread: bool
