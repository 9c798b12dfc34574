"""The fault: what goes wrong in one connection ends the whole process.

Stock's `except OSError` sits outside the connection's nursery, which wraps every error in a group:
nothing is caught, the listener's nursery ends, and all the other connections with it. The cure
contains Exception per connection, groups of them too. Cancellation is never contained.
"""

from collections.abc import Awaitable, Callable

import trio
from hypercorn.logging import Logger

_PEER_GONE = (OSError, trio.BrokenResourceError, trio.ClosedResourceError)


async def contain(run: Callable[[], Awaitable[None]], log: Logger) -> None:
    """Run one connection; log what it raises, unless that only says that the peer is gone."""
    try:
        await run()
    except _PEER_GONE:
        pass
    except BaseExceptionGroup as group:
        errors, rest = group.split(Exception)
        if errors is not None and errors.split(_PEER_GONE)[1] is not None:
            await log.exception("Error in a connection")
        if rest is not None:
            raise rest from None
    except Exception:
        await log.exception("Error in a connection")
