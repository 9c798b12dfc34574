"""How fast connections are let in: a whole crowd may come back at once, and those who are
connected are to be served meanwhile.

Handshakes come in evenly spaced. Those of one address wait in a line of their own, and the lines
take turns, so that however many come from one address, others do not wait for all of them (all-25).
Who would wait for too long is refused at once, with a time to come again, and so is everybody once
the server takes nobody any more.
"""

import random
from collections import Counter
from math import ceil

import trio
from attrs import define, field

from trichat import garbage
from trichat.runtime.lines import Lines
from trichat.runtime.yieldlimiter import YieldLimiter
from trichat.settings.addresses import NOBODY

# Handshakes that go on in one round of the event loop.
HANDSHAKES_PER_ROUND = 2


@define(eq=False)
class _Handshake:
    """One that waits."""

    scope: trio.CancelScope
    turn: trio.Event = field(factory=trio.Event)


class Admissions:
    """rate: handshakes let in per second. patience: seconds that one waits for its turn at most,
    so that rate x patience of them wait at most. share: percent of these that one address has
    before others go first. per_user: how many of one user may wait. departures: the turns of those
    who go. They are first: else those who have come back would be notified of all who go, and
    themselves go twice.
    """

    def __init__(
        self, *, rate: float, patience: float, share: int, per_user: int, departures: YieldLimiter
    ) -> None:
        self._interval = 1 / rate
        self._patience = patience
        self._per_user = per_user
        self._looks = YieldLimiter()
        self._departures = departures
        self._next = 0.0  # when the next one is let in
        self._lines: Lines[_Handshake] = Lines(max(1, int(rate * patience * share / 100)))
        self._users: Counter[str] = Counter()  # who wait
        self._joined = trio.Event()
        self._let_in = 0
        self._scopes: set[trio.CancelScope] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nobody is let in any more."""
        return self._closed

    async def approach(self) -> None:
        """Wait to be looked at, before anything is known: some in each round of the event loop."""
        await self._looks.take()

    async def enter(self, address: str = NOBODY, user: str | None = None) -> bool:
        """Wait for one's turn. Whether it came: else the handshake is to be refused.

        address: NOBODY for one that is not known: such a handshake has a line of its own. user: by
        whatever distinguishes users; None where that is not known yet.
        """
        now = trio.current_time()
        if self._closed or (user is not None and self._users[user] >= self._per_user):
            return False
        one = _Handshake(trio.CancelScope(deadline=now + self._patience))
        line = address or one
        waits = len(self._lines) > 0 or now < self._next
        if waits and not self._take_place(line, one, now):
            return False
        if not waits:
            self._next = now + self._interval
        self._scopes.add(one.scope)
        if user is not None:
            self._users[user] += 1
        try:
            with one.scope:
                if waits:
                    await one.turn.wait()
                if not self._departures.is_free:
                    await self._departures.take()
                self._look_for_garbage()
                return True
            return False
        finally:
            self._lines.leave(line, one)
            self._over(one, user)

    def _over(self, one: _Handshake, user: str | None) -> None:
        self._scopes.discard(one.scope)
        if user is not None:
            self._users[user] -= 1
            if not self._users[user]:
                del self._users[user]

    def _take_place(self, line: object, one: _Handshake, now: float) -> bool:
        """Whether there is one: free, or of a line that is beyond its share."""
        turn = max(now, self._next) + len(self._lines) * self._interval
        if turn > now + self._patience - self._interval / 2:
            other = self._lines.give_way(line)
            if other is None:
                return False
            other.scope.cancel()
        self._lines.join(line, one)
        self._joined.set()
        return True

    async def run(self) -> None:
        """Tell those who wait that it is their turn, for ever."""
        while True:
            if not self._lines:
                self._joined = trio.Event()
                await self._joined.wait()
            await trio.sleep_until(self._next)
            now = trio.current_time()
            for _ in range(HANDSHAKES_PER_ROUND):
                if self._lines and self._next <= now:
                    self._lines.next().turn.set()
                    self._next += self._interval

    def _look_for_garbage(self) -> None:
        self._let_in += 1
        if self._let_in % garbage.CONNECTIONS == 0:
            garbage.look()

    def retry_after(self) -> int:
        """Seconds after which somebody refused may come again: not all at the same time."""
        return random.randint(1, max(1, ceil(self._patience)))  # noqa: S311 - no secret

    def close(self) -> None:
        """Nobody is let in any more, those who wait included."""
        self._closed = True
        for scope in self._scopes:
            scope.cancel()
