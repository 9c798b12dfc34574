"""Who is this, and may he come in: registration, login, tokens and API keys."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf

import trio
from attrs import frozen

from trichat.auth import apikeys
from trichat.auth.passwords import BusyError, Passwords, PasswordTooLongError
from trichat.auth.provider import Outsider, Provider
from trichat.auth.tokens import InvalidTokenError, Tokens
from trichat.core.ids import new_uuid
from trichat.core.model import Status, User
from trichat.core.refusals import Failed, NoSuchUser, Refusal, Taken
from trichat.runtime.clock import Clock
from trichat.runtime.storage import Storage
from trichat.store.port import (
    AdmitOutsider,
    CreateUser,
    EndSentence,
    Outcome,
    Registered,
    SetPassword,
    Store,
    StoreError,
)


class NotIdentifiedError(Exception):
    """No one comes in with this credential. Its text is the reason, for the log alone."""


class UnknownUserError(NotIdentifiedError):
    """The token is good, its user is gone."""


@frozen
class Identity:
    """Who a connection is. expires_at: UNIX seconds at which the credential ends.
    key_id: of the API key it came with.
    """

    user: User
    expires_at: float = inf
    key_id: int | None = None


class Accounts:
    """Accounts and the credentials that open them. provider: whose tokens count beside ours.
    welcome: what awaits the first user of all.
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
    ) -> None:
        self._store = store
        self._storage = storage
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock
        self._provider = provider
        self._welcome = welcome

    async def identify(self, token: str | None) -> Identity:
        """By an access token. Raises NotIdentifiedError; StoreError is the store's."""
        if not token:
            raise NotIdentifiedError("no token")
        try:
            claims = self._tokens.verify(token)
        except InvalidTokenError as error:
            if self._provider is None:
                raise NotIdentifiedError(str(error)) from None
            return await self._identify_outsider(self._provider, token, str(error))
        user = await self._store.user_by_uuid(claims.subject)
        if user is None:
            raise UnknownUserError("its user does not exist")
        return Identity(await self._may_come_in(user), claims.expires_at)

    async def _identify_outsider(self, provider: Provider, token: str, not_ours: str) -> Identity:
        try:
            outsider = await provider.verify(token)
        except InvalidTokenError as error:
            # Whose it should have been only the bearer knows.
            reason = f"as ours: {not_ours}; as the identity provider's: {error}"
            raise NotIdentifiedError(reason) from None
        user = await self._store.outsider(outsider.issuer, outsider.subject)
        if user is None:
            if not provider.create:
                raise UnknownUserError("the identity provider's user is unknown here")
            user = await self._admit(outsider)
        return Identity(await self._may_come_in(user), outsider.expires_at)

    async def _admit(self, outsider: Outsider) -> User:
        uuid = new_uuid()
        outcome = await self._enter(
            AdmitOutsider(
                uuid,
                outsider.issuer,
                outsider.subject,
                outsider.username or f"user-{uuid[-12:]}",
                outsider.email,
                self._clock(),
            )
        )
        if not isinstance(outcome, Registered):
            raise StoreError("the identity provider's user could not be stored")
        return outcome.user

    async def identify_key(self, key: str) -> Identity:
        """By an API key; it acts as its user and does not expire (lobby-2)."""
        found = await self._store.user_of_key(apikeys.digest(key)) if apikeys.is_key(key) else None
        if found is None:
            raise NotIdentifiedError("unknown API key")
        user, key_id = found
        return Identity(await self._may_come_in(user), key_id=key_id)

    def token(self, user: User) -> str:
        """A fresh access token."""
        return self._tokens.issue(user.uuid, user.id, user.username)

    async def register(
        self, username: str, email: str | None, password: str, avatar: str | None = None
    ) -> Registered | Refusal:
        """A new account, or what of it is taken. Raises PasswordTooLongError or BusyError."""
        hashed = await self._passwords.hash(password)
        outcome = await self._enter(
            CreateUser(new_uuid(), username, email, hashed, avatar, self._clock())
        )
        return outcome if isinstance(outcome, Registered | Taken) else Failed()

    async def _enter(self, newcomer: CreateUser | AdmitOutsider) -> Outcome:
        # Who hangs up meanwhile must not leave the first user without his welcome.
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(newcomer)
            if isinstance(outcome, Registered) and outcome.first and self._welcome is not None:
                await self._welcome(outcome.user)
        return outcome

    async def login(self, username: str, password: str) -> User | None:
        """Whose password this is. It takes as long for a name that nobody bears.

        Raises BusyError.
        """
        found = await self._store.credentials(username)
        hashed = found[1] if found else None
        try:
            matches = await self._passwords.verify(hashed, password)
        except PasswordTooLongError:
            return None
        if not found or not matches:
            return None
        if hashed is not None and self._passwords.needs_rehash(hashed):
            with suppress(BusyError):  # at another login
                await self.set_password(found[0], password)
        return await self.judged(found[0])

    async def set_password(self, user: User, password: str) -> User | Refusal:
        """Raises PasswordTooLongError or BusyError."""
        hashed = await self._passwords.hash(password)
        outcome = await self._storage.submit(SetPassword(user.id, hashed, self._clock()))
        return outcome if isinstance(outcome, User | NoSuchUser) else Failed()

    async def judged(self, user: User) -> User:
        """Himself as he stands now: a sentence whose time has come is ended for good."""
        now = self._clock()
        judged = user.judged(now)
        if judged is user:
            return user
        outcome = await self._storage.submit(EndSentence(user.id, now))
        return outcome if isinstance(outcome, User) else judged

    async def _may_come_in(self, user: User) -> User:
        judged = await self.judged(user)
        if judged.status is not Status.ACTIVE:
            raise NotIdentifiedError(f"user {user.id} is {judged.status.value}")
        return judged
