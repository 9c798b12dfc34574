"""Commands work on a database of the newest schema, and do not migrate one that a server holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from trichat.datadir import DataDirectory, DataDirectoryInUseError
from trichat.store.sqlite.migrate import newest
from trichat.store.sqlite.upgrading import schema_of

# Seconds for which a server that is starting is waited for: it makes the tables itself.
PATIENCE = 5.0


class RefusedError(Exception):
    """The command was not done. The text says why, for the operator."""


@asynccontextmanager
async def held_to_migrate(data: Path, database: Path) -> AsyncIterator[None]:
    """Hold the directory as a server does, while the database is opened, if that may change it.

    Opening migrates a database or makes its tables. Raises RefusedError, DataDirectoryError or
    StoreError; nothing was changed then.
    """
    directory = None
    if schema_of(database) != newest():
        try:
            directory = DataDirectory(data)
        except DataDirectoryInUseError as error:
            await _until_its_server_has_made_it(database, error)
    try:
        yield
    finally:
        if directory is not None:
            directory.close()


async def _until_its_server_has_made_it(database: Path, error: DataDirectoryInUseError) -> None:
    with trio.move_on_after(PATIENCE):
        while schema_of(database) == 0:  # noqa: ASYNC110 - another process makes it
            await trio.sleep(0.05)
    found = schema_of(database)
    if found != newest():
        raise RefusedError(
            f"{error}, and {database} has schema {found}: this trichat works on {newest()} and"
            " migrates none that a server holds; use the one that the server runs on, or restart"
            " the server with this one"
        ) from None
