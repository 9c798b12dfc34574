"""`trichat serve` is one process, Hypercorn's Trio worker made safe, and an orderly end."""

import logging
import signal
from functools import partial

import trio
from hypercorn.trio import serve as hypercorn_serve
from quart_trio import QuartTrio

from trichat import garbage, worker
from trichat.cli.listening import Listening
from trichat.composition.server import open_server
from trichat.logevents import LogEvent, log_event
from trichat.runtime.server import Runtime
from trichat.settings import Server, Settings
from trichat.settings.hosts import socket_path
from trichat.worker.hangup import heed_hangups
from trichat.worker.watchdog import BEYOND

# Seconds that a second signal leaves to what is ending.
GRACE_OF_A_SECOND_SIGNAL = 2.0


def hypercorn_config(settings: Settings) -> Listening:
    """Return what of our settings Hypercorn has to keep."""
    server, limits = settings.server, settings.limits
    config = Listening(settings)
    config.bind = [_bind(server)]
    config.mode = int(server.socket_mode, 8)
    config.backlog = server.backlog
    config.graceful_timeout = server.graceful_timeout
    config.shutdown_timeout = server.graceful_timeout + server.drain_deadline
    config.certfile = server.certfile or None
    config.keyfile = server.keyfile or None
    config.h11_max_incomplete_size = limits.header_bytes
    config.ssl_handshake_timeout = limits.handshake
    config.websocket_max_message_size = limits.frame_bytes
    config.include_server_header = False
    # No access log: its lines would hold ?token= (all-5).
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.errorlog.setLevel(logging.WARNING)  # where it listens is logged once, by us
    return config


def _bind(server: Server) -> str:
    """Return the address as Hypercorn writes it."""
    if socket_path(server.host) is not None:
        return server.host
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{host}:{server.port}"


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    A second signal ends it at once, and what takes too long to end is cut short, with exit code 1
    and a line in the log. Raises, in groups, what keeps it from starting: UnusableError,
    DataDirectoryError, WeakSecretError, SigningKeyError, ProviderKeysError, StoreError, OSError.
    """
    worker.install(worker.WorkerLimits.of(settings))
    worker.check()
    garbage.settle()
    with hypercorn_config(settings) as config:
        await _run(settings, config)


async def _run(settings: Settings, config: Listening) -> None:
    ending = _Ending(settings.server)
    async with trio.open_nursery() as nursery:
        await nursery.start(ending.watch_signals)  # from the start on to the very end
        await nursery.start(heed_hangups)
        try:
            async with open_server(settings) as (runtime, app):
                worker.install(worker.WorkerLimits.of(settings, runtime.metrics.turned_away))
                worker.descriptors.settle(settings.limits.connections)
                ending.runtime = runtime
                with ending.serving:
                    await _serve(settings, config, runtime, app, ending.asked)
        finally:
            ending.last_resort.off()
        nursery.cancel_scope.cancel()


async def _serve(
    settings: Settings, config: Listening, runtime: Runtime, app: QuartTrio, asked: trio.Event
) -> None:
    async def drained() -> None:
        await asked.wait()
        until = trio.current_time() + settings.server.drain_notice + config.graceful_timeout
        await runtime.retire()
        # What the drain has left of the whole: Hypercorn grants it from now on.
        config.graceful_timeout = max(0.0, until - trio.current_time())

    serve = partial(hypercorn_serve, app, config, shutdown_trigger=drained, mode="asgi")
    async with trio.open_nursery() as nursery:
        binds = await nursery.start(serve)
        print(f"Listening on {', '.join(binds)}, storing in {settings.server.data}", flush=True)


class _Ending:
    """What signals ask for.

    asked: that it ends in order; serving: cancelled, it ends at once.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.runtime: Runtime | None = None
        self.asked = trio.Event()
        self.serving = trio.CancelScope()
        self.last_resort = worker.Watchdog(self._unfinished)

    async def watch_signals(
        self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Do what signals ask for until cancelled."""
        server = self._server
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            task_status.started()
            async for number in signals:
                name = signal.Signals(number).name
                log_event(LogEvent.STOPPING, why=name)
                if self.asked.is_set():
                    self.serving.cancel()
                    self.last_resort.within(GRACE_OF_A_SECOND_SIGNAL, f"a second signal, {name}")
                else:
                    self.asked.set()
                    whole = server.drain_notice + server.graceful_timeout
                    self.last_resort.within(whole + BEYOND, name)

    def _unfinished(self) -> str:
        return "the start" if self.runtime is None else self.runtime.unfinished()
