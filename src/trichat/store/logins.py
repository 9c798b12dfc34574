"""Logins: everything that a login's tokens opened ends with it. Times are in milliseconds."""

from collections.abc import Iterable
from typing import Protocol

from attrs import field, frozen

from trichat.core.model import User


@frozen
class NewLogin:
    """A login to be stored. expires_at: when none of its tokens is good any more; ends_at: the
    latest time to which that can be moved. family, secret: SHA-256 of the two parts of its refresh
    token, in hex; None where it has no refresh token.
    """

    name: str
    expires_at: int
    ends_at: int
    family: str | None = None
    secret: str | None = None


@frozen
class OpenLogin:
    """Stores a login by the password behind this hash. most: how many logins with refresh tokens a
    user may have; beyond that the one goes that was renewed the longest ago.

    Outcome: LoggedIn, or Outdated (the password has changed since).
    """

    user_id: int
    password_hash: str = field(repr=False)
    login: NewLogin
    at: int
    most: int


@frozen
class LoggedIn:
    """The login is stored. ended: the names of those that had to make room for it."""

    ended: tuple[str, ...]


@frozen
class RenewLogin:
    """Exchanges a refresh token for its successor. The same exchange within `grace` milliseconds,
    as long as the successor was not used, changes nothing. former: what the successor would be by
    earlier signing keys. expires_at: when the login is to expire, no later than its ends_at.

    Outcome: Renewed, NoSuchLogin or UsedBefore.
    """

    family: str
    shown: str
    next: str
    at: int
    expires_at: int
    grace: int
    former: tuple[str, ...] = ()


@frozen
class Renewed:
    """The login goes on. former: which of RenewLogin.former is its token now; None where the
    successor is.
    """

    user: User
    name: str
    expires_at: int
    former: str | None = None


@frozen
class EndLogin:
    """Ends a login. expires_at: when its tokens end by themselves, for a token that is a login by
    itself.
    Outcome: True.
    """

    name: str
    user_id: int
    at: int
    expires_at: int


@frozen
class EndLogins:
    """Ends all logins of a user, and all their tokens that name no login. Outcome: True."""

    user_id: int
    at: int


@frozen
class ForgetLogins:
    """Deletes logins and tickets that expired before a time, at most so many.
    Outcome: how many were deleted (int).
    """

    before: int
    most: int


@frozen
class TokenStatus:
    """A user, and what may stand in the way of one of their tokens. since: the earliest time at
    which a token that names no login may have been issued. there: whether the login that was asked
    for is known; ended: whether it has ended.
    """

    user: User
    since: int
    there: bool
    ended: bool


LoginWrite = OpenLogin | RenewLogin | EndLogin | EndLogins | ForgetLogins


class Logins(Protocol):
    """Reads of logins."""

    async def token_status(self, uuid: str, login: str) -> TokenStatus | None:
        """Return the user with this UUID, and how the login of this name stands."""

    async def ended_logins(self, names: Iterable[str]) -> set[str]:
        """Return those of these logins that have ended."""

    async def tokens_since(self, user_ids: Iterable[int]) -> dict[int, int]:
        """Return since when tokens that name no login count, for users for whom that was set."""

    async def count_logins(self, now: int) -> int:
        """Return how many logins have tokens that may be good at that time."""
