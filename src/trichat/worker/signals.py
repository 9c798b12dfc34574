"""The fault: SIGTERM kills a worker process at once.

Hypercorn's parent process translates the signal for its workers, but leaves them its default
action: a signal to the whole process group (systemd's way), and the parent's own terminate() of
those still draining when the first has ended, cut every connection. With `workers = 0` nobody
listens at all. The cure makes SIGTERM set the worker's terminate event.

And with `workers = 0` Ctrl-C is raised as KeyboardInterrupt wherever the code happens to be, in the
middle of a session too. The cure makes the first one end the listening.
"""

import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, cast

import hypercorn.trio.run
import trio
from hypercorn.trio.worker_context import EventWrapper, WorkerContext

from trichat.worker.localsockets import places
from trichat.worker.recycling import Terminated
from trichat.worker.server import Server


class SignalledContext(WorkerContext):
    """Hypercorn's WorkerContext, made once per worker, which install() replaces with this one."""

    def __init__(self, max_requests: int | None) -> None:
        super().__init__(max_requests)
        self.terminated = _Telling()
        # Whoever has a handler of their own (trichat serve, a test) knows better.
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        ):
            _end_on_sigterm(cast(EventWrapper, self.terminate)._event)


class _Telling(Terminated):
    async def set(self) -> None:
        await super().set()
        Server.limits.on_terminated()


_stock: Any = hypercorn.trio.run.worker_serve


async def worker_serve(*args: Any, **options: Any) -> None:
    """Set in hypercorn.trio.run by install(), where only the command `hypercorn` looks it up."""
    alone = options.get("shutdown_trigger") is None  # workers = 0: else a parent heeds Ctrl-C
    if alone:
        options["shutdown_trigger"] = _interrupted
    sockets = options.get("sockets")
    files = places(sockets.insecure_sockets + sockets.secure_sockets) if alone and sockets else []
    try:
        await _stock(*args, **options)
    finally:
        for file in files:
            file.remove()


async def _interrupted() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        await trio.sleep_forever()
    with trio.open_signal_receiver(signal.SIGINT) as signals:
        await anext(aiter(signals))


def _end_on_sigterm(terminate: trio.Event) -> None:
    token = trio.lowlevel.current_trio_token()

    def on_signal(number: int, frame: FrameType | None) -> None:
        with suppress(trio.RunFinishedError):
            token.run_sync_soon(terminate.set)
            return
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    signal.signal(signal.SIGTERM, on_signal)
