"""Commands of one session under way: many to one room at a time, answered in order (all-11).

One is under way until its room has delivered it to everyone: where a dialect answers by the push,
this is when it is answered, and the fan-out to a large audience takes its time.
"""

from collections.abc import Callable

import trio

from trichat.core.commands import RoomCommand
from trichat.core.model import Room, User
from trichat.runtime.directory import RoomDirectory
from trichat.runtime.rooms import Envelope, OnOutcome
from trichat.wire.pauses import Pauses


class Pipeline:
    """depth: at most so many under way; a further one waits, and so does one for another room.
    on_delivered: called for each when everyone has heard what came of it. pauses: where commands
    are counted.
    """

    def __init__(
        self, directory: RoomDirectory, depth: int, on_delivered: Callable[[], None], pauses: Pauses
    ) -> None:
        self._directory = directory
        self._depth = depth
        self._on_delivered = on_delivered
        self.pauses = pauses
        self._in_flight = 0
        self._target: int | None = None
        self._answered = trio.Event()

    async def send(self, room: Room, command: RoomCommand, by: User, reply: OnOutcome) -> None:
        """The outcome goes to `reply`, in the actor's step: a refusal comes before the pushes of
        its batch.
        """
        if self._target != room.id:
            await self.drained()
            self._target = room.id
        while self._in_flight >= self._depth:
            await self._next_answer()
        self._in_flight += 1
        self.pauses.commands += 1
        try:
            await self._directory.send(room, Envelope(command, by, reply, self._delivered))
        except BaseException:
            self._in_flight -= 1
            raise

    def _delivered(self) -> None:
        try:
            self._on_delivered()
        finally:
            self._in_flight -= 1
            self._answered.set()

    @property
    def under_way(self) -> bool:
        """Whether anything is."""
        return self._in_flight > 0

    async def drained(self) -> None:
        """Until nothing is under way."""
        while self._in_flight:
            await self._next_answer()

    async def _next_answer(self) -> None:
        self._answered = trio.Event()
        await self._answered.wait()
