"""The whole server is one context: here is what it opens, in which order, and how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from quart_trio import QuartTrio

from trichat import build
from trichat.auth.signing import SigningKeys, new_key
from trichat.auth.signingkey import load
from trichat.auth.tokens import Tokens
from trichat.commandlog import log_noted
from trichat.composition.database import open_store
from trichat.composition.identity_provider import make_provider
from trichat.composition.passwords import make_passwords
from trichat.composition.tokens import keys_of_settings, make_tokens
from trichat.datadir import DataDirectory
from trichat.logevents import LogEvent, log_event
from trichat.runtime.firstkeys import first_keys
from trichat.runtime.metrics import Metrics
from trichat.runtime.server import Runtime, open_runtime
from trichat.runtime.signing import LOOK_EVERY, Signing
from trichat.settings import Settings
from trichat.store.health import StoreHealth
from trichat.store.sqlite import SqliteStore
from trichat.web.app import create_app
from trichat.web.endpoints import Endpoints


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[tuple[Runtime, QuartTrio]]:
    """Open everything, from the lock of the data directory on; it is closed in the reverse order.

    Raises DataDirectoryError, WeakSecretError, SigningKeyError, ProviderKeysError or StoreError.
    """
    endpoints, data = Endpoints(settings), settings.server.data
    with DataDirectory(data):
        own = keys_of_settings(settings)
        keys = own or load(data)
        tokens = make_tokens(settings, keys or SigningKeys(new_key()))
        provider = make_provider(settings.identity, tokens)
        metrics = Metrics()
        store = await open_store(settings, StoreHealth(metrics.fault))
        made = keys is None
        if keys is None:
            keys = await _first_keys(store, data, tokens)
        async with (
            open_runtime(
                settings,
                store,
                endpoints.dialects,
                tokens=tokens,
                provider=provider,
                passwords=make_passwords(settings),
                metrics=metrics,
            ) as runtime,
            trio.open_nursery() as nursery,
        ):
            signing = Signing(
                None if own else data, keys, tokens, store, runtime.storage, runtime.connections,
                made=made,
            )  # fmt: skip
            await signing.begin()
            nursery.start_soon(signing.run)
            nursery.start_soon(runtime.metrics.watch_loop)
            nursery.start_soon(log_noted, settings.server.data)
            app = create_app(runtime, endpoints, nursery)
            log_event(
                LogEvent.STARTED, version=build.VERSION, python=build.PYTHON, commit=build.commit()
            )
            yield runtime, app
            with trio.move_on_after(LOOK_EVERY):  # what was taken away since the last look
                await signing.look()
            nursery.cancel_scope.cancel()
    log_event(LogEvent.STOPPED)


async def _first_keys(store: SqliteStore, data: Path, tokens: Tokens) -> SigningKeys:
    try:
        keys = await first_keys(store, data, tokens.now())
    except BaseException:
        await store.aclose()
        raise
    tokens.use(keys)
    return keys
