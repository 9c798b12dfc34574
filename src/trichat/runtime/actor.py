"""An actor: an inbox, one task that empties it, and an end when nothing comes any more.

The task takes what has arrived as one batch. What it does with a batch is its owner's; an
exception there ends neither the task nor the inbox.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf
from typing import Generic, TypeVar

import trio

M = TypeVar("M")
_log = logging.getLogger(__name__)


class Actor(Generic[M]):
    """work: called with one batch at a time, in order; it contains its own failures.

    capacity: messages the inbox holds; a sender waits for space. idle: seconds without a message
    after which `on_idle` forgets the actor and says so: in one step with that `run` returns. Where
    it says no, `work` gets an empty batch and the wait begins anew.
    """

    def __init__(
        self,
        work: Callable[[list[M]], Awaitable[None]],
        on_idle: Callable[[], bool],
        *,
        capacity: int,
        idle: float,
    ) -> None:
        self._work = work
        self._on_idle = on_idle
        self._idle = idle
        self._batch = capacity
        self._send, self._receive = trio.open_memory_channel[M](capacity)

    def offer(self, message: M) -> bool:
        """Enqueue at once; False when the inbox is full."""
        try:
            self._send.send_nowait(message)
        except trio.WouldBlock:
            return False
        return True

    async def send(self, message: M) -> None:
        """Enqueue, waiting for space. An actor with a waiting sender does not unload."""
        await self._send.send(message)

    def finish(self) -> None:
        """No more messages; `run` returns when it has worked off what is there."""
        self._send.close()

    async def run(self) -> None:
        """Until idle or finished. Behind its end nothing can be sent to it."""
        with self._receive:
            await self._run()

    async def _run(self) -> None:
        with suppress(trio.EndOfChannel):
            while True:
                batch: list[M] = []
                with trio.CancelScope() as waiting:
                    await self._work_while(waiting, batch)
                if not batch and self._unloads():
                    return
                await self._contained(batch)  # empty: a chance to catch up

    async def _work_while(self, waiting: trio.CancelScope, late: list[M]) -> None:
        """Batch after batch until none comes for `idle` seconds, with a timer that is moved: that
        is cheaper than one made anew for every batch. A message at the very moment the timer ends
        is left in `late`, for the timer's scope would cancel the work on it.
        """
        while True:
            waiting.deadline = trio.current_time() + self._idle
            batch = [await self._receive.receive()]
            waiting.deadline = inf
            self._take_arrived(batch)
            if waiting.cancel_called:
                late += batch
                return
            await self._contained(batch)

    def _take_arrived(self, batch: list[M]) -> None:
        while len(batch) < self._batch:
            try:
                batch.append(self._receive.receive_nowait())
            except (trio.WouldBlock, trio.EndOfChannel):
                return

    async def _contained(self, batch: list[M]) -> None:
        try:
            await self._work(batch)
        except Exception:
            _log.exception("a batch of %d was not worked off", len(batch))

    def _unloads(self) -> bool:
        """One synchronous step: inbox empty, forgotten, gone."""
        waiting = self._receive.statistics()
        if waiting.current_buffer_used or waiting.tasks_waiting_send:
            return False
        return self._on_idle()
