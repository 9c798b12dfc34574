"""Users: their accounts, names and passwords."""

from collections.abc import Iterable
from typing import Protocol

from attrs import field, frozen

from trichat.core.model import Role, User
from trichat.store.logins import NewLogin


@frozen
class CreateUser:
    """Makes an account. login: opened with it. Outcome: Registered or Taken."""

    uuid: str
    username: str
    email: str | None
    password_hash: str | None = field(repr=False)
    avatar: str | None
    at: int
    role: Role = Role.MEMBER
    login: NewLogin | None = None


@frozen
class Registered:
    """The account. first: whether there was none before."""

    user: User
    first: bool


@frozen
class SetPassword:
    """Stores a new hash. before: the hash that it replaces, None for whichever there is. ends:
    whether every login of the user ends with the old password, except the one named `but`. keys:
    whether every API key of the user ends too.
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
class UpdateUser:
    """Changes what users may change of themselves. None leaves a field as it is; an empty avatar
    removes it. Outcome: the User, Taken or NoSuchUser.
    """

    user_id: int
    at: int
    username: str | None = None
    email: str | None = None
    avatar: str | None = None


UserWrite = CreateUser | SetPassword | UpdateUser


class Users(Protocol):
    """Reads of users."""

    async def user(self, user_id: int) -> User | None:
        """Return the user with this id."""

    async def user_by_uuid(self, uuid: str) -> User | None:
        """Return the user with this UUID."""

    async def user_by_name(self, username: str) -> User | None:
        """Return the user with exactly this name."""

    async def users(self, uuids: Iterable[str]) -> dict[str, User]:
        """Return those of these users that exist, by UUID."""

    async def credentials(self, username: str) -> tuple[User, str | None] | None:
        """Return the user of this name with the hash of their password: of the exact name, else of
        the only one that is alike (all-20).
        """

    async def active_users(
        self, *, now: int, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        """Return users who are neither banned nor suspended at that moment, by name without case:
        those behind a name and an id, at most `limit` of them.
        """

    async def all_users(
        self, *, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        """Return users by name: those behind a name and an id, at most `limit` of them."""

    async def search_names(self, part: str, *, limit: int, without: int) -> list[User]:
        """Return users whose name contains the part, case ignored, by name, but `without`."""

    async def search_users(self, part: str, *, limit: int) -> list[User]:
        """Return users whose name or e-mail address contains the part, case ignored, by name."""
