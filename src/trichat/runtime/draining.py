"""Who fans out what was taken in of a room's stream, and when.

A room's actor drains in its own step where nothing is in the way, so that a commit costs no switch
of tasks; otherwise the feed's own task does. Nobody else drains: sessions and requests are
cancelled, and would hold up all rooms.
"""

from collections.abc import Awaitable, Callable

import trio

from trichat.runtime.delivery import Delivery
from trichat.runtime.intake import Intake
from trichat.runtime.missing import Missing


class Draining:
    """start: begins a task of the feed. ended: called when such a task ends."""

    __slots__ = (
        "_called", "_delivery", "_ended", "_finishing", "_intake", "_meanwhile_begun", "_missing",
        "_space", "_start", "_work_begun",
    )  # fmt: skip

    def __init__(
        self,
        delivery: Delivery,
        intake: Intake,
        missing: Missing,
        start: Callable[[Callable[[], Awaitable[None]]], None],
        ended: Callable[[], None],
    ) -> None:
        self._delivery = delivery
        self._intake = intake
        self._missing = missing
        self._start = start
        self._ended = ended
        self._work_begun = self._meanwhile_begun = self._finishing = False
        self._called: trio.Event | None = None  # of the feed's task, while it waits
        self._space: trio.Event | None = None

    # -- how much there is

    @property
    def busy(self) -> bool:
        """Whether anything is still to be delivered, or may be."""
        begun = self._work_begun or self._meanwhile_begun
        return self._has_work or begun or self._delivery.draining

    @property
    def is_full(self) -> bool:
        """Whether as much waits as may, to be delivered or behind a gap."""
        return self._delivery.is_full or self._intake.is_full

    async def space(self) -> None:
        """Wait while it is full."""
        while self.is_full and not self._finishing:
            if self._space is None:
                self._space = trio.Event()
            await self._space.wait()

    @property
    def _has_work(self) -> bool:
        return not self._delivery.is_empty or self._missing.in_doubt

    # -- draining

    async def drain(self) -> bool:
        """Fan out what was taken in; for the room's actor. Returns whether all of it is delivered.
        Where somebody drains already, or the log has to be read before some of it, the feed's own
        task sees to that.
        """
        if self._delivery.draining:
            self.wake()
            return False
        try:
            await self._delivery.drain()
        except BaseException:
            self.wake()
            raise
        if self._missing.in_doubt:
            self.wake()
            return False
        return True

    def wake(self) -> None:
        """Have the feed's own task do what is to be done, if anything is."""
        if self._called is not None:
            self._called.set()
        elif self._delivery.draining:
            return
        elif not self._work_begun:
            if self._has_work:
                self._work_begun = True
                self._start(self._work)
        elif self._missing.reading and not self._meanwhile_begun and not self._delivery.is_empty:
            self._meanwhile_begun = True
            self._start(self._drain_meanwhile)

    def finish(self) -> None:
        """The server ends: what cannot be read is given up."""
        self._finishing = True
        self.wake()
        if self._space is not None:
            self._space.set()

    # -- the feed's own task

    async def _work(self) -> None:
        try:
            while not self._delivery.draining:  # else the room's actor does, and wakes us
                if not self._delivery.is_empty:
                    await self._delivery.drain()
                elif not self._missing.in_doubt or self._missing.committing:
                    break  # what would be read may be the actor's, and the answer goes before that
                elif trio.current_time() < self._missing.retry_at and not self._finishing:
                    await self._until_called(self._missing.retry_at)
                else:
                    await self._missing.repair(finishing=self._finishing)
                self._make_space()
        finally:
            self._work_begun = False
            self._ended()

    async def _drain_meanwhile(self) -> None:
        """The log is being read, which may take long: what is there already waits for nothing."""
        try:
            await self.drain()
            self._make_space()
        finally:
            self._meanwhile_begun = False
            self._ended()

    async def _until_called(self, deadline: float) -> None:
        self._called = trio.Event()
        try:
            with trio.move_on_at(deadline):
                await self._called.wait()
        finally:
            self._called = None

    def _make_space(self) -> None:
        if self._space is not None and not self.is_full:
            self._space.set()
            self._space = None
