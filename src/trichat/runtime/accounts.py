"""Accounts say who somebody is and whether they may come in, by login, token or API key."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf

import trio
from attrs import evolve, field, frozen

from trichat.auth import apikeys
from trichat.auth.fairlimiter import ANYBODY
from trichat.auth.passwords import BusyError, Passwords
from trichat.auth.provider import ExternalUser, Provider
from trichat.auth.providererrors import KeysNotKnownError
from trichat.auth.refreshing import digest, is_ticket
from trichat.auth.tokens import Claims, ExpiredTokenError, InvalidTokenError, Tokens
from trichat.core.model import Status, User
from trichat.core.names import refuse_username
from trichat.core.refusals import Failed, NoSuchUser, Refusal, Taken
from trichat.core.value import value
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.clock import Clock, new_uuid
from trichat.runtime.identity import Identity
from trichat.runtime.storage import Storage
from trichat.store.external import AddExternalUser
from trichat.store.health import StoreError
from trichat.store.logins import NewLogin
from trichat.store.port import Outcome, Store
from trichat.store.suspensions import EndSuspension
from trichat.store.tickets import TakeTicket, Ticket
from trichat.store.users import CreateUser, Registered, SetPassword


class NotIdentifiedError(Exception):
    """No one comes in with this credential. Its text is the reason, for the log alone; the cause
    has what the peer may know of it.
    """

    def __init__(
        self, reason: str, cause: DisconnectReason = DisconnectReason.TOKEN_INVALID
    ) -> None:
        super().__init__(reason)
        self.cause = cause


class UnknownUserError(NotIdentifiedError):
    """The token is good, its user is gone."""


class UndecidedError(Exception):
    """Nobody can say yet whether the credential is good. retry_after: seconds."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@frozen
class Credentials:
    """What a password has to match: nothing that could be where there is no user, or none that has
    a password.
    """

    user: User | None = None
    password_hash: str | None = field(default=None, repr=False)


@value
class VerifiedCredentials:
    """Whose password it is. password_hash: what is stored of it."""

    user: User
    password_hash: str = field(repr=False)


@value
class Verified:
    """A token whose signature and claims are good: ours, or the identity provider's.

    digest: the token's, which names its login where it names none itself.
    """

    claims: Claims | ExternalUser
    digest: str

    @property
    def holder(self) -> str:
        """Whom it names: another text for another user."""
        if isinstance(self.claims, ExternalUser):
            return f"{self.claims.issuer} {self.claims.subject}"
        return self.claims.subject


def check_key(key: str) -> None:
    """Raises NotIdentifiedError for what has not the form of an API key: nothing is looked up."""
    if not apikeys.is_key(key):
        raise NotIdentifiedError("no API key", DisconnectReason.KEY_INVALID)


def check_ticket(ticket: str) -> None:
    """Raises NotIdentifiedError for what has not the form of a ticket: nothing is looked up."""
    if not is_ticket(ticket):
        raise NotIdentifiedError("no ticket", DisconnectReason.TICKET_INVALID)


def _why(error: InvalidTokenError) -> DisconnectReason:
    expired = isinstance(error, ExpiredTokenError)
    return DisconnectReason.TOKEN_EXPIRED if expired else DisconnectReason.TOKEN_INVALID


class Accounts:
    """Accounts and the credentials that open them. provider: whose tokens count beside ours.
    welcome: what awaits the first user of all. reserved: comparison keys of names that are not
    given here.
    """

    def __init__(
        self,
        store: Store,
        storage: Storage,
        passwords: Passwords,
        tokens: Tokens,
        clock: Clock,
        provider: Provider | None = None,
        welcome: Callable[[User], Awaitable[None]] | None = None,
        *,
        reserved: frozenset[str] = frozenset(),
    ) -> None:
        self._store = store
        self._storage = storage
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock
        self._provider = provider
        self._welcome = welcome
        self._reserved = reserved

    async def identify(self, token: str | None) -> Identity:
        """By an access token. Raises NotIdentifiedError, or UndecidedError for one that may be the
        identity provider's while its keys are not known; StoreError is the store's.
        """
        verified = await self.verify(token)
        return await self.identify_verified(verified)

    async def verify(self, token: str | None) -> Verified:
        """What can be said of an access token without the store: its signature and its claims are
        good. Raises as identify().
        """
        if not token:
            raise NotIdentifiedError("no token", DisconnectReason.TOKEN_MISSING)
        try:
            return Verified(self._tokens.verify(token), digest(token))
        except InvalidTokenError as error:
            not_ours = error
        if self._provider is None or isinstance(not_ours, ExpiredTokenError):
            raise NotIdentifiedError(str(not_ours), _why(not_ours))
        try:
            return Verified(await self._provider.verify(token), digest(token))
        except KeysNotKnownError as error:
            raise UndecidedError(str(error), error.retry_after) from None
        except InvalidTokenError as error:
            # Whose it should have been only the bearer knows.
            reason = f"as ours: {not_ours}; as the identity provider's: {error}"
            raise NotIdentifiedError(reason, _why(error)) from None

    async def identify_verified(self, verified: Verified) -> Identity:
        """Whose the token is, if its login has not ended. Raises as identify()."""
        claims = verified.claims
        if isinstance(claims, ExternalUser):
            user = await self._external_user(claims)
            return await self._bearer(
                user.uuid, claims.expires_at, verified.digest, claims.issued_at
            )
        login, issued_at = claims.login, None
        if login is None:
            login, issued_at = verified.digest, claims.issued_at
        return await self._bearer(claims.subject, claims.expires_at, login, issued_at)

    async def _external_user(self, external: ExternalUser) -> User:
        """The identity provider's user, made on first sight where that is allowed."""
        user = await self._store.external_user(external.issuer, external.subject)
        if user is None:
            if self._provider is None or not self._provider.create:
                raise UnknownUserError("the identity provider's user is unknown here")
            user = await self._make(external)
        return user

    async def _bearer(
        self, uuid: str, expires_at: float, login: str, issued_at: float | None
    ) -> Identity:
        """By a token that is good in itself, if its login has not ended."""
        bearer = await self._store.token_status(uuid, login)
        if bearer is None:
            raise UnknownUserError("its user does not exist")
        if bearer.ended or (issued_at is None and not bearer.there):
            raise NotIdentifiedError("its login has ended", DisconnectReason.REVOKED)
        if issued_at is not None and issued_at * 1000 < bearer.since:
            raise NotIdentifiedError("every login of before has ended", DisconnectReason.REVOKED)
        user = await self._may_come_in(bearer.user)
        return Identity(user, expires_at, login=login, issued_at=issued_at)

    async def identify_ticket(self, ticket: str) -> Identity:
        """By a ticket, which is used with that: as the token that it was given for."""
        check_ticket(ticket)
        taken = await self._storage.submit(TakeTicket(digest(ticket), self._tokens.now()))
        if not isinstance(taken, Ticket):
            if isinstance(taken, Failed):
                raise StoreError("the ticket could not be taken")
            raise NotIdentifiedError(
                "unknown ticket, or one that was used", DisconnectReason.TICKET_INVALID
            )
        user = await self._store.user(taken.user_id)
        if user is None:
            raise UnknownUserError("its user does not exist")
        issued_at = None if taken.issued_at is None else taken.issued_at / 1000
        expires_at = taken.token_expires / 1000
        if self._tokens.now() >= taken.token_expires:
            raise NotIdentifiedError(
                "the ticket's token has expired", DisconnectReason.TOKEN_EXPIRED
            )
        return await self._bearer(user.uuid, expires_at, taken.login, issued_at)

    async def again(self, identity: Identity) -> Identity:
        """Return the same identity as it stands now. Raises NotIdentifiedError or StoreError."""
        if identity.login is not None:
            return await self._bearer(
                identity.user.uuid, identity.expires_at, identity.login, identity.issued_at
            )
        if identity.key_id is None:
            return identity
        user = await self._store.user_of_living_key(identity.key_id)
        if user is None:
            raise NotIdentifiedError("the API key was revoked", DisconnectReason.KEY_REVOKED)
        return evolve(identity, user=await self._may_come_in(user))

    async def _make(self, external: ExternalUser) -> User:
        uuid = new_uuid()
        outcome = await self._enter(
            AddExternalUser(
                uuid,
                external.issuer,
                external.subject,
                external.username or f"user-{uuid[-12:]}",
                external.email,
                self._clock(),
                self._reserved,
            )
        )
        if not isinstance(outcome, Registered):
            raise StoreError("the identity provider's user could not be stored")
        return outcome.user

    async def identify_key(self, key: str) -> Identity:
        """By an API key, which acts as its user (lobby-2)."""
        check_key(key)
        holder = await self._store.key_holder(apikeys.digest(key))
        if holder is None:
            raise NotIdentifiedError("unknown API key", DisconnectReason.KEY_INVALID)
        expires_at = inf if holder.expires_at is None else holder.expires_at / 1000
        if self._clock() / 1000 >= expires_at:
            raise NotIdentifiedError("the API key has expired", DisconnectReason.KEY_EXPIRED)
        return Identity(await self._may_come_in(holder.user), expires_at, holder.key_id)

    def token(self, user: User) -> str:
        """A fresh access token that is a login by itself, for the operator."""
        return self._tokens.issue(user.uuid, user.id, user.username)

    async def register(
        self,
        username: str,
        email: str | None,
        password: str,
        avatar: str | None = None,
        *,
        login: NewLogin | None = None,
        source: str = ANYBODY,
    ) -> Registered | Refusal:
        """A new account; or Invalid for what is no user name, or Taken. login: opened with it.
        source: the address that has its turn. Raises PasswordRefusedError or BusyError.
        """
        refusal = refuse_username(username, self._reserved)
        if refusal is not None:
            return refusal
        hashed = await self._passwords.hash_new(password, source)
        at = self._clock()
        outcome = await self._enter(
            CreateUser(new_uuid(), username, email, hashed, avatar, at, login=login)
        )
        return outcome if isinstance(outcome, Registered | Taken) else Failed()

    async def _enter(self, newcomer: CreateUser | AddExternalUser) -> Outcome:
        # A client that hangs up meanwhile must not leave the first user without their welcome.
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(newcomer)
            if isinstance(outcome, Registered) and outcome.first and self._welcome is not None:
                await self._welcome(outcome.user)
        return outcome

    async def credentials(self, username: str) -> Credentials:
        """What a password for this name has to match now."""
        found = await self._store.credentials(username)
        return Credentials() if found is None else Credentials(*found)

    async def prove(
        self, credentials: Credentials, password: str, source: str = ANYBODY
    ) -> VerifiedCredentials | None:
        """Their user, if the password is theirs. It takes as long where there is none. source: the
        address that has its turn. Raises BusyError.
        """
        user, hashed = credentials.user, credentials.password_hash
        matches = await self._passwords.verify(hashed, password, source)
        if user is None or hashed is None or not matches:
            return None
        if self._passwords.needs_rehash(hashed):
            with suppress(BusyError):  # at another login
                hashed = await self._rehash(user, password, hashed, source)
        return VerifiedCredentials(await self.up_to_date(user), hashed)

    async def _rehash(self, user: User, password: str, before: str, source: str) -> str:
        """With today's parameters, unless the password was changed meanwhile."""
        hashed = await self._passwords.hash(password, source)
        write = SetPassword(user.id, hashed, self._clock(), before=before)
        return hashed if isinstance(await self._storage.submit(write), User) else before

    async def set_password(
        self, user: User, password: str, *, keep_keys: bool = False
    ) -> User | Refusal:
        """By the operator: every login of the user ends, and every API key unless they are kept.

        Raises PasswordRefusedError or BusyError.
        """
        hashed = await self._passwords.hash_new(password)
        at = self._tokens.now()
        write = SetPassword(user.id, hashed, at, ends=True, keys=not keep_keys)
        outcome = await self._storage.submit(write)
        return outcome if isinstance(outcome, User | NoSuchUser) else Failed()

    async def up_to_date(self, user: User) -> User:
        """Return the user as they stand now; a suspension whose time has come is ended for good."""
        now = self._clock()
        current = user.as_of(now)
        if current is user:
            return user
        outcome = await self._storage.submit(EndSuspension(user.id, now))
        return outcome if isinstance(outcome, User) else current

    async def _may_come_in(self, user: User) -> User:
        current = await self.up_to_date(user)
        if current.status is not Status.ACTIVE:
            reason = f"user {user.id} is {current.status.value}"
            raise NotIdentifiedError(reason, DisconnectReason.BARRED)
        return current
