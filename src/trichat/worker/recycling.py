"""The fault: keep-alive timeouts never fire, and `Connection: close` does not close.

Stock times an idle connection in a task of its own. Quart-Trio cancels its request's nursery when
it hears `http.disconnect`, and Hypercorn says that just before it makes the connection ready for
the next request: it is cancelled while it waits for that task to begin. The cure needs no task: to
be idle is a deadline of the reading, set and taken back without a checkpoint. (Closing has no
checkpoint either.)
"""

from typing import cast

import trio
from hypercorn.trio.worker_context import EventWrapper, WorkerContext


class Terminated(EventWrapper):
    """The worker's word that it listens no more, which ends whatever is idle."""

    def __init__(self) -> None:
        super().__init__()
        self.idle: set[trio.CancelScope] = set()

    async def set(self) -> None:
        await super().set()
        for reading in self.idle:
            reading.cancel()


class Idleness:
    """The deadline of one connection's reading. reading: the scope that it ends."""

    def __init__(self, reading: trio.CancelScope, context: WorkerContext) -> None:
        self._reading = reading
        self._terminated = cast(Terminated, context.terminated)
        self.lasts = False

    def begin(self, until: float) -> None:
        """Begin to wait for the next request, until then or until the worker ends.

        The time is of Trio's clock.
        """
        self.lasts = True
        self._reading.deadline = until
        self._terminated.idle.add(self._reading)
        if self._terminated.is_set():
            self._reading.cancel()

    def within(self, seconds: float) -> None:
        """Wait for what has begun no longer than so many seconds from the first call on."""
        if self.lasts:
            self._reading.deadline = min(self._reading.deadline, trio.current_time() + seconds)

    def end(self) -> None:
        """Stop waiting: a request is under way, or there will be none."""
        self.lasts = False
        self._reading.deadline = float("inf")
        self._terminated.idle.discard(self._reading)
