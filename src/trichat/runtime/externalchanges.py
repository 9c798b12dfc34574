"""What changed beside us: by another process (`trichat user role`, `trichat key revoke`,
`trichat user password`, `trichat logout`), or the time of day.

The database says that somebody else wrote to it; then whoever is connected is looked up anew.
The wall clock is compared with Trio's: where it was set, or the machine slept, tokens of open
sockets end at another moment than was reckoned.
"""

import logging

import trio

from trichat.core.model import Status
from trichat.runtime.clock import Clock
from trichat.runtime.connections import Connections
from trichat.runtime.together import next_look
from trichat.store.port import Store

_log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds between looks
JUMP = 0.25  # seconds between two clocks that are no drift


class ExternalChanges:
    """Makes an operator's word on the command line hold for sockets that are open already."""

    def __init__(self, store: Store, connections: Connections, clock: Clock) -> None:
        self._store = store
        self._connections = connections
        self._clock = clock
        self._everyone_out_at: int | None = None

    async def run(self) -> None:
        """For ever."""
        apart = self._apart()
        while True:
            await next_look(LOOK_EVERY)
            try:
                apart = self._retime(apart)
                if self._everyone_out_at is None:
                    self._everyone_out_at = (await self._store.signing()).everyone_out_at
                if await self._store.changed_elsewhere():
                    await self._look()
            except Exception:  # nobody else watches over this task
                _log.exception("what others changed cannot be read")

    def _retime(self, before: float) -> float:
        apart = self._apart()
        if abs(apart - before) <= JUMP:
            return before
        _log.warning("the wall clock has jumped by %.1f s", apart - before)
        for session in self._connections.everyone():
            session.retimed()
        return apart

    def _apart(self) -> float:
        """Seconds between the two clocks."""
        return self._clock() / 1000 - trio.current_time()

    async def _look(self) -> None:
        out_at = (await self._store.signing()).everyone_out_at
        if out_at != self._everyone_out_at:
            self._everyone_out_at = out_at
            await self._connections.end_everyone()
        sessions = list(self._connections.everyone())
        users = await self._store.users({session.user.uuid for session in sessions})
        came = [session.identity for session in sessions]
        keys = {by.key_id for by in came if by.key_id is not None}
        for key_id in keys - await self._store.living_keys(keys):
            self._connections.revoke_key(key_id)
        ended = await self._store.ended_logins({by.login for by in came if by.login is not None})
        since = await self._store.tokens_since({by.user.id for by in came})
        for by in came:
            if by.login is not None and (
                by.login in ended
                or (by.issued_at is not None and by.issued_at * 1000 < since.get(by.user.id, 0))
            ):
                self._connections.end_login(by.user.id, by.login)
        for known in {session.user.id: session.user for session in sessions}.values():
            user = users.get(known.uuid)
            if user is None or user.as_of(self._clock()).status is not Status.ACTIVE:
                self._connections.suspend(known.id, at=0 if user is None else user.updated_at)
            elif user != known:
                self._connections.changed(user)
