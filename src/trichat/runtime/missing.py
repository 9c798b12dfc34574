"""What stands in a room's log and was not taken in: it is suspected, looked for and read."""

import logging
from collections.abc import Awaitable, Callable
from math import inf

import trio

from trichat.core.replay import replayed
from trichat.runtime.intake import Intake
from trichat.runtime.logreader import ReadsLogs

_log = logging.getLogger(__name__)

PAGE = 100  # events read from the log at a time
RETRY = 1.0  # seconds until a log that could not be read is read again


class Missing:
    """learn: called with the number of the log's last event. retry_at: when a log that could not be
    read is read again. reading: whether it is being read.

    committing: whether the room's actor has a commit under way; commits: how many it has begun.
    What is read meanwhile may be the actor's own event, whose answer goes first: it is not used.
    """

    __slots__ = (
        "_cleared", "_intake", "_learn", "_logs", "_room_id", "_suspicions", "commits",
        "committing", "reading", "retry_at",
    )  # fmt: skip

    def __init__(
        self,
        room_id: int,
        intake: Intake,
        logs: ReadsLogs,
        learn: Callable[[int], Awaitable[None]],
    ) -> None:
        self._room_id = room_id
        self._intake = intake
        self._logs = logs
        self._learn = learn
        self._suspicions = self._cleared = 0  # how often something was suspected, and seen after
        self.commits = 0
        self.committing = self.reading = False
        self.retry_at = -inf

    @property
    def in_doubt(self) -> bool:
        """Whether anything is missing, or may be."""
        return self._suspicions > self._cleared or self._intake.has_gap

    def suspect(self) -> None:
        """Something may have been committed that was not published."""
        self._suspicions += 1

    async def repair(self, *, finishing: bool) -> None:
        """Read what was committed and not taken in. Where that fails nobody waits for it, and it is
        tried again later. finishing: the server ends, and what cannot be read is given up.
        """
        self.reading = True
        try:
            if self._suspicions > self._cleared:
                await self._look_at_head()
            if self._intake.has_gap and not self.committing:
                await self._read_on()
        except Exception:
            _log.exception("room %d: what was committed could not be read", self._room_id)
            self._intake.complete_early()
            if finishing:
                self._cleared = self._suspicions
                self._intake.give_up()
            self.retry_at = trio.current_time() + RETRY
        finally:
            self.reading = False

    async def _look_at_head(self) -> None:
        seen = self._suspicions
        commits = self.commits
        heads = await self._logs.heads([self._room_id])
        if self.commits > commits:
            return
        number, _ = heads.get(self._room_id, (0, 0))
        self._cleared = seen
        await self._learn(number)

    async def _read_on(self) -> None:
        commits = self.commits
        after = self._intake.ordering.last or 0
        page = await self._logs.read(self._room_id, after, PAGE)
        if self.commits > commits:
            return
        if not page:
            raise LookupError(f"the log has nothing behind {after}")
        for event in page:
            again = replayed(event)
            if again is None:
                self._intake.pass_over(event.seq)
            else:
                self._intake.publish([again])
