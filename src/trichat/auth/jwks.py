"""Keys that a provider publishes at an address, kept by a task of their own.

The task alone fetches: at the start, on an interval, and sooner when a token names a key that is
not known (a rotation), but then at a bounded rate, since anybody can make up such tokens. Who has
a known key never waits. While the provider cannot be reached the keys known last go on working.
"""

import http.client
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

import trio

from trichat.auth.keys import Key, jwk_set
from trichat.auth.providererrors import KeysNotKnownError, ProviderKeysError

_log = logging.getLogger(__name__)

Fetch = Callable[[], Awaitable[bytes]]
_CHUNK = 16 * 1024


class PublishedKeys:
    """fetch: gets the JWK set, within a bounded time; raises ProviderKeysError. In seconds:
    refresh: between fetches; retry: between fetches that tokens with unknown keys ask for, and
    after one that failed; patience: for which such a token waits.
    """

    def __init__(self, fetch: Fetch, *, refresh: float, retry: float, patience: float) -> None:
        self._fetch = fetch
        self._refresh = refresh
        self._retry = retry
        self._patience = patience
        self._keys: Sequence[Key] = ()  # none: they were never fetched, for a set is never empty
        self._fetching = True  # the first fetch is the task's first step
        self._not_before = 0.0
        self._wake = trio.Event()
        self._fetched = trio.Event()

    async def find(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """Those that may have signed a token with this header.

        Raises KeysNotKnownError as long as no fetch has succeeded since the start.
        """
        found = self._matching(algorithm, kid)
        if not found and (self._fetching or trio.current_time() >= self._not_before):
            fetched = self._fetched
            if not self._fetching:
                self._wake.set()
            with trio.move_on_after(self._patience):
                await fetched.wait()
            found = self._matching(algorithm, kid)
        if not self._keys:
            raise KeysNotKnownError(max(1.0, self._not_before - trio.current_time()))
        return found

    def _matching(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        return [key for key in self._keys if key.answers(algorithm, kid)]

    async def run(self) -> None:
        """For ever."""
        while True:
            self._fetching = True
            good = await self._renew()
            self._fetching = False
            self._not_before = trio.current_time() + self._retry
            self._wake = trio.Event()
            fetched, self._fetched = self._fetched, trio.Event()
            fetched.set()
            with trio.move_on_after(self._refresh if good else min(self._retry, self._refresh)):
                await self._wake.wait()

    async def _renew(self) -> bool:
        try:
            self._keys = jwk_set(await self._fetch())
        except ProviderKeysError as error:
            _log.warning("the identity provider's keys were not renewed: %s", error)
        except Exception:  # nobody else watches over this task
            _log.exception("the identity provider's keys were not renewed")
        else:
            return True
        return False


def over_http(url: str, *, timeout: float, limit: int) -> Fetch:
    """GET in a thread, `timeout` seconds and `limit` bytes at most. No redirect is followed."""
    threads = trio.CapacityLimiter(1)  # one that hangs is not joined by others

    async def fetch() -> bytes:
        request = _Request(url, timeout, limit)
        with trio.move_on_after(timeout):
            try:
                return await trio.to_thread.run_sync(
                    request.carry_out, abandon_on_cancel=True, limiter=threads
                )
            finally:
                request.give_up()
        raise ProviderKeysError(f"{url} took longer than {timeout:g} s")

    return fetch


class _Request:
    """All of it but giving it up is done in the thread."""

    def __init__(self, url: str, timeout: float, limit: int) -> None:
        self._url = url
        self._timeout = timeout
        self._limit = limit
        self._until = time.monotonic() + timeout
        self._connection: http.client.HTTPConnection | None = None

    def carry_out(self) -> bytes:
        parts = urlsplit(self._url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection = self._to(parts)
        try:
            connection.request("GET", target, headers={"Accept": "application/json"})
            with connection.getresponse() as response:  # it may own the socket by now
                if response.status != http.client.OK:
                    raise ProviderKeysError(f"{self._url} answered {response.status}")
                return self._body(response)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            reason = str(error) or type(error).__name__
            raise ProviderKeysError(f"{self._url} cannot be read: {reason}") from None
        finally:
            connection.close()

    def _to(self, parts: SplitResult) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        if parts.scheme == "https":
            trusting = ssl.create_default_context()  # it reads the system's certificates
            return http.client.HTTPSConnection(
                host, parts.port, timeout=self._timeout, context=trusting
            )
        return http.client.HTTPConnection(host, parts.port, timeout=self._timeout)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        body = b""
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > self._limit:
                raise ProviderKeysError(f"{self._url} sent more than {self._limit} bytes")
            if time.monotonic() > self._until:
                raise ProviderKeysError(f"{self._url} took too long")
        if response.length:  # promised and not sent
            raise ProviderKeysError(f"{self._url} cannot be read: it ended early")
        return body

    def give_up(self) -> None:
        """Wake the thread, if it still waits for bytes."""
        connected = None if self._connection is None else self._connection.sock
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
