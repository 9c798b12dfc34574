"""`trichat serve`: one process, Hypercorn's Trio worker made safe, and an orderly end."""

import logging
import signal
from functools import partial

import trio
from hypercorn.config import Config
from hypercorn.trio import serve as hypercorn_serve
from quart_trio import QuartTrio

from trichat import garbage, worker
from trichat.runtime.server import Runtime
from trichat.settings import Settings
from trichat.web.app import open_server


def hypercorn_config(settings: Settings) -> Config:
    """What of our settings is Hypercorn's to keep."""
    server, limits = settings.server, settings.limits
    config = Config()
    config.bind = [f"{_bracketed(server.host)}:{server.port}"]
    config.backlog = server.backlog
    config.graceful_timeout = server.graceful_timeout
    config.shutdown_timeout = server.graceful_timeout + server.drain_deadline
    config.certfile = server.certfile or None
    config.keyfile = server.keyfile or None
    config.h11_max_incomplete_size = limits.header_bytes
    # HTTP/2 counts 32 bytes more for each field; whole heads are measured alike, with an answer.
    config.h2_max_header_list_size = 4 * limits.header_bytes
    config.ssl_handshake_timeout = limits.handshake
    config.websocket_max_message_size = limits.frame_bytes
    config.include_server_header = False
    # No access log: its lines would hold ?token= (all-5).
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.errorlog.setLevel(logging.WARNING)  # where it listens is told once, by us
    return config


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C. A second one ends it at once.

    Raises, in groups, what keeps it from starting: DataDirectoryError, WeakSecretError,
    SigningKeyError, StoreError, OSError.
    """
    worker.install(worker.WorkerLimits.of(settings))
    worker.check()
    garbage.settle()
    async with trio.open_nursery() as nursery:
        stop, serving = trio.Event(), trio.CancelScope()
        await nursery.start(_watch_signals, stop, serving)  # from the start on to the very end
        async with open_server(settings) as (runtime, app):
            worker.install(worker.WorkerLimits.of(settings, runtime.metrics.turned_away))
            with serving:
                await _serve(settings, runtime, app, stop)
        nursery.cancel_scope.cancel()


async def _serve(settings: Settings, runtime: Runtime, app: QuartTrio, stop: trio.Event) -> None:
    async def drained() -> None:
        await stop.wait()
        await runtime.drain()

    serve = partial(
        hypercorn_serve,
        app,
        hypercorn_config(settings),
        shutdown_trigger=drained,
        mode="asgi",
    )
    async with trio.open_nursery() as nursery:
        binds = await nursery.start(serve)
        print(f"Listening on {', '.join(binds)}, storing in {settings.server.data}", flush=True)


async def _watch_signals(
    stop: trio.Event,
    serving: trio.CancelScope,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            if stop.is_set():
                serving.cancel()
            stop.set()
