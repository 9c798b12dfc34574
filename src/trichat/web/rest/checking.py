"""A password that a request shows is looked at as a login looks at it, wherever it is shown.

All routes that take one share one throttle: a stolen token is no way to guess past it.
"""

import logging
from typing import Final

import trio
from attrs import define, field, frozen

from trichat.auth.passwords import BusyError
from trichat.core.model import User
from trichat.core.refusals import RateLimited
from trichat.logevents import LogEvent, log_event
from trichat.runtime.accounts import VerifiedCredentials
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.settings.addresses import NOBODY
from trichat.web.rest.caller import address_of, client_of
from trichat.web.rest.errors import BUSY, CROWDED, RequestError
from trichat.web.rest.refused import Words
from trichat.web.rest.remembered import Remembered
from trichat.web.rest.throttle import LoginThrottle

SLOW_DOWN: Words = {RateLimited: (429, "Too many login attempts, try again later")}

FRESH: Final = 300.0  # seconds since its issue for which a token stands for a password
REQUIRED: Final = (400, "Current password is required")
WRONG: Final = (400, "Current password is incorrect")
STALE: Final = (403, "This takes a token issued in the last 5 minutes: log in again")
# Where a password's hash has to wait.
CROWDS: Final = ((503, BUSY), (429, CROWDED))
UNPROVEN: Final = (REQUIRED, WRONG, STALE, *CROWDS)


@frozen
class Attempt:
    """One password for one user name, from one address."""

    username: str
    password: str = field(repr=False)
    address: str


@define(eq=False)
class _Look:
    """A hash that is being made: whoever makes the same attempt meanwhile waits for its answer."""

    done: trio.Event = field(factory=trio.Event)
    known: VerifiedCredentials | None = None


class PasswordChecks:
    """Looks at passwords for a whole server.

    Every password that is looked at counts for its name and its address (LoginThrottle). One that
    was refused is refused again without a hash, until another password is stored or the window is
    over.
    """

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings.auth
        self._accounts = runtime.accounts
        self._store = runtime.store
        self._clock = runtime.clock
        self._addresses = runtime.addresses
        self._throttle = LoginThrottle(
            settings.login_attempts, settings.login_window, settings.login_attempts_per_address
        )
        self._refused = Remembered(settings.login_window)
        self._under_way: dict[bytes, _Look] = {}

    def attempt(self, username: str, password: str, caller: User | None = None) -> Attempt:
        """Return the attempt that the present request makes.

        caller: who is logged in already. Where no address is known (NOBODY) their guesses are
        bounded by themselves; those of a login are not, for they would be bounded for everybody.
        """
        address = address_of(self._addresses)
        if address == NOBODY and caller is not None:
            address = f"user:{caller.id}"
        return Attempt(username, password, address)

    async def look(self, attempt: Attempt) -> VerifiedCredentials | RateLimited | None:
        """Return whose password it is; None for nobody's. Raises BusyError.

        It is RateLimited where the password may not be looked at now, or was refused too often.
        Where it is nobody's the log says whose it was to be, by number: a name that nobody bears
        may be a password that was typed into the wrong field.
        """
        known = await self._look(attempt)
        if known is None:
            user = (await self._accounts.credentials(attempt.username)).user
            log_event(
                LogEvent.LOGIN_FAILED,
                level=logging.WARNING,
                user=None if user is None else user.id,
                address=client_of(self._addresses) or None,
            )
        return known

    async def _look(self, attempt: Attempt) -> VerifiedCredentials | RateLimited | None:
        shown = attempt.username, attempt.password, attempt.address
        wait = self._throttle.begin(*shown)
        if wait is not None:
            return RateLimited(wait)
        credentials = await self._accounts.credentials(attempt.username)
        key = self._throttle.digest(*shown, credentials.password_hash or "")
        while (under_way := self._under_way.get(key)) is not None:
            await under_way.done.wait()
            if under_way.known is not None:
                return under_way.known
        wait = self._refused.repeat(key)
        if wait is not None:
            return RateLimited(wait) if wait else None
        look = self._under_way[key] = _Look()
        try:
            look.known = await self._accounts.prove(credentials, attempt.password, attempt.address)
        except BusyError:
            self._throttle.not_looked_at(*shown)
            raise
        finally:
            del self._under_way[key]
            look.done.set()
        if look.known is None:
            self._refused.add(key)
        else:
            self._throttle.succeeded(*shown)
        return look.known

    async def prove(self, me: Identity, password: str | None) -> str | RateLimited | None:
        """Check that the caller is the account's owner, and not just the bearer of their token.

        Returns the password's hash as it was stored when it matched; None for a caller who has no
        password, since an identity provider vouches for them: a token that it issued just now takes
        its place. Raises RequestError with one of UNPROVEN, and BusyError.
        """
        stored = await self._store.credentials(me.user.username)
        if stored is not None and stored[1] is None:
            if me.issued_at is None or self._clock() / 1000 - me.issued_at > FRESH:
                raise RequestError(*STALE)
            return None
        if password is None:
            raise RequestError(*REQUIRED)
        known = await self.known(me, password)
        if known is None:
            raise RequestError(*WRONG)
        return known if isinstance(known, RateLimited) else known.password_hash

    async def known(self, me: Identity, password: str) -> VerifiedCredentials | RateLimited | None:
        """Return the caller by their password; None where it is not theirs. Raises BusyError."""
        known = await self.look(self.attempt(me.user.username, password, me.user))
        if isinstance(known, VerifiedCredentials) and known.user.id != me.user.id:
            return None
        return known
