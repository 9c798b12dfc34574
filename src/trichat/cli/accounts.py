"""`trichat user`, `trichat token`, `trichat key`: what an operator does beside the server.

They work on the data directory itself and need no running server.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from attrs import frozen

from trichat.auth import apikeys, signingkey
from trichat.auth.signing import SigningKeys, new_key
from trichat.cli import signing
from trichat.cli.migrating import RefusedError, held_to_migrate
from trichat.core.model import Role, User
from trichat.core.names import check_username
from trichat.core.refusals import Taken, TooManyKeys
from trichat.logevents import LogEvent, log_event
from trichat.runtime.accounts import Accounts
from trichat.runtime.clock import wall_clock
from trichat.runtime.storage import Storage
from trichat.settings import Settings
from trichat.store.apikeys import AddApiKey, ApiKey, RevokeApiKey
from trichat.store.port import Outcome, Store
from trichat.store.roles import SetRole
from trichat.store.signing import EndEverything, UseSigningKey
from trichat.store.sqlite import SqliteStore
from trichat.store.users import Registered
from trichat.web.app import make_passwords, make_tokens
from trichat.web.naming import NAME_WORDS
from trichat.web.rest.auth import address
from trichat.web.rest.bodies import Rule
from trichat.web.rest.keys import LABEL


@frozen
class Office:
    """The accounts of a data directory, opened beside the server."""

    store: Store
    storage: Storage
    accounts: Accounts

    async def user(self, username: str) -> User:
        """Raises RefusedError when nobody bears the name."""
        user = await self.store.user_by_name(username)
        if user is None:
            raise RefusedError(f"there is no user {username!r}")
        return user


@asynccontextmanager
async def open_office(settings: Settings, *, anew: bool = False) -> AsyncIterator[Office]:
    """What the data directory holds. anew: it is made if need be, with its key and its database.

    Raises RefusedError where there is none, or where a server holds one of an older schema.
    """
    if anew:
        settings.server.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not settings.database.is_file():
        raise RefusedError(f"{settings.database}: there is no such database; is --data right?")
    tokens = make_tokens(settings, SigningKeys(new_key()))  # for its clock: nothing is signed
    async with held_to_migrate(settings.server.data, settings.database):
        store = await SqliteStore.open(
            settings.database, readers=1, keep=settings.storage.copy_before_migration
        )
    storage = Storage(store, batch=1)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(storage.run)
            accounts = Accounts(store, storage, make_passwords(settings), tokens, wall_clock)
            try:
                yield Office(store, storage, accounts)
            finally:
                storage.close()
    finally:
        await store.aclose()


async def add_user(settings: Settings, username: str, email: str | None, password: str) -> User:
    """A new account, of the names and addresses that REST takes."""
    refusal = check_username(username)
    if refusal is not None:
        raise RefusedError(f"user {username!r} was not added: {NAME_WORDS[refusal.why]}")
    if email is not None:
        _must_be_right(address, "user", "address", email)
    async with open_office(settings, anew=True) as office:
        outcome = await office.accounts.register(username, email, password)
        if isinstance(outcome, Taken):
            what = "address" if outcome.field == "email" else "name"
            raise RefusedError(f"user {username!r} was not added: the {what} is taken")
        if not isinstance(outcome, Registered):
            raise RefusedError(f"user {username!r} was not added: {outcome}")
        return outcome.user


async def set_role(settings: Settings, username: str, role: Role) -> None:
    """The first administrator is made this way."""
    async with open_office(settings) as office:
        user = await office.user(username)
        _done(await office.storage.submit(SetRole(user.id, role, wall_clock())), User)


async def set_password(
    settings: Settings, username: str, password: str, *, keep_keys: bool
) -> None:
    """A new password, which ends the user's logins and, unless they are kept, API keys."""
    async with open_office(settings) as office:
        user = await office.user(username)
        _done(await office.accounts.set_password(user, password, keep_keys=keep_keys), User)


async def token(settings: Settings, username: str) -> str:
    """An access token of this user.

    Raises RefusedError where the key that signs is missing beside a running server.
    """
    async with open_office(settings) as office:
        user = await office.user(username)
        tokens = make_tokens(settings, await signing.keys_to_sign(settings, office.store))
        log_event(LogEvent.TOKEN_MADE, user=user.id)
        return tokens.issue(user.uuid, user.id, user.username)


async def add_key(
    settings: Settings, username: str, label: str, life: float | None
) -> tuple[int, str]:
    """A new API key: its number and itself, which is shown this once.

    life: seconds, None for as long as the settings say.
    """
    if label:
        _must_be_right(LABEL, "key", "label", label)
    auth = settings.auth
    longest = auth.api_key_lifetime
    if life is not None and longest and life > longest:
        raise RefusedError(f"auth.api_key_lifetime is {longest:g} s: a key lives no longer")
    life = life or longest
    now = wall_clock()
    expires_at = now + round(life * 1000) if life else None
    async with open_office(settings) as office:
        user = await office.user(username)
        key, digest = apikeys.new_key()
        outcome = await office.storage.submit(
            AddApiKey(user.id, digest, label, now, expires_at, auth.api_keys_per_user)
        )
        if isinstance(outcome, TooManyKeys):
            raise RefusedError(
                f"user {username!r} has {auth.api_keys_per_user} API keys"
                " (auth.api_keys_per_user): revoke one first"
            )
        _done(outcome, int)
        assert isinstance(outcome, int)
        return outcome, key


async def list_keys(settings: Settings, username: str) -> list[ApiKey]:
    """The user's keys, never themselves."""
    async with open_office(settings) as office:
        user = await office.user(username)
        return await office.store.api_keys(user.id)


async def revoke_key(settings: Settings, key_id: int) -> None:
    """It opens nothing any more."""
    async with open_office(settings) as office:
        if await office.storage.submit(RevokeApiKey(key_id, wall_clock())) is not True:
            raise RefusedError(f"there is no living key {key_id}")


def _must_be_right(rule: Rule, what: str, part: str, value: str) -> None:
    """By a rule of what is sent over REST. Raises RefusedError."""
    why = rule.why_not(value)
    if why is not None:
        raise RefusedError(f"no {what} was added: the {part} {why[0].lower()}{why[1:]}")


async def rotate_key(settings: Settings) -> signing.Rotated:
    """A new key signs; the database knows at once that logins of the one before count on."""
    async with open_office(settings) as office:
        stored = (await office.store.signing()).kid
        before = signingkey.load(settings.server.data)
        rotated = await signing.rotate(settings)
        if before is not None and stored in before.kids:
            write = UseSigningKey(rotated.kid, wall_clock(), ends=False)
            _done(await office.storage.submit(write), bool)
        return rotated


async def end_everything(settings: Settings, keys: bool) -> int:
    """How many logins have ended. keys: every API key ends too."""
    async with open_office(settings) as office:
        now = wall_clock()
        living = await office.store.count_logins(now)
        _done(await office.storage.submit(EndEverything(now, keys)), bool)
        return living


def _done(outcome: Outcome, expected: type) -> None:
    if not isinstance(outcome, expected):
        raise RefusedError(f"not done: {outcome}")
