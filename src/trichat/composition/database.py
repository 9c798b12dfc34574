"""The settings say where the store is, and how it is opened."""

import logging

from trichat.settings import Settings
from trichat.store.health import StoreHealth
from trichat.store.sqlite import SqliteStore

_log = logging.getLogger(__name__)


async def open_store(settings: Settings, health: StoreHealth) -> SqliteStore:
    """Open the store of a server: SQLite's file, or a copy of it in memory. Raises StoreError.

    condition: keeps what is known of whether the store works.
    """
    storage = settings.storage
    if storage.memory:
        _log.warning("storage.memory is on: what is said is lost when the server ends")
        return SqliteStore.in_memory(
            settings.database, hide_addresses=settings.auth.hide_addresses, health=health
        )
    return await SqliteStore.open(
        settings.database,
        readers=storage.readers,
        check=True,
        keep=storage.copy_before_migration,
        hide_addresses=settings.auth.hide_addresses,
        health=health,
    )


async def open_store_beside(settings: Settings) -> SqliteStore:
    """Open the store for a command, beside a server or without one. Raises StoreError."""
    return await SqliteStore.open(
        settings.database, readers=1, keep=settings.storage.copy_before_migration
    )
