"""Commands open the database of a data directory beside the server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import trio
from attrs import frozen

from trichat.cli.migrating import RefusedError, held_to_migrate
from trichat.composition.database import open_store_beside
from trichat.core.model import User
from trichat.runtime.storage import Storage
from trichat.settings import Settings
from trichat.store.port import Outcome, Store, Write

T = TypeVar("T")


@frozen
class AdminContext:
    """What a command works with: it needs no running server."""

    store: Store
    storage: Storage

    async def user(self, username: str) -> User:
        """Return the user of this name. Raises RefusedError when nobody bears it."""
        user = await self.store.user_by_name(username)
        if user is None:
            raise RefusedError(f"there is no user {username!r}")
        return user

    async def submit(self, write: Write, expected: type[T]) -> T:
        """Return the outcome of a write, once it is stored.

        Raises RefusedError for another outcome than the expected one.
        """
        return done(await self.storage.submit(write), expected)


def done(outcome: Outcome, expected: type[T]) -> T:
    """Return the outcome itself. Raises RefusedError where it is not what was expected."""
    if not isinstance(outcome, expected):
        raise RefusedError(f"not done: {outcome}")
    return outcome


@asynccontextmanager
async def open_admin_context(
    settings: Settings, *, anew: bool = False
) -> AsyncIterator[AdminContext]:
    """Open what the data directory holds.

    anew: it is made if need be, with its key and its database. Raises RefusedError where there is
    none, or where a server holds one of an older schema.
    """
    if anew:
        settings.server.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not settings.database.is_file():
        raise RefusedError(f"{settings.database}: there is no such database; is --data right?")
    async with held_to_migrate(settings.server.data, settings.database):
        store = await open_store_beside(settings)
    storage = Storage(store, batch=1)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(storage.run)
            try:
                yield AdminContext(store, storage)
            finally:
                storage.close()
    finally:
        await store.aclose()
