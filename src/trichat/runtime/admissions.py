"""How fast connections are let in: a whole crowd may come back at once, and those who are
connected are to be served meanwhile.

Handshakes come in evenly spaced, in the order of arrival. Who would wait for too long is told at
once to come again later, and so is everybody once the server takes nobody any more.
"""

import random
from math import ceil

import trio

from trichat import interpreter
from trichat.runtime.turns import Turns

# Handshakes that go on in one round of the event loop.
AT_ONCE = 2


class Admissions:
    """rate: handshakes let in per second. patience: seconds that one waits for its turn at most,
    so that rate x patience of them wait at most. departures: the turns of those who go. They are
    first: else those who have come back would be told of all who go, and themselves go twice.
    """

    def __init__(self, *, rate: float, patience: float, departures: Turns) -> None:
        self._interval = 1 / rate
        self._patience = patience
        self._turns = Turns(AT_ONCE)
        self._departures = departures
        self._next = 0.0  # when the one who comes next is let in
        self._let_in = 0
        self._waiting: set[trio.CancelScope] = set()
        self._closed = False

    async def enter(self) -> bool:
        """Wait for one's turn. Whether it came: else the handshake is to be refused."""
        now = trio.current_time()
        turn = max(now, self._next)
        too_late = now + self._patience - self._interval / 2
        if self._closed or now < turn > too_late:
            return False
        self._next = turn + self._interval
        with trio.move_on_after(self._patience) as scope:
            self._waiting.add(scope)
            try:
                if turn > now:
                    await trio.sleep_until(turn)
                await self._turns.take()
                await self._departures.take()
            finally:
                self._waiting.discard(scope)
            self._look_for_garbage()
            return True
        return False

    def _look_for_garbage(self) -> None:
        self._let_in += 1
        if self._let_in % interpreter.CONNECTIONS == 0:
            interpreter.look()

    def retry_after(self) -> int:
        """Seconds after which somebody refused may come again: not all at the same time."""
        return random.randint(1, max(1, ceil(self._patience)))  # noqa: S311 - no secret

    def close(self) -> None:
        """Nobody is let in any more, those who wait included."""
        self._closed = True
        for scope in self._waiting:
            scope.cancel()
