"""Each user has one large answer at a time, from its making until the peer has taken it (all-23).

An answer is in memory until it is sent. Whoever asks for many at once, or takes none of them, has
one in memory and waits for themselves.
"""

from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final, cast

import trio
from quart import request

from trichat.runtime.rests import Rests
from trichat.runtime.shares import Shares
from trichat.web.rest.errors import RequestError, retry_after

_HELD: Final = "trichat.held"
_PAUSE: Final = "trichat.pause"

# Seconds that a request waits for the same user's earlier ones.
PATIENCE: Final = 10.0
CROWDED: Final = (429, "Too many large answers under way, try again later")


class UntilSent:
    """An ASGI application whose requests may hold what is let go of once they are answered."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as held:
            scope[_HELD] = held
            await self._app(scope, receive, send)


async def take_turn(shares: Shares, rests: Rests, user_id: int) -> None:
    """Wait for the user's turn and keep it until this request is answered.

    Raises RequestError where that takes too long.
    """
    scope = cast(dict[str, Any], request.scope)
    scope[_PAUSE] = partial(rests.pause, user_id)
    held: AsyncExitStack = scope[_HELD]
    try:
        with trio.fail_after(PATIENCE):
            await held.enter_async_context(shares.turn(user_id))
    except trio.TooSlowError:
        raise RequestError(*CROWDED, retry_after(PATIENCE)) from None


async def pause(seconds: float) -> None:
    """Rest between parts of a large answer, of which the last one took so long to make."""
    await cast(dict[str, Any], request.scope)[_PAUSE](seconds)
