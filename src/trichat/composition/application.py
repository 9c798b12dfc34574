"""The ASGI application opens the server as its lifespan begins, and closes it as that ends."""

import logging
import os
import signal
from collections.abc import Awaitable, Callable
from math import inf
from typing import Any

import trio
from attrs import evolve
from quart_trio import QuartTrio

from trichat.composition.server import open_server
from trichat.runtime.server import Runtime
from trichat.settings import Settings
from trichat.wire.handshake import GRACE

_log = logging.getLogger(__name__)


def within_grace(settings: Settings, grace: float) -> Settings:
    """Shorten the drain to the seconds that Hypercorn lets a shutdown take, which are 3 by default.
    Sessions would be cut off else while they answer what is in flight.
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


async def _nothing() -> None:
    pass


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

        async def send_on(message: Any) -> None:
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
                await self._app(scope, next_message, send_on)
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
