"""What thousands of connections do at the same moment is done in short turns.

Trio runs every task that can go on before it looks at the network again. When thousands come or go
at once, that is one long while in which nobody else is served, unless they take turns. Nobody's
share is counted, as elsewhere (auth/fairlimiter.py): a turn is over in one round.
"""

import trio

# Pieces of work in one round of the event loop. Each is some hundreds of microseconds.
PIECES_PER_ROUND = 8


class YieldLimiter:
    """Lets so many tasks go on in each round of the event loop, first come first served."""

    def __init__(self, at_once: int = PIECES_PER_ROUND) -> None:
        self._free = trio.Semaphore(at_once, max_value=at_once)

    @property
    def is_free(self) -> bool:
        """Whether nobody waits for a turn."""
        return self._free.value > 0

    async def take(self) -> None:
        """Wait for a turn; the piece of work that follows without an await is in it."""
        async with self._free:
            pass
