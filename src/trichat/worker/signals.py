"""The fault: SIGTERM kills a worker process at once.

Hypercorn's parent process translates the signal for its workers, but leaves them its default
action: a signal to the whole process group (systemd's way), and the parent's own terminate() of
those still draining when the first has ended, cut every connection. With `workers = 0` nobody
listens at all. The cure makes SIGTERM set the worker's terminate event.
"""

import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import cast

import trio
from hypercorn.trio.worker_context import EventWrapper, WorkerContext

from trichat.worker.recycling import Terminated


class SignalledContext(WorkerContext):
    """Set as `hypercorn.trio.run.WorkerContext` by install(); made once per worker."""

    def __init__(self, max_requests: int | None) -> None:
        super().__init__(max_requests)
        self.terminated = Terminated()
        # Whoever has a handler of his own (trichat serve, a test) knows better.
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        ):
            _end_on_sigterm(cast(EventWrapper, self.terminate)._event)


def _end_on_sigterm(terminate: trio.Event) -> None:
    token = trio.lowlevel.current_trio_token()

    def on_signal(number: int, frame: FrameType | None) -> None:
        with suppress(trio.RunFinishedError):
            token.run_sync_soon(terminate.set)
            return
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    signal.signal(signal.SIGTERM, on_signal)
