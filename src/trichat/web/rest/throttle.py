"""Guessing passwords takes time: so many distinct ones per user name and window (channels-23).

A repeat of what was refused already is no guess (the web client repeats a refused call three
times) and is not counted. An attempt counts from its beginning, so that many at once are many.
"""

import hashlib
import secrets
from collections import OrderedDict

import trio


class LoginThrottle:
    """attempts: distinct passwords. window: seconds. Neither names nor passwords are kept."""

    def __init__(self, attempts: int, window: float) -> None:
        self._attempts = attempts
        self._window = window
        self._key = secrets.token_bytes(32)
        self._tried: OrderedDict[bytes, dict[bytes, float]] = OrderedDict()

    def begin(self, username: str, password: str) -> float | None:
        """Before a password is looked at: None to go on, else the seconds to wait."""
        now = trio.current_time()
        self._forget(now)
        name = self._digest(username)
        tried = self._tried.setdefault(name, {})
        guess = self._digest(f"{len(username)} {username} {password}")
        for other, at in list(tried.items()):
            if at <= now - self._window:
                del tried[other]
        if guess in tried:
            return None
        if len(tried) >= self._attempts:
            return min(tried.values()) + self._window - now
        tried[guess] = now
        self._tried.move_to_end(name)
        return None

    def succeeded(self, username: str) -> None:
        """It was the right one: the name begins anew."""
        self._tried.pop(self._digest(username), None)

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key).digest()

    def _forget(self, now: float) -> None:
        """Names in order of their last guess: those at the front whose window is over."""
        while self._tried:
            name, tried = next(iter(self._tried.items()))
            if tried and max(tried.values()) > now - self._window:
                return
            del self._tried[name]
