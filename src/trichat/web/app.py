"""The Quart app over one runtime, and the ASGI application that opens and closes it."""

import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from typing import Any

import trio
from attrs import evolve
from quart_trio import QuartTrio

from trichat import build
from trichat.auth.configured import make_provider
from trichat.auth.passwords import Passwords
from trichat.auth.signing import SigningKeys, new_key
from trichat.auth.signingkey import configured_keys, load
from trichat.auth.tokens import Tokens
from trichat.commandlog import tell_noted
from trichat.datadir import DataDirectory
from trichat.logevents import LogEvent, log_event
from trichat.runtime.server import Runtime, open_runtime
from trichat.runtime.signing import PERIOD, Signing, first_keys
from trichat.settings import Settings
from trichat.store.sqlite import SqliteStore
from trichat.web import asyncapi, ops, plainhttp, rest
from trichat.web.anyhost import App
from trichat.web.endpoints import Endpoints
from trichat.web.sockets import Doors, add_routes
from trichat.wire.handshake import GRACE

_log = logging.getLogger(__name__)


def create_app(runtime: Runtime, endpoints: Endpoints, nursery: trio.Nursery) -> QuartTrio:
    """REST, the five endpoints as routes, and the wrapper that takes connections."""
    app = App("trichat", static_folder=None)
    dialects = [dialect.name for dialect in endpoints.dialects]
    others = (*ops.routes(runtime, dialects), *asyncapi.routes(endpoints, runtime.addresses))
    plainhttp.install(app, endpoints, runtime.addresses)
    rest.register(app, runtime, others)
    ops.install(app, runtime, dialects)
    add_routes(app, runtime, endpoints)
    app.asgi_app = Doors(runtime, endpoints, app.asgi_app, nursery)  # type: ignore[method-assign]
    return app


def keys_of_settings(settings: Settings) -> SigningKeys | None:
    """Those that sign in place of a key file, if there are any. Raises WeakSecretError."""
    auth = settings.auth
    return configured_keys(auth.secret.get_secret_value(), auth.former_secret.get_secret_value())


def make_tokens(settings: Settings, keys: SigningKeys) -> Tokens:
    """As the operator set them."""
    auth = settings.auth
    return Tokens(
        keys,
        lifetime=auth.token_lifetime,
        leeway=auth.leeway,
        issuer=auth.issuer or None,
        audience=auth.audience or None,
    )


def make_passwords(settings: Settings) -> Passwords:
    """Argon2id as the operator set it."""
    auth = settings.auth
    return Passwords(
        auth.password_threads,
        queue=auth.password_queue,
        share=auth.password_queue_per_address,
        shortest=auth.password_length,
        time_cost=auth.argon2_time,
        memory_cost=auth.argon2_memory,
        parallelism=auth.argon2_parallelism,
    )


def within_grace(settings: Settings, grace: float) -> Settings:
    """The drain shortened to the time that Hypercorn lets a shutdown take, in seconds: 3 by
    default. Sessions would be cut off else while they answer what is in flight.
    """
    server = settings.server
    if grace >= server.drain_deadline:
        return settings
    deadline = grace * 0.8
    _log.warning(
        "graceful_timeout of Hypercorn is %g s: connections are drained in %g s in place of "
        "the %g s of server.drain_deadline",
        grace, deadline, server.drain_deadline,
    )  # fmt: skip
    spread = min(server.drain_spread, deadline)
    return evolve(settings, server=evolve(server, drain_deadline=deadline, drain_spread=spread))


async def _open_store(settings: Settings) -> SqliteStore:
    if settings.storage.memory:
        _log.warning("storage.memory is on: what is said is lost when the server ends")
        return SqliteStore.in_memory(settings.database, hide_addresses=settings.auth.hide_addresses)
    storage = settings.storage
    return await SqliteStore.open(
        settings.database,
        readers=storage.readers,
        check=True,
        keep=storage.copy_before_migration,
        hide_addresses=settings.auth.hide_addresses,
    )


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[tuple[Runtime, QuartTrio]]:
    """Everything, from the lock of the data directory on; closed in the reverse order.

    Raises DataDirectoryError, WeakSecretError, SigningKeyError, ProviderKeysError or StoreError.
    """
    endpoints, data = Endpoints(settings), settings.server.data
    with DataDirectory(data):
        own = keys_of_settings(settings)
        keys = own or load(data)
        tokens = make_tokens(settings, keys or SigningKeys(new_key()))
        provider = make_provider(settings.identity, tokens)
        store = await _open_store(settings)
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
            nursery.start_soon(tell_noted, settings.server.data)
            app = create_app(runtime, endpoints, nursery)
            log_event(
                LogEvent.STARTED, version=build.VERSION, python=build.PYTHON, commit=build.commit()
            )
            yield runtime, app
            with trio.move_on_after(PERIOD):  # what was taken away since the last look
                await signing.look()
            nursery.cancel_scope.cancel()
    log_event(LogEvent.STOPPED)


async def _nothing() -> None:
    pass


async def _first_keys(store: SqliteStore, data: Path, tokens: Tokens) -> SigningKeys:
    try:
        keys = await first_keys(store, data, tokens.now())
    except BaseException:
        await store.aclose()
        raise
    tokens.use(keys)
    return keys


class Application:
    """The ASGI application: its lifespan is the runtime's.

    beside: a task that runs for as long, from before the start on. words: says why a start failed.
    """

    def __init__(
        self,
        load: Callable[[], Settings],
        *,
        beside: Callable[[], Awaitable[None]] = _nothing,
        words: Callable[[BaseException], str] = str,
    ) -> None:
        self._load = load
        self._beside = beside
        self._words = words
        self._app: QuartTrio | None = None
        self.runtime: Runtime | None = None
        self.grace = inf  # seconds that the server lets a shutdown take

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._beside)
                await self._lifespan(scope, receive, send)
                nursery.cancel_scope.cancel()
        elif self._app is None:
            raise RuntimeError("trichat needs a server that runs the ASGI lifespan")
        else:
            await self._app(scope, receive, send)

    async def _lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        """Quart's own lifespan within ours; its last word waits until the store is closed."""
        startup = [await receive()]
        complete: list[Any] = []
        started = False

        async def next_message() -> Any:
            return startup.pop() if startup else await receive()

        async def tell(message: Any) -> None:
            nonlocal started
            if message["type"] == "lifespan.shutdown.complete":
                complete.append(message)
            else:
                started = True
                await send(message)

        try:
            self.grace = scope.get("state", {}).get(GRACE, inf)
            settings = within_grace(self._load(), self.grace)
            async with open_server(settings) as (self.runtime, self._app):
                await self._app(scope, next_message, tell)
        except Exception as error:
            why = self._words(error)
            _log.critical("trichat %s: %s", "failed" if started else "cannot start", why)
            if started:
                _log.exception("the runtime failed")
                self._die()
            await send({"type": "lifespan.startup.failed", "message": why})
            return
        for message in complete:
            await send(message)

    def _die(self) -> None:
        """Without a runtime the process is of no use: it ends, so that somebody starts it anew."""
        os.kill(os.getpid(), signal.SIGTERM)
