"""The store that the settings describe."""

import logging

from trichat.settings import Settings
from trichat.store.sqlite import SqliteStore

_log = logging.getLogger(__name__)


async def open_store(settings: Settings) -> SqliteStore:
    """The store of a server: SQLite's file, or a copy of it in memory. Raises StoreError."""
    storage = settings.storage
    if storage.memory:
        _log.warning("storage.memory is on: what is said is lost when the server ends")
        return SqliteStore.in_memory(settings.database, hide_addresses=settings.auth.hide_addresses)
    return await SqliteStore.open(
        settings.database,
        readers=storage.readers,
        check=True,
        keep=storage.copy_before_migration,
        hide_addresses=settings.auth.hide_addresses,
    )
