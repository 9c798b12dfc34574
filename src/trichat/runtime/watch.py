"""What another process changed beside us: `trichat user role`, `trichat key revoke`.

The database tells that somebody else wrote to it; then whoever is connected is looked up anew.
"""

import logging

import trio

from trichat.core.model import Status
from trichat.runtime.clock import Clock
from trichat.runtime.connections import Connections
from trichat.store.port import Store

_log = logging.getLogger(__name__)

PERIOD = 1.0  # seconds between looks


class Watch:
    """Makes an operator's word on the command line hold for sockets that are open already."""

    def __init__(self, store: Store, connections: Connections, clock: Clock) -> None:
        self._store = store
        self._connections = connections
        self._clock = clock

    async def run(self) -> None:
        """For ever."""
        while True:
            await trio.sleep(PERIOD)
            try:
                if await self._store.changed_elsewhere():
                    await self._look()
            except Exception:  # nobody else watches over this task
                _log.exception("what others changed cannot be read")

    async def _look(self) -> None:
        sessions = list(self._connections.everyone())
        users = await self._store.users({session.user.uuid for session in sessions})
        keys = {session.key_id for session in sessions if session.key_id is not None}
        for key_id in keys - await self._store.living_keys(keys):
            self._connections.revoke_key(key_id)
        for known in {session.user.id: session.user for session in sessions}.values():
            user = users.get(known.uuid)
            if user is None or user.judged(self._clock()).status is not Status.ACTIVE:
                self._connections.bar(known.id)
            elif user != known:
                self._connections.changed(user)
