"""The server follows its key file: another key there signs from then on, and one that is none of
those known, or none at all, ends every login that the key before it vouched for.
"""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import trio

from trichat.auth import signingkey
from trichat.auth.signing import SigningKeys, new_key
from trichat.auth.signingkey import FILE_NAME, SigningKeyError
from trichat.auth.tokens import Tokens
from trichat.runtime.connections import Connections
from trichat.runtime.storage import Storage
from trichat.runtime.together import next_look
from trichat.store.health import StoreError
from trichat.store.port import Store
from trichat.store.signing import UseSigningKey

_log = logging.getLogger(__name__)

LOOK_EVERY: Final = 1.0  # seconds between looks at the file
T = TypeVar("T")
NO_KEY: Final = ""  # in the database: the file was taken away, and everybody is out


class Signing:
    """data: the directory of the key file; None where the settings hold the secret. made: whether
    the key was made just now.
    """

    def __init__(
        self,
        data: Path | None,
        keys: SigningKeys,
        tokens: Tokens,
        store: Store,
        storage: Storage,
        connections: Connections,
        *,
        made: bool,
    ) -> None:
        self._data = data
        self._keys = keys
        self._tokens = tokens
        self._store = store
        self._storage = storage
        self._connections = connections
        self._made = made
        self._place = None if data is None else _identity(data)
        self._seen = None if data is None else _state(data)
        self._owed: UseSigningKey | None = None
        self._thread = trio.CapacityLimiter(1)  # one look that hangs is not joined by others

    async def begin(self) -> None:
        """Before anybody is let in: what another key gave out counts no more. Raises StoreError."""
        stored = await self._store.signing()
        if stored.kid == self._keys.current.kid and not stored.moved:
            return
        other = stored.kid is not None and stored.kid not in self._keys.kids
        if other:
            _log.warning("tokens are signed with another key than before: every login has ended")
        await self._write(self._record(self._keys.current.kid, ends=self._made or other))

    async def run(self) -> None:
        """For ever."""
        while True:
            await next_look(LOOK_EVERY)
            try:
                await self.look()
            except Exception:  # nobody else watches over this task
                _log.exception("the signing key cannot be followed")

    async def look(self) -> None:
        """Take up what has become of the key file. Raises StoreError, and is tried again then."""
        if self._data is None:
            return
        seen = await self._in_thread(partial(self._see, self._data))
        if seen != self._seen:
            self._seen = seen
            await self._take_up(self._data)
        if self._owed is not None:
            await self._write(self._owed)
            self._owed = None
            await self._connections.end_everyone()

    def _see(self, data: Path) -> tuple[int, ...] | None:
        """Of a directory that cannot be looked at, or is another one (a volume that went away), the
        file was not taken away.
        """
        try:
            return _state(data) if _identity(data) == self._place else self._seen
        except OSError:
            return self._seen

    async def _take_up(self, data: Path) -> None:
        try:
            keys = await self._in_thread(partial(signingkey.load, data))
        except SigningKeyError as error:
            _log.error("the signing key stays as it was: %s", error)
            return
        if keys is None:
            keys, kid = SigningKeys(new_key()), NO_KEY
        else:
            kid = keys.current.kid
        known = self._keys.current.kid in keys.kids
        self._keys = keys
        self._tokens.use(keys)  # from here on the key before opens nothing by itself
        if known:
            _log.info("tokens are signed with key %s now", kid)
            return
        self._owed = self._record(kid, ends=True)
        if kid == NO_KEY:
            _log.warning(
                "%s is gone: every login has ended, and what is signed from now on ends with this"
                " process; the next start makes a new key",
                data / FILE_NAME,
            )
        else:
            _log.warning("the signing key is another one: every login has ended")

    def _record(self, kid: str, *, ends: bool) -> UseSigningKey:
        return UseSigningKey(kid, self._tokens.now(), ends=ends)

    async def _write(self, write: UseSigningKey) -> None:
        if await self._storage.submit(write) is not True:
            raise StoreError("which key signs could not be stored")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._thread)


def _state(data: Path) -> tuple[int, ...] | None:
    """What changes with the file, its mode too: a wrong one may be mended."""
    try:
        found = os.stat(data / FILE_NAME)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


def _identity(data: Path) -> tuple[int, int]:
    found = os.stat(data)
    return found.st_dev, found.st_ino
