"""Guessing passwords takes time: so many per user name, address and window are looked at.

That counts distinct ones (channels-23); and of wrong ones so many count per address, whatever the
names. A name, however it is written, counts together with an address, so that a stranger cannot
keep somebody out: where no client's address is known (NOBODY), a name is not bounded at all, for
everybody who comes by a proxy would be. A repeat of what was refused already is no guess (the web
client repeats a refused call three times) and is not counted here: remembered.py bounds those. An
attempt counts from its beginning, so that many at once are many.
"""

import hashlib
import logging
import secrets
from collections import OrderedDict

import trio

from trichat.core.names import comparison_key
from trichat.settings.addresses import NOBODY
from trichat.web.rest.remembered import MAX_REMEMBERED

_log = logging.getLogger(__name__)


class Guesses:
    """At most `limit` distinct guesses count per key within `window` seconds; 0 is any number.

    Of `most` keys that are remembered the longest silent ones go first. A SlidingWindow
    (core/quota.py) knows times alone: here a guess is recognized when it comes again, and it alone
    is taken back when it turns out to be none.
    """

    def __init__(self, limit: int, window: float, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._limit = limit
        self._window = window
        self._tried: OrderedDict[bytes, dict[bytes, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._tried)

    def knows(self, key: bytes, guess: bytes) -> bool:
        """Return whether the guess was made within the window."""
        return guess in self._of(key, trio.current_time())

    def wait(self, key: bytes) -> float | None:
        """Return the seconds until another guess is free, None when it is now."""
        now = trio.current_time()
        tried = self._of(key, now)
        if not self._limit or len(tried) < self._limit:
            return None
        return min(tried.values()) + self._window - now

    def add(self, key: bytes, guess: bytes) -> None:
        """Count a guess that is being made."""
        if self._limit:
            self._forget(trio.current_time())
            self._tried.setdefault(key, {})[guess] = trio.current_time()
            self._tried.move_to_end(key)

    def take_back(self, key: bytes, guess: bytes) -> None:
        """Count it no more: it was no guess."""
        tried = self._tried.get(key)
        if tried is not None:
            tried.pop(guess, None)
            if not tried:
                del self._tried[key]

    def clear(self, key: bytes) -> None:
        """Begin anew with the key."""
        self._tried.pop(key, None)

    def _of(self, key: bytes, now: float) -> dict[bytes, float]:
        tried = self._tried.get(key, {})
        for guess, at in list(tried.items()):
            if at <= now - self._window:
                del tried[guess]
        return tried

    def _forget(self, now: float) -> None:
        """Drop keys whose window is over: the front ones, in order of their last guess."""
        while self._tried:
            key, tried = next(iter(self._tried.items()))
            lives = tried and max(tried.values()) > now - self._window
            if lives and len(self._tried) < self._most:
                return
            del self._tried[key]


class LoginThrottle:
    """Bounds guesses by name and by address, and keeps neither names nor passwords.

    attempts: distinct passwords of a name from an address. per_address: wrong ones from an address,
    whatever the names. NOBODY's address has neither bound. window: seconds.
    """

    def __init__(self, attempts: int, window: float, per_address: int = 0) -> None:
        self._names = Guesses(attempts, window)
        self._addresses = Guesses(per_address, window)
        self._key = secrets.token_bytes(32)
        self._reported = False

    def __len__(self) -> int:
        """How many names and addresses are remembered."""
        return len(self._names) + len(self._addresses)

    def begin(self, username: str, password: str, address: str = NOBODY) -> float | None:
        """Return None if a password may be looked at, else the seconds to wait."""
        name, place, guess = self._digests(username, password, address)
        if self._names.knows(name, guess):
            return None
        waits = [self._names.wait(name)]
        if address != NOBODY:
            waits.append(self._addresses.wait(place))
        known = [wait for wait in waits if wait is not None]
        if known and address == NOBODY:
            self._log_unbounded()
            return None
        if known:
            return max(known)
        self._names.add(name, guess)
        if address != NOBODY:
            self._addresses.add(place, guess)
        return None

    def succeeded(self, username: str, password: str, address: str = NOBODY) -> None:
        """Begin anew with the name, whose password it was; of the address it was no guess."""
        name, place, guess = self._digests(username, password, address)
        self._names.clear(name)
        self._addresses.take_back(place, guess)

    def not_looked_at(self, username: str, password: str, address: str = NOBODY) -> None:
        """Count the attempt no more: the password was never compared."""
        name, place, guess = self._digests(username, password, address)
        self._names.take_back(name, guess)
        self._addresses.take_back(place, guess)

    def _log_unbounded(self) -> None:
        """Log once that what would have been refused of one client was let through."""
        if not self._reported:
            self._reported = True
            _log.warning(
                "more passwords of one user name than auth.login_attempts came from this machine or"
                " by a proxy that names no client, and are not refused: behind a proxy set"
                " server.trusted_proxies to its address and have it send X-Forwarded-For"
            )

    def digest(self, username: str, password: str, address: str, stored: str) -> bytes:
        """Return what an attempt is remembered by: itself, and the hash that is stored of the
        password.
        """
        parts = (address, username, password, stored)
        return self._digest(" ".join(f"{len(part)} {part}" for part in parts))

    def _digests(self, username: str, password: str, address: str) -> tuple[bytes, bytes, bytes]:
        # However it is written, it is one name; and an address has no space.
        name = f"{address} {comparison_key(username)}"
        return (
            self._digest(name),
            self._digest(address),
            self._digest(f"{len(username)} {username} {password}"),
        )

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key).digest()
