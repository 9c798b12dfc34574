"""What is costly is made one at a time for each user: for many users, not for one many times.

Nobody waits for another user, as they do in auth/fairlimiter.py: no limit is common.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from trichat.runtime.rests import Rests


class Shares:
    """Turns by user. Whoever waits waits behind their own requests alone. rests: each turn is
    charged to its user there, where it is all work; None where it waits for the peer as well.
    """

    def __init__(self, rests: Rests | None = None) -> None:
        self._rests = rests
        self._users: dict[int, tuple[trio.Semaphore, int]] = {}

    def __len__(self) -> int:
        """How many users have something made now."""
        return len(self._users)

    @asynccontextmanager
    async def turn(self, user_id: int) -> AsyncIterator[None]:
        """The user's turn: of all that ask in their name the body runs for one at a time. Another
        task may leave it than came into it.
        """
        turns, count = self._users.get(user_id) or (trio.Semaphore(1, max_value=1), 0)
        self._users[user_id] = turns, count + 1
        try:
            async with turns, self._charged(user_id):
                yield
        finally:
            turns, count = self._users[user_id]
            if count == 1:
                del self._users[user_id]
            else:
                self._users[user_id] = turns, count - 1

    @asynccontextmanager
    async def _charged(self, user_id: int) -> AsyncIterator[None]:
        if self._rests is None:
            yield
            return
        await self._rests.rest(user_id)
        began = trio.current_time()
        try:
            yield
        finally:
            self._rests.charge(user_id, trio.current_time() - began)
