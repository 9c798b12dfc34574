"""A real Hypercorn worker on a free port, ours or stock."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import hypercorn.protocol.h11 as h11
import hypercorn.trio.run
import trio
from attrs import define, field
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.utils import wrap_app

from tests.wire.client import Client, connected
from tests.wire.tls import identity, trusting
from trichat.worker import WorkerLimits, install

App = Callable[[Any, Any, Any], Awaitable[None]]

_STOCK = (TCPServer, WorkerContext, h11.H11WSConnection)


@define
class Served:
    """stop: set it to shut the worker down. stopped: set when it has ended."""

    tls: ssl.SSLContext | None
    port: int = 0
    stop: trio.Event = field(factory=trio.Event)
    stopped: trio.Event = field(factory=trio.Event)

    def client(self, receive_buffer: int | None = None) -> AbstractAsyncContextManager[Client]:
        return connected(self.port, self.tls, receive_buffer)


def use_stock() -> None:
    """Undo install(), to show a fault."""
    run: Any = hypercorn.trio.run
    run.trio = trio
    run.TCPServer, run.WorkerContext, cast(Any, h11).H11WSConnection = _STOCK


@asynccontextmanager
async def serving(
    app: App,
    *,
    tls: bool = False,
    stock: bool = False,
    limits: WorkerLimits | None = None,
    **settings: object,
) -> AsyncIterator[Served]:
    """Serve app; settings are Hypercorn's. At the end the worker is shut down, then cancelled."""
    use_stock() if stock else install(limits)
    config = Config.from_mapping({"bind": ["127.0.0.1:0"], "graceful_timeout": 1.0, **settings})
    served = Served(trusting() if tls else None)

    async def serve(task_status: trio.TaskStatus[list[str]]) -> None:
        await hypercorn.trio.run.worker_serve(
            wrap_app(app, 65536, "asgi"),
            config,
            shutdown_trigger=served.stop.wait,
            task_status=task_status,
        )
        served.stopped.set()

    with identity().private_key_and_cert_chain_pem.tempfile() as pem:
        if tls:
            config.certfile = config.keyfile = pem
        async with trio.open_nursery() as nursery:
            binds = await nursery.start(serve)
            served.port = int(binds[0].rpartition(":")[2])
            try:
                yield served
            finally:
                served.stop.set()
                install()
