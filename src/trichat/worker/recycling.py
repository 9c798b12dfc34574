"""The fault: keep-alive timeouts never fire, and `Connection: close` does not close.

Quart-Trio cancels its request's nursery when it hears `http.disconnect`, and Hypercorn says that
just before it makes the connection ready for the next request: it is cancelled in the middle of
it. The cure shields that step, which waits for nobody, for at most a second. (Closing needs no
shield here: Server does it without a checkpoint.)
"""

from collections.abc import Awaitable, Callable

import trio


async def undisturbed(step: Callable[[], Awaitable[None]]) -> None:
    """Do a step of Hypercorn's own although the request it is part of is cancelled."""
    with trio.move_on_after(1, shield=True):
        await step()
