"""When API keys were last in use is written down once a minute, for all of them together.

A key is in use while a socket that it opened is: who revokes those that nobody uses any more must
not meet one whose socket has been open for weeks.
"""

import logging

import trio

from trichat.runtime.clock import Clock
from trichat.runtime.connections import Connections
from trichat.runtime.storage import Storage
from trichat.store.apikeys import NoteKeysUsed

_log = logging.getLogger(__name__)

ROUND_EVERY = 60.0  # seconds between rounds
KEYS_PER_WRITE = 500  # keys of one write: others write too


class KeyUses:
    """What was seen since the last round, and is lost with a crash."""

    def __init__(self, storage: Storage, connections: Connections, clock: Clock) -> None:
        self._storage = storage
        self._connections = connections
        self._clock = clock
        self._seen: dict[int, int] = {}

    def used(self, key_id: int) -> None:
        """A socket that this key opened came or went."""
        self._seen[key_id] = self._clock()

    async def run(self) -> None:
        """For ever."""
        while True:
            await trio.sleep(ROUND_EVERY)
            try:
                await self.write()
            except Exception:  # nobody else watches over this task
                _log.exception("the use of API keys is not written down")

    async def write(self) -> None:
        """What was seen up to now. What cannot be written is kept for the next time."""
        now = self._clock()
        self._seen |= dict.fromkeys(self._connections.keys_in_use(), now)
        while self._seen:
            some = dict(list(self._seen.items())[:KEYS_PER_WRITE])
            if await self._storage.submit(NoteKeysUsed(tuple(some.items()))) is not True:
                return
            self._seen = {key_id: at for key_id, at in self._seen.items() if some.get(key_id) != at}
