"""The storage task: the only one that writes. It commits whatever has arrived as one transaction.

It is never cancelled while it runs a transaction: it ends when its inbox is closed and empty,
after the sessions and the actors.
"""

import logging
import time
from collections.abc import Callable, Sequence

import trio
from attrs import define, field

from trichat.core.refusals import Failed
from trichat.runtime.together import next_look
from trichat.runtime.written import LOGGED, log_written
from trichat.store.condition import Probe, StoreError
from trichat.store.log import Committed
from trichat.store.port import Outcome, Store, Write
from trichat.store.rooms import Opened
from trichat.store.users import Registered

_log = logging.getLogger(__name__)

RETRIES = (0.0, 0.05, 0.2, 0.5)  # seconds before each question what became of a write
PROBE_EVERY = 1.0  # seconds between tries of a store that failed


def _shows_it_works(outcome: Outcome) -> bool:
    """What is refused touches no disk."""
    return outcome is True or isinstance(outcome, Committed | Registered | Opened)


@define(eq=False)
class _Job:
    write: Write
    done: trio.Event = field(factory=trio.Event)
    outcome: Outcome = Failed()  # noqa: RUF009 - frozen, shared on purpose


class Storage:
    """Group commit over a store. batch: at most so many writes in one transaction. observe: told
    of each transaction how many writes it had and how many seconds it took.
    """

    def __init__(
        self,
        store: Store,
        *,
        batch: int,
        observe: Callable[[int, float], object] = lambda writes, seconds: None,
    ) -> None:
        self._store = store
        self._batch = batch
        self._observe = observe
        self._under_way: Sequence[_Job] = ()
        self._send, self._receive = trio.open_memory_channel[_Job](batch * 2)

    @property
    def unanswered(self) -> int:
        """Writes that were handed in and have no outcome yet."""
        return len(self._under_way) + self._receive.statistics().current_buffer_used

    async def submit(self, write: Write) -> Outcome:
        """Durable when it answers. Failed: nothing of it is stored."""
        job = _Job(write)
        try:
            self._send.send_nowait(job)
        except trio.WouldBlock:
            await self._send.send(job)
        await job.done.wait()
        return job.outcome

    async def run(self) -> None:
        """Until the inbox is closed and empty."""
        async for first in self._receive:
            jobs = [first]
            while len(jobs) < self._batch:
                try:
                    jobs.append(self._receive.receive_nowait())
                except (trio.WouldBlock, trio.EndOfChannel):
                    break
            self._under_way = jobs
            try:
                await self._transact(jobs)
            finally:
                self._under_way = ()
                for job in jobs:
                    job.done.set()
                    if type(job.write) in LOGGED:
                        self._log(job)

    def _log(self, job: _Job) -> None:
        try:
            log_written(job.write, job.outcome)
        except Exception:
            _log.exception("a write could not be logged")

    @property
    def works(self) -> bool:
        """Whether the last transaction did not fail for the store's sake."""
        return self._store.condition.fault is None

    async def watch(self) -> None:
        """While the store fails, try it without waiting for somebody's message; for ever."""
        while True:
            await next_look(PROBE_EVERY)
            if self._store.condition.in_doubt:
                await self.submit(Probe())

    def close(self) -> None:
        """No more writes; what is queued is still committed."""
        self._send.close()

    async def _transact(self, jobs: Sequence[_Job]) -> None:
        began = time.perf_counter()
        try:
            outcomes = await self._store.write([job.write for job in jobs])
            for job, outcome in zip(jobs, outcomes, strict=True):
                job.outcome = outcome
            self._observe(len(jobs), time.perf_counter() - began)
            if self._store.condition.in_doubt and any(map(_shows_it_works, outcomes)):
                self._store.condition.stored()
        except Exception as error:  # a bug of the store must not end the one task that writes
            if not isinstance(error, StoreError):  # that the condition tells, once
                _log.exception("a transaction of %d writes gave no answer", len(jobs))
            self._store.condition.cannot_write(error)
            await self._resolve(jobs)

    async def _resolve(self, jobs: Sequence[_Job]) -> None:
        """The outcome is unknown until the store says what is there (nobody is answered before)."""
        unknown = list(jobs)
        for delay in RETRIES:  # together: a store that is away costs each batch one such while
            await trio.sleep(delay)
            unknown = [job for job in unknown if not await self._is_resolved(job)]
            if not unknown:
                return

    async def _is_resolved(self, job: _Job) -> bool:
        """False is asked again for a while: a wrong no would let its sender send twice."""
        try:
            landed = await self._store.landed(job.write)
        except StoreError:
            return False
        except Exception:
            _log.exception("the store does not say what became of a write")
            return False
        job.outcome = Failed() if landed is None else landed
        return True
