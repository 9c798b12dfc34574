"""Logins: what each opens ends with it."""

from collections.abc import Iterable
from typing import Protocol

from attrs import field, frozen

from trichat.core.model import User


@frozen
class NewLogin:
    """What a login leaves behind; times in milliseconds. expires_at: when none of its tokens is
    good any more; ends_at: beyond which that is never moved. family, secret: SHA-256 of the two
    parts of its refresh token, in hex; None where it has none.
    """

    name: str
    expires_at: int
    ends_at: int
    family: str | None = None
    secret: str | None = None


@frozen
class OpenLogin:
    """A login by the password behind this hash. most: logins with refresh tokens that one user
    may have; beyond it the one goes that was renewed the longest ago.
    Outcome: LoggedIn, or Outdated (the password is another by now).
    """

    user_id: int
    password_hash: str = field(repr=False)
    login: NewLogin
    at: int
    most: int


@frozen
class LoggedIn:
    """It is there. ended: the names of those that had to go."""

    ended: tuple[str, ...]


@frozen
class RenewLogin:
    """A refresh token is shown, and the next one counts from now on; the same again within
    `grace` milliseconds, as long as the next one was not used, changes nothing. former: what the
    next one would be by signing keys of before.
    expires_at: what the login's becomes, no later than its ends_at.
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
    """The login goes on. expires_at: milliseconds. former: which one of RenewLogin.former counts;
    None where the next one does.
    """

    user: User
    name: str
    expires_at: int
    former: str | None = None


@frozen
class EndLogin:
    """Nothing that it opened is good any more. expires_at: when its tokens end by themselves, in
    milliseconds, for a token that is a login by itself. Outcome: True.
    """

    name: str
    user_id: int
    at: int
    expires_at: int


@frozen
class EndLogins:
    """All of a user's, and every token of his that names none. Outcome: True."""

    user_id: int
    at: int


@frozen
class ForgetLogins:
    """What has been over since `before` takes no room any more, so many rows at most.
    Outcome: how many went (int).
    """

    before: int
    most: int


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


LoginWrite = OpenLogin | RenewLogin | EndLogin | EndLogins | ForgetLogins


class Logins(Protocol):
    """What is read of logins."""

    async def bearer(self, uuid: str, login: str) -> Bearer | None:
        """The user with this UUID; login: by name."""

    async def ended_logins(self, names: Iterable[str]) -> set[str]:
        """Of these, those that have ended."""

    async def tokens_since(self, user_ids: Iterable[int]) -> dict[int, int]:
        """Since when tokens that name no login count, for whom that was ever set."""

    async def count_logins(self, now: int) -> int:
        """How many have tokens that may be good at that time."""
