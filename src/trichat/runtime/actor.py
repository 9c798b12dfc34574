"""An actor: an inbox, one task that empties it, and an end when nothing comes any more.

The task takes what has arrived as one batch. What it does with a batch is its owner's; an
exception there ends neither the task nor the inbox.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import trio

M = TypeVar("M")
_log = logging.getLogger(__name__)


class Actor(Generic[M]):
    """work: called with one batch at a time, in order; it contains its own failures.

    capacity: messages the inbox holds; a sender waits for space. idle: seconds without a message
    after which `on_idle` forgets the actor and says so: in one step with that `run` returns. Where
    it says no, `work` gets an empty batch and the wait begins anew.

    The inbox is a list that the task takes whole, and waiting for it sets no timer: both are done
    once for every batch, which is once for every message where people talk in turn.
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
        self._capacity = capacity
        self._idle = idle
        self._inbox: list[M] = []
        self._senders = trio.lowlevel.ParkingLot()
        self._promised = 0  # places in the inbox for senders that were woken
        self._waiting: trio.lowlevel.Task | None = None
        self._idle_since = 0.0
        self._finished = False
        self._gone = False

    # -- sending

    def offer(self, message: M) -> bool:
        """Enqueue at once; False when the inbox is full. Raises trio.ClosedResourceError when the
        actor is finished, trio.BrokenResourceError when it has ended.
        """
        self._check()
        if self._promised + len(self._inbox) >= self._capacity:
            return False
        self._enqueue(message)
        return True

    async def send(self, message: M) -> None:
        """Enqueue, waiting for space. An actor with a waiting sender does not unload."""
        await trio.lowlevel.checkpoint()
        if self.offer(message):
            return
        await self._senders.park()
        self._promised -= 1
        self._check()
        self._enqueue(message)

    def _check(self) -> None:
        if self._finished:
            raise trio.ClosedResourceError
        if self._gone:
            raise trio.BrokenResourceError

    def _enqueue(self, message: M) -> None:
        self._inbox.append(message)
        self._wake()

    def finish(self) -> None:
        """No more messages; `run` returns when it has worked off what is there."""
        self._finished = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None:
            trio.lowlevel.reschedule(self._waiting)
            self._waiting = None

    # -- its tasks

    async def run(self) -> None:
        """Until idle or finished. Behind its end nothing can be sent to it."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._watch_idleness)
                await self._run()
                nursery.cancel_scope.cancel()
        finally:
            self._gone = True
            self._call_senders(len(self._senders))

    async def _run(self) -> None:
        while await self._has_work():
            batch, self._inbox = self._inbox, []
            self._call_senders(min(len(self._senders), self._capacity - self._promised))
            await self._contained(batch)

    async def _has_work(self) -> bool:
        """Wait for it. False: this was the end. It may be an empty batch: a chance to catch up."""
        self._idle_since = trio.current_time()
        while not self._inbox:
            if self._finished and not self._promised:
                return False
            await self._wait()
            if not (self._inbox or self._promised or self._finished):
                return not self._unloads()
        return True

    async def _wait(self) -> None:
        """Until a message comes, or the actor is finished or idle."""
        self._waiting = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._cancelled)

    def _cancelled(self, _: object) -> trio.lowlevel.Abort:
        self._waiting = None
        return trio.lowlevel.Abort.SUCCEEDED

    def _call_senders(self, count: int) -> None:
        self._promised += count
        self._senders.unpark(count=count)

    async def _contained(self, batch: list[M]) -> None:
        try:
            await self._work(batch)
        except Exception:
            _log.exception("a batch of %d was not worked off", len(batch))

    async def _watch_idleness(self) -> None:
        until = self._idle_since + self._idle
        while True:
            await trio.sleep_until(until)
            until = self._idle_since + self._idle
            if until <= trio.current_time():
                until = trio.current_time() + self._idle
                self._wake()

    def _unloads(self) -> bool:
        """One synchronous step: inbox empty, forgotten, gone."""
        self._gone = self._on_idle()
        return self._gone
