"""Logins: opened by a password, renewed by refresh tokens, ended by their user or by misuse.

Every act is one write; once committed it is seen through though the asker may go, since nobody
else would ever notify the sockets (all-17).
"""

import logging
from typing import Final

import trio
from attrs import field, frozen

from trichat.auth.fairlimiter import ANYBODY
from trichat.auth.passwords import Passwords
from trichat.auth.refreshing import RefreshToken, new_refresh_token, new_ticket, read_refresh_token
from trichat.auth.tokens import Tokens
from trichat.core.model import User
from trichat.core.refusals import Failed, NoSuchLogin, Outdated, Refusal, UsedBefore
from trichat.runtime.accounts import VerifiedCredentials
from trichat.runtime.clock import new_uuid
from trichat.runtime.connections import Connections
from trichat.runtime.identity import Identity
from trichat.runtime.storage import Storage
from trichat.settings import Auth
from trichat.store.logins import (
    EndLogin,
    EndLogins,
    LoggedIn,
    NewLogin,
    OpenLogin,
    Renewed,
    RenewLogin,
)
from trichat.store.port import Write
from trichat.store.tickets import AddTicket, Ticket
from trichat.store.users import SetPassword

_log = logging.getLogger(__name__)

LATEST: Final = 2**53  # milliseconds, of a token that lives longer than any database


@frozen
class Granted:
    """What a client gets. seconds: for which the access token is good."""

    user: User
    access_token: str = field(repr=False)
    seconds: int
    refresh_token: str | None = field(default=None, repr=False)


class Logins:
    """Times are the tokens' clock's."""

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        tokens: Tokens,
        connections: Connections,
        settings: Auth,
    ) -> None:
        self._storage = storage
        self._passwords = passwords
        self._tokens = tokens
        self._connections = connections
        self._settings = settings

    # -- in

    def new(self, *, refresh: bool) -> tuple[NewLogin, RefreshToken | None]:
        """What is to be stored, and the refresh token if there shall be one."""
        expires_at = self._tokens.expiry() * 1000
        if not refresh:
            return NewLogin(new_uuid(), expires_at, expires_at), None
        now, first = self._tokens.now(), new_refresh_token()
        ends_at = now + _ms(self._settings.refresh_lifetime)
        login = NewLogin(
            new_uuid(), min(ends_at, now + _ms(self._settings.refresh_idle)), ends_at,
            first.family_digest, first.secret_digest,
        )  # fmt: skip
        return login, first

    def granted(
        self, user: User, name: str, login_ends: int, refresh: RefreshToken | None
    ) -> Granted:
        """login_ends: milliseconds; no access token outlives its login."""
        expires_at = min(self._tokens.expiry(), login_ends // 1000)
        token = self._tokens.issue(
            user.uuid, user.id, user.username, login=name, expires_at=expires_at
        )
        seconds = max(0, expires_at - self._tokens.now() // 1000)
        return Granted(user, token, seconds, refresh.text if refresh else None)

    async def open(self, known: VerifiedCredentials, *, refresh: bool) -> Granted | Refusal:
        """Outdated: the password has changed since it was looked at."""
        login, first = self.new(refresh=refresh)
        user = known.user
        write = OpenLogin(
            user.id, known.password_hash, login, self._tokens.now(), self._settings.logins_per_user
        )
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(write)
            if isinstance(outcome, LoggedIn):
                for ended in outcome.ended:
                    self._connections.end_login(user.id, ended)
        if isinstance(outcome, LoggedIn):
            return self.granted(user, login.name, login.expires_at, first)
        return outcome if isinstance(outcome, Outdated) else Failed()

    async def renew(self, text: str) -> Granted | Refusal:
        """For a refresh token, which is used with that. NoSuchLogin or Failed."""
        shown = read_refresh_token(text)
        if shown is None:
            return NoSuchLogin()
        successor = shown.successor(self._tokens.keyed)
        # An answer that was lost just before the key was changed is given again, too.
        former = [shown.successor(keyed) for keyed in self._tokens.keyed_formerly()]
        now = self._tokens.now()
        write = RenewLogin(
            shown.family_digest, shown.secret_digest, successor.secret_digest, now,
            now + _ms(self._settings.refresh_idle), _ms(self._settings.refresh_grace),
            tuple(each.secret_digest for each in former),
        )  # fmt: skip
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(write)
            if isinstance(outcome, UsedBefore):
                _log.warning("user %d: a refresh token was used twice", outcome.user_id)
                self._connections.end_login(outcome.user_id, outcome.login)
        if isinstance(outcome, Renewed):
            same = (each for each in former if each.secret_digest == outcome.former)
            successor = next(same, successor)
            return self.granted(outcome.user, outcome.name, outcome.expires_at, successor)
        return NoSuchLogin() if isinstance(outcome, NoSuchLogin | UsedBefore) else Failed()

    # -- out

    async def end(self, by: Identity) -> Refusal | None:
        """The login that this token came of, or the token itself."""
        assert by.login is not None
        write = EndLogin(by.login, by.user.id, self._tokens.now(), _latest(by.expires_at))
        with trio.CancelScope(shield=True):
            if await self._storage.submit(write) is not True:
                return Failed()
            self._connections.end_login(by.user.id, by.login)
        return None

    async def end_all(self, by: Identity) -> Refusal | None:
        """End every login of the user, and every token of theirs that names none."""
        with trio.CancelScope(shield=True):
            if await self._storage.submit(EndLogins(by.user.id, self._tokens.now())) is not True:
                return Failed()
            self._connections.end_logins(by.user.id)
        return None

    async def change_password(
        self,
        by: Identity,
        known: VerifiedCredentials,
        password: str,
        *,
        keep_keys: bool = False,
        source: str = ANYBODY,
    ) -> Refusal | None:
        """Every login of the user ends but the one that asks, and every API key unless they are
        kept. Outdated: somebody else changed the password first. source: the address that has its
        turn. Raises PasswordRefusedError or BusyError.
        """
        hashed = await self._passwords.hash_new(password, source)
        kept = by.login if by.issued_at is None else None
        write: Write = SetPassword(
            by.user.id, hashed, self._tokens.now(), before=known.password_hash, ends=True, but=kept,
            keys=not keep_keys,
        )  # fmt: skip
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(write)
            if isinstance(outcome, User):
                self._connections.end_logins(by.user.id, kept)
                if not keep_keys:
                    self._connections.revoke_keys_of(by.user.id)
        if isinstance(outcome, User):
            return None
        return outcome if isinstance(outcome, Outdated) else Failed()

    # -- tickets

    @property
    def ticket_lifetime(self) -> float:
        """Seconds."""
        return self._settings.ticket_lifetime

    async def ticket(self, by: Identity) -> str | Refusal:
        """For one connection, within seconds. RateLimited or Failed."""
        assert by.login is not None
        text, digest = new_ticket()
        now = self._tokens.now()
        issued_at = None if by.issued_at is None else round(by.issued_at * 1000)
        stands_for = Ticket(by.user.id, by.login, issued_at, _latest(by.expires_at))
        outcome = await self._storage.submit(
            AddTicket(
                digest, stands_for, now, now + _ms(self._settings.ticket_lifetime),
                self._settings.tickets_per_user,
            )
        )  # fmt: skip
        if outcome is True:
            return text
        return outcome if isinstance(outcome, Refusal) else Failed()


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _latest(expires_at: float) -> int:
    return LATEST if expires_at > LATEST / 1000 else int(expires_at * 1000)
