"""The storage task: the only one that writes. It commits whatever has arrived as one transaction.

It is never cancelled while it runs a transaction: it ends when its inbox is closed and empty,
after the sessions and the actors.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, count, repeat

import trio
from attrs import define, field

from trichat.core.ids import nonce
from trichat.core.refusals import Failed
from trichat.runtime.together import next_look
from trichat.runtime.written import LOGGED, log_written
from trichat.store.health import Probe, StoreError
from trichat.store.log import Committed
from trichat.store.port import OnOutcomes, Outcome, Store, Write
from trichat.store.rooms import Changed, Opened
from trichat.store.users import Registered

_log = logging.getLogger(__name__)

# Seconds before each question what became of a batch, the last of them again and again.
ASKED_AFTER = (0.0, 0.05, 0.2, 0.5, 1.0)
PROBE_EVERY = 1.0  # seconds between tries of a store that failed


def _shows_it_works(outcome: Outcome) -> bool:
    """What is refused touches no disk."""
    return outcome is True or isinstance(outcome, Committed | Registered | Opened | Changed)


@define(eq=False)
class _Job:
    """outcome: None until it is known; `done` is set then, and never before."""

    write: Write
    done: trio.Event = field(factory=trio.Event)
    outcome: Outcome | None = None


class Storage:
    """Group commit over a store. batch: at most so many writes in one transaction. observe: called
    for each transaction with how many writes it had and how many seconds it took.
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
        self._name, self._numbers = nonce().hex(), count(1)  # of its transactions
        self._under_way: Sequence[_Job] = ()
        self._send, self._receive = trio.open_memory_channel[_Job](batch * 2)

    @property
    def unanswered(self) -> int:
        """Writes that were handed in and have no outcome yet."""
        return len(self._under_way) + self._receive.statistics().current_buffer_used

    async def submit(self, write: Write) -> Outcome:
        """Durable when it answers. Failed: nothing of it is stored, nor ever will be. While that is
        not known there is no answer.
        """
        job = _Job(write)
        try:
            self._send.send_nowait(job)
        except trio.WouldBlock:
            await self._send.send(job)
        await job.done.wait()
        assert job.outcome is not None
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
            conclude = partial(_conclude, jobs)
            outcomes = await self._transact([job.write for job in jobs], conclude)
            self._under_way = ()
            if first.outcome is None:
                conclude(outcomes)

    @property
    def works(self) -> bool:
        """Whether the last transaction did not fail for the store's sake."""
        return self._store.health.fault is None

    async def watch(self) -> None:
        """While the store fails, try it without waiting for somebody's message; for ever."""
        while True:
            await next_look(PROBE_EVERY)
            if self._store.health.in_doubt:
                await self.submit(Probe())

    def close(self) -> None:
        """No more writes; what is queued is still committed."""
        self._send.close()

    async def _transact(self, writes: Sequence[Write], then: OnOutcomes) -> Sequence[Outcome]:
        """The outcomes, when they are known. then: see Store.write()."""
        began, batch = time.perf_counter(), f"{self._name}-{next(self._numbers)}"
        try:
            outcomes = await self._store.write(writes, batch, then)
        except Exception as error:  # a bug of the store must not end the one task that writes
            if not isinstance(error, StoreError):  # which the store's health logs, once
                _log.exception("a transaction of %d writes gave no answer", len(writes))
            self._store.health.cannot_write(error)
            found = await self._status(batch)
            return [Failed()] * len(writes) if found is None else found
        self._observe(len(writes), time.perf_counter() - began)
        if self._store.health.in_doubt and any(map(_shows_it_works, outcomes)):
            self._store.health.stored()
        return outcomes

    async def _status(self, batch: str) -> Sequence[Outcome] | None:
        """Asked until the store answers: a wrong no would let its sender send twice, and a wrong
        yes lose what they said.
        """
        is_logged = False
        for delay in chain(ASKED_AFTER, repeat(ASKED_AFTER[-1])):
            await trio.sleep(delay)
            try:
                return await self._store.commit_status(batch)
            except StoreError as error:
                self._store.health.cannot_write(error)
            except Exception as error:
                self._store.health.cannot_write(error)
                if not is_logged:
                    _log.exception("the store does not say what became of a batch")
                is_logged = True
        raise AssertionError("the questions never end")


def _conclude(jobs: Sequence[_Job], outcomes: Sequence[Outcome]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        job.outcome = outcome
        job.done.set()
        if type(job.write) in LOGGED:
            _log_written(job.write, outcome)


def _log_written(write: Write, outcome: Outcome) -> None:
    try:
        log_written(write, outcome)
    except Exception:
        _log.exception("a write could not be logged")
