"""Logins, tokens and tickets whose time is over take no room for ever."""

import logging

import trio

from trichat.auth.tokens import Tokens
from trichat.runtime.storage import Storage
from trichat.store.logins import ForgetLogins

_log = logging.getLogger(__name__)

ROUND_EVERY = 600.0  # seconds between rounds
KEPT_BEYOND = 3_600_000  # milliseconds beyond their time, for a wall clock that is set back
ROWS_PER_WRITE = 500  # rows of one write: others write too


class Expiry:
    """leeway: seconds for which an expired token is good."""

    def __init__(self, storage: Storage, tokens: Tokens, *, leeway: float) -> None:
        self._storage = storage
        self._tokens = tokens
        self._kept = KEPT_BEYOND + round(leeway * 1000)

    async def run(self) -> None:
        """For ever."""
        while True:
            await trio.sleep(ROUND_EVERY)
            try:
                await self._sweep()
            except Exception:  # nobody else watches over this task
                _log.exception("what has expired is not cleared away")

    async def _sweep(self) -> None:
        gone: object = ROWS_PER_WRITE
        while gone == ROWS_PER_WRITE:
            gone = await self._storage.submit(
                ForgetLogins(self._tokens.now() - self._kept, ROWS_PER_WRITE)
            )
