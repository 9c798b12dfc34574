"""Passwords are hashed with argon2id, in threads of their own.

A hash takes some 150 ms of a core and 64 MiB, so a limiter bounds how many run at once. Those who
wait take turns by where they came from, and whoever would have to wait behind too many is sent
away.
"""

import base64
import secrets
import time
from collections.abc import Callable
from typing import Final, TypeVar, cast

import argon2
import trio

from trichat.auth.common import is_common
from trichat.auth.fairlimiter import ANYBODY, FairLimiter, FullError

SHORTEST_PASSWORD: Final = 8  # code points
LONGEST_PASSWORD: Final = 1024  # bytes in UTF-8

T = TypeVar("T")


TOO_LONG: Final = f"Password must have at most {LONGEST_PASSWORD} bytes"
TOO_COMMON: Final = "Password is too common, choose another one"


def too_short(least: int) -> str:
    """Say why a password with fewer code points is refused."""
    return f"Password must have at least {least} characters"


class PasswordRefusedError(ValueError):
    """Nobody may have this password. The text is one sentence that says why, for them."""


class BusyError(Exception):
    """So many hashes are waiting that this one is not made. retry_after: seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"try again in {retry_after:g} s")
        self.retry_after = retry_after


class ShareUsedError(BusyError):
    """So many hashes of the same source are waiting that this one is not made."""


class Passwords:
    """Hashes and verifies passwords, at most `limit` at once; at most `queue` others wait, and at
    most `share` of one source. BusyError is raised for more, ShareUsedError for more of one source.

    `source` is the address that a request came from, ANYBODY where none is known. `shortest`: code
    points that a new password has at least. `memory_cost` is KiB. A cancelled call returns at
    once; its thread keeps its place in the limit until it ends.
    """

    def __init__(
        self,
        limit: int = 2,
        *,
        queue: int = 200,
        share: int = 0,
        shortest: int = SHORTEST_PASSWORD,
        time_cost: int = argon2.DEFAULT_TIME_COST,
        memory_cost: int = argon2.DEFAULT_MEMORY_COST,
        parallelism: int = argon2.DEFAULT_PARALLELISM,
    ) -> None:
        self._limiter = FairLimiter(limit, places=queue, share=share)
        self._shortest = shortest
        self._took = 0.0  # seconds that the last hash took
        self._hasher = argon2.PasswordHasher(time_cost, memory_cost, parallelism)
        self._nobody = _unmatchable_hash(self._hasher)

    async def hash_new(self, password: str, source: str = ANYBODY) -> str:
        """Return the encoded hash of a password that somebody chooses.

        Raises PasswordRefusedError for one that is too short, too long or among the commonest, or
        BusyError.
        """
        if len(password) < self._shortest:
            raise PasswordRefusedError(too_short(self._shortest))
        secret = _to_bytes(password)
        if len(secret) > LONGEST_PASSWORD:
            raise PasswordRefusedError(TOO_LONG)

        def work() -> str:
            if is_common(password):
                raise PasswordRefusedError(TOO_COMMON)
            return self._hasher.hash(secret)

        return await self._in_thread(work, source)

    async def hash(self, password: str, source: str = ANYBODY) -> str:
        """Return the encoded hash of a password that stands already. Raises BusyError."""
        secret = _to_bytes(password)
        return await self._in_thread(lambda: self._hasher.hash(secret), source)

    async def verify(
        self,
        hash: str | None,  # noqa: A002
        password: str,
        source: str = ANYBODY,
    ) -> bool:
        """Return whether the password is the one behind the hash.

        None stands for an unknown user: it takes as long as a wrong password and is False. So does
        an empty password, even of its own hash: it opens no account. Raises
        argon2.exceptions.InvalidHashError for a text that is no hash, or BusyError.
        """
        secret = _to_bytes(password)
        if len(secret) > LONGEST_PASSWORD:
            return False
        stored = self._nobody if hash is None else hash
        return await self._in_thread(lambda: self._matches(stored, secret), source)

    def needs_rehash(self, hash: str) -> bool:  # noqa: A002
        """Return whether the hash was made with other parameters than these."""
        return self._hasher.check_needs_rehash(hash)

    def _matches(self, stored: str, secret: bytes) -> bool:
        try:
            self._hasher.verify(stored, secret)
        except argon2.exceptions.VerifyMismatchError:
            return False
        return secret != b""

    async def _in_thread(self, work: Callable[[], T], source: str) -> T:
        try:
            turn = self._limiter.admit(source)
        except FullError as full:
            before = self._limiter.waiting + 1
            error = ShareUsedError if full.of_source else BusyError
            raise error(max(1.0, before * self._took / self._limiter.limit)) from None

        def timed() -> T:
            began = time.monotonic()
            try:
                return work()
            finally:
                self._took = time.monotonic() - began

        limiter = cast(trio.CapacityLimiter, turn)  # Trio takes whatever has its two methods
        return await trio.to_thread.run_sync(timed, abandon_on_cancel=True, limiter=limiter)


def _to_bytes(password: str) -> bytes:
    # JSON can smuggle in a lone surrogate: it is a wrong password, not a fault.
    return password.encode("utf-8", "surrogatepass")


def _unmatchable_hash(hasher: argon2.PasswordHasher) -> str:
    """Return a hash of these parameters whose digest is random bytes: making it costs nothing."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode("ascii").rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
