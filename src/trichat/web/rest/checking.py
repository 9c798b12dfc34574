"""A password that a request shows is looked at as a login looks at it, wherever it is shown.

All routes that take one share one throttle: a stolen token is no way to guess past it.
"""

from attrs import field, frozen

from trichat.auth.passwords import BusyError
from trichat.core.model import User
from trichat.core.refusals import RateLimited
from trichat.runtime.accounts import Known
from trichat.runtime.server import Runtime
from trichat.settings.addresses import NOBODY
from trichat.web.rest.caller import address_of
from trichat.web.rest.refused import Words
from trichat.web.rest.throttle import LoginThrottle

SLOW_DOWN: Words = {RateLimited: (429, "Too many login attempts, try again later")}


@frozen
class Attempt:
    """One password for one user name, from one address."""

    username: str
    password: str = field(repr=False)
    address: str


class PasswordChecks:
    """One for a whole server."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings.auth
        self._accounts = runtime.accounts
        self._addresses = runtime.addresses
        self._throttle = LoginThrottle(
            settings.login_attempts, settings.login_window, settings.login_attempts_per_address
        )

    def attempt(self, username: str, password: str, caller: User | None = None) -> Attempt:
        """The attempt that the present request makes.

        caller: who is logged in already. Where no address is known (NOBODY) their guesses are
        bounded by themselves; those of a login are not, for they would be bounded for everybody.
        """
        address = address_of(self._addresses)
        if address == NOBODY and caller is not None:
            address = f"user:{caller.id}"
        return Attempt(username, password, address)

    def begin(self, attempt: Attempt) -> RateLimited | None:
        """Count the attempt; RateLimited where it may not be looked at now."""
        wait = self._throttle.begin(attempt.username, attempt.password, attempt.address)
        return None if wait is None else RateLimited(wait)

    async def look(self, attempt: Attempt) -> Known | None:
        """Whose password it is, for an attempt that has begun. Raises BusyError."""
        told = attempt.username, attempt.password, attempt.address
        try:
            known = await self._accounts.login(attempt.username, attempt.password)
        except BusyError:
            self._throttle.not_looked_at(*told)
            raise
        if known is not None:
            self._throttle.succeeded(*told)
        return known
