"""One at a time for each user: what is costly is made for many users in turn, not for one of them
many times at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


class Shares:
    """Turns by user. Whoever waits waits behind their own requests alone."""

    def __init__(self) -> None:
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
            async with turns:
                yield
        finally:
            turns, count = self._users[user_id]
            if count == 1:
                del self._users[user_id]
            else:
                self._users[user_id] = turns, count - 1
