"""Where a blocking function runs: the one seam between the database and the event loop."""

from collections.abc import Awaitable, Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

import outcome
import trio

T = TypeVar("T")

Then = Callable[[T], object]
_Job = tuple[Callable[[], Any], Then[Any] | None, trio.lowlevel.Task]


class Offload(Protocol):
    """Runs functions for tasks that wait for them."""

    def __call__(self, function: Callable[[], T], then: Then[T] | None = None, /) -> Awaitable[T]:
        """What it returns or raises. Who is cancelled meanwhile hears of that afterwards. then:
        called with what it returns, in Trio's thread and before the caller has their turn.
        """

    def close(self) -> None:
        """Nothing more is run. Whoever waits has been answered."""


class Threads:
    """Threads of its own, which wait for work: cheaper than Trio's, which are handed over through
    a limiter and a cache.

    The queue is as long as there are tasks that wait.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=name, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    async def __call__(self, function: Callable[[], T], then: Then[T] | None = None, /) -> T:
        await trio.lowlevel.checkpoint_if_cancelled()
        self._jobs.put((function, then, trio.lowlevel.current_task()))
        answer: T = await trio.lowlevel.wait_task_rescheduled(_not_now)
        return answer

    def _work(self) -> None:
        while job := self._jobs.get():
            function, then, task = job
            answer = outcome.capture(function)
            if then is None:
                self._token.run_sync_soon(trio.lowlevel.reschedule, task, answer)
            else:
                self._token.run_sync_soon(_go_on, task, answer, then)
            del job, function, then, task, answer  # while it waits it keeps nobody's values alive

    def close(self) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()


def _go_on(
    task: trio.lowlevel.Task, answer: outcome.Outcome[Any], then: Callable[[Any], object]
) -> None:
    """In Trio's thread, in a callback that may not raise."""
    if isinstance(answer, outcome.Value):
        called = outcome.capture(then, answer.value)
        if isinstance(called, outcome.Error):
            answer = called
    trio.lowlevel.reschedule(task, answer)


def _not_now(_: object) -> trio.lowlevel.Abort:
    return trio.lowlevel.Abort.FAILED


class Inline:
    """In the calling task: for a database in memory, and for a mocked clock, since Trio counts as
    idle while a thread works, so that time would jump under every query.
    """

    def __init__(self, name: str = "", threads: int = 0) -> None:
        pass

    async def __call__(self, function: Callable[[], T], then: Then[T] | None = None, /) -> T:
        await trio.lowlevel.checkpoint()
        answer = function()
        if then is not None:
            then(answer)
        return answer

    def close(self) -> None:
        pass
