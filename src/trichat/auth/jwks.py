"""An identity provider publishes its keys at an address; a task of its own keeps them here.

The task alone fetches: at the start, on an interval, and sooner when a token names a key that is
not known (a rotation), but then at a bounded rate, since anybody can make up such tokens. Who has a
known key never waits. While the provider cannot be reached the keys known last go on working.
"""

import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence

import httpx
import trio

from trichat.auth.keys import Key, jwk_set
from trichat.auth.providererrors import KeysNotKnownError, ProviderKeysError

_log = logging.getLogger(__name__)

Fetch = Callable[[], Awaitable[bytes]]
# Without compression, so that what is read is what was sent.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class PublishedKeys:
    """The keys that a provider publishes, as they were fetched last.

    fetch: gets the JWK set, within a bounded time; raises ProviderKeysError. In seconds: refresh:
    between fetches; retry: between fetches that tokens with unknown keys ask for, and after one
    that failed; patience: for which such a token waits.
    """

    def __init__(self, fetch: Fetch, *, refresh: float, retry: float, patience: float) -> None:
        self._fetch = fetch
        self._refresh = refresh
        self._retry = retry
        self._patience = patience
        self._keys: Sequence[Key] = ()  # empty until the first fetch: no set is
        self._fetching = True  # the first fetch is the task's first step
        self._not_before = 0.0
        self._wake = trio.Event()
        self._fetched = trio.Event()

    async def find(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """Return the keys that may have signed a token with this header.

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
        """Fetch the keys, again and again, until cancelled."""
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
    """Make what GETs this address within `timeout` seconds, and `limit` bytes at most.

    No redirect is followed, and no proxy of the environment is asked.
    """

    async def fetch() -> bytes:
        with trio.move_on_after(timeout):
            try:
                return await _get(url, limit)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
                raise ProviderKeysError(f"{url} cannot be read: {_reason(error)}") from None
        raise ProviderKeysError(f"{url} took longer than {timeout:g} s")

    return fetch


async def _get(url: str, limit: int) -> bytes:
    body = bytearray()
    verify = await _trusted(url)
    async with (
        httpx.AsyncClient(verify=verify, trust_env=False, timeout=None) as client,  # noqa: S113
        client.stream("GET", url, headers=_HEADERS) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise ProviderKeysError(f"{url} answered {response.status_code}")
        with trio.CancelScope() as rest:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > limit:
                    rest.cancel()  # leaving the loop here would leave httpx's generators to the GC
    if len(body) > limit:
        raise ProviderKeysError(f"{url} sent more than {limit} bytes")
    return bytes(body)


async def _trusted(url: str) -> ssl.SSLContext:
    """Return what trusts the system's certificates, or nobody for an address without TLS."""
    if not url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # httpx would bring certificates of its own; the system's are the operator's choice, and are
    # read from files.
    return await trio.to_thread.run_sync(ssl.create_default_context)


def _reason(error: BaseException) -> str:
    """Return what was wrong at first: httpx wraps the words of TLS in errors without words."""
    first = error
    while not str(first) and (before := first.__cause__ or first.__context__) is not None:
        first = before
    return str(first) or type(error).__name__
