"""An actor: an inbox, one task that empties it, and an end when nothing comes any more.

The task takes what has arrived as one batch. What it does with a batch is its owner's; an
exception there ends neither the task nor the inbox.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import trio

from trichat.runtime.timerqueue import TimerQueue

M = TypeVar("M")
_log = logging.getLogger(__name__)


class Actor(Generic[M]):
    """work: called with one batch at a time, in order; it contains its own failures.

    capacity: messages the inbox holds; a sender waits for space. idle: seconds without a message
    after which `on_idle` forgets the actor and says so: in one step with that `run` returns. Where
    it says no, `work` gets an empty batch and the wait begins anew.

    timers put None into the inbox when the time is over: a deadline of the wait itself would
    be set and moved for every batch.
    """

    def __init__(
        self,
        work: Callable[[list[M]], Awaitable[None]],
        on_idle: Callable[[], bool],
        timers: TimerQueue,
        *,
        capacity: int,
        idle: float,
    ) -> None:
        self._work = work
        self._on_idle = on_idle
        self._timers = timers
        self._idle = idle
        self._batch = capacity
        self._send, self._receive = trio.open_memory_channel[M | None](capacity)
        self._at_work = False
        self._idle_since = 0.0

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

    def end_if_idle(self) -> bool:
        """End at once, forgotten as after a long wait; False if there is anything to do."""
        waiting = self._receive.statistics()
        if self._at_work or not waiting.tasks_waiting_receive or not self._unloads():
            return False
        self.finish()
        return True

    async def run(self) -> None:
        """Until idle or finished. Behind its end nothing can be sent to it."""
        self._idle_since = trio.current_time()
        timer = self._timers.begin(self)
        try:
            with self._receive:
                await self._run()
        finally:
            timer.stop()

    async def _run(self) -> None:
        async for first in self._receive:
            batch = [] if first is None else [first]
            self._take_arrived(batch)
            if not batch and self._unloads():
                return
            self._at_work = True
            await self._contained(batch)  # empty: a chance to catch up
            self._at_work = False
            self._idle_since = trio.current_time()

    def _take_arrived(self, batch: list[M]) -> None:
        while len(batch) < self._batch:
            try:
                message = self._receive.receive_nowait()
            except (trio.WouldBlock, trio.EndOfChannel):
                return
            if message is not None:
                batch.append(message)

    async def _contained(self, batch: list[M]) -> None:
        try:
            await self._work(batch)
        except Exception:
            _log.exception("a batch of %d was not worked off", len(batch))

    def look(self, now: float) -> float:
        """Whether it has been idle for long enough; for the timers."""
        until = self._idle_since + self._idle
        if self._at_work or until <= now:
            until = now + self._idle
            if not self._at_work:
                with suppress(trio.WouldBlock, trio.ClosedResourceError):
                    self._send.send_nowait(None)
        return until

    def _unloads(self) -> bool:
        """One synchronous step: inbox empty, forgotten, gone."""
        waiting = self._receive.statistics()
        if waiting.current_buffer_used or waiting.tasks_waiting_send:
            return False
        return self._on_idle()
