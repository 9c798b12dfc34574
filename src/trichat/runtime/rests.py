"""What a user owes the others: behind what was costly they rest, whatever they ask next (all-23).

A processor works for one at a time, and SQLite's threads take turns with the event loop: who asks
for long answers without end slows down every message of everybody, unless they pause. Where
nobody has written anything for a moment there is nobody to slow down, and nobody rests.
"""

from math import inf
from typing import Final

import trio

# What is costly of one user has one part in so many of the time.
SHARE: Final = 10

# Seconds of rest that a user may owe before they wait: who asks now and then waits for nothing.
CREDIT: Final = 0.25

# Seconds that a user waits at most, for the last thing may have taken long through no fault of
# theirs.
LONGEST_REST: Final = 0.25

# Seconds without a write after which the server is quiet.
QUIET: Final = 1.0


class Rests:
    """By user, until when they rest."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}  # who was charged longest ago comes first
        self._stirred = -inf

    def __len__(self) -> int:
        """How many users are known: those of the last moments."""
        return len(self._until)

    def stir(self) -> None:
        """Something was written."""
        self._stirred = trio.current_time()

    async def pause(self, user_id: int, seconds: float) -> None:
        """Between parts of something costly, of which the last one took so long."""
        self.charge(user_id, seconds)
        await self.rest(user_id)

    async def rest(self, user_id: int) -> None:
        """Until the user owes no more than the credit, but let others have their turns once."""
        quiet = trio.current_time() - self._stirred > QUIET
        await trio.sleep_until(-inf if quiet else self._until.get(user_id, -inf) - CREDIT)

    def charge(self, user_id: int, seconds: float) -> None:
        """Something of theirs took so long."""
        now = trio.current_time()
        began = now - seconds
        owed = max(self._until.pop(user_id, began), began) + SHARE * seconds
        self._until[user_id] = min(owed, now + CREDIT + LONGEST_REST)
        while self._until:
            first = next(iter(self._until))
            if self._until[first] > now:
                return
            del self._until[first]
