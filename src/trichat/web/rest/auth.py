"""Accounts: /api/v1/auth (channels-rest 3)."""

from typing import Final, TypedDict

import trio
from attrs import field, frozen
from email_validator import EmailNotValidError, validate_email

from trichat.auth.passwords import BusyError, PasswordTooLongError
from trichat.core.model import Status, User
from trichat.core.quota import SlidingWindow
from trichat.core.refusals import RateLimited, Refusal, Taken
from trichat.dialects.objects import UserObject, user_object
from trichat.runtime.server import Runtime
from trichat.settings.addresses import NOBODY
from trichat.web.rest.bodies import Rule, name, ruled, text
from trichat.web.rest.caller import address_of, unauthorized
from trichat.web.rest.errors import BUSY, RequestError
from trichat.web.rest.problems import bad_value, invalid
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route
from trichat.web.rest.throttle import LoginThrottle

MAX_ADDRESS = 320
MAX_AVATAR = 2048
TAKEN: Final = {
    "email": (400, "Email already registered"),
    "username": (400, "Username already taken"),
}
_CLOSED: Final = (403, "Registration is disabled on this server")
_BARRED: Final = {
    status: (403, f"This account is {status.value.lower()}")
    for status in Status
    if status is not Status.ACTIVE
}
_WRONG: Final = "Incorrect username or password"


class Access(TypedDict):
    """Logged in."""

    access_token: str
    token_type: str
    user: UserObject


def _why_no_address(value: str) -> str | None:
    if len(value) > MAX_ADDRESS:
        return f"must have at most {MAX_ADDRESS} characters"
    try:
        validate_email(value, check_deliverability=False)
    except EmailNotValidError as error:
        return str(error)
    return None


# An e-mail address in form; whether mail arrives there is not asked.
address = Rule(_why_no_address, {"format": "email", "maxLength": MAX_ADDRESS})


@frozen
class NewUser:
    """POST /register"""

    email: str = field(metadata=ruled(address, example="alice@example.com"))
    username: str = field(metadata=ruled(name, example="alice"))
    password: str = field(
        repr=False, metadata=ruled(text(least=1), secret=True, example="Secret1x")
    )
    avatar: str | None = field(default=None, metadata=ruled(text(most=MAX_AVATAR)))


@frozen
class Credentials:
    """POST /login"""

    username: str = field(metadata=ruled(text(), example="alice"))
    password: str = field(repr=False, metadata=ruled(text(), secret=True, example="Secret1x"))


class Auth:
    """Registration, login and oneself."""

    def __init__(self, runtime: Runtime) -> None:
        self._accounts = runtime.accounts
        self._settings = runtime.settings.auth
        self._throttle = LoginThrottle(
            self._settings.login_attempts,
            self._settings.login_window,
            self._settings.login_attempts_per_address,
        )
        self._registrations = SlidingWindow(
            self._settings.registrations_per_address, self._settings.registration_window
        )
        self._addresses = runtime.addresses

    async def register(self, body: NewUser) -> Access | Refusal:
        """An account, logged in at once."""
        if not self._settings.allow_registration:
            raise RequestError(*_CLOSED)
        address = address_of(self._addresses)
        if address != NOBODY:
            wait = self._registrations.take(address, trio.current_time())
            if wait is not None:
                return RateLimited(wait)
        email = validate_email(body.email, check_deliverability=False).normalized
        try:
            made = await self._accounts.register(body.username, email, body.password, body.avatar)
        except PasswordTooLongError as error:
            raise invalid(bad_value(str(error), None, "body", "password")) from None
        if isinstance(made, Taken):
            raise RequestError(*TAKEN[made.field])
        if isinstance(made, Refusal):
            return made
        return self._logged_in(made.user)

    async def login(self, body: Credentials) -> Access | Refusal:
        """A token for who knows the password."""
        attempt = body.username, body.password, address_of(self._addresses)
        wait = self._throttle.begin(*attempt)
        if wait is not None:
            return RateLimited(wait)
        try:
            user = await self._accounts.login(body.username, body.password)
        except BusyError:
            self._throttle.not_looked_at(*attempt)
            raise
        if user is None:
            raise unauthorized(_WRONG)
        self._throttle.succeeded(*attempt)
        if user.status is not Status.ACTIVE:
            raise RequestError(*_BARRED[user.status])
        return self._logged_in(user)

    async def me(self, me: User) -> UserObject:
        """The caller himself."""
        return user_object(me)

    def _logged_in(self, user: User) -> Access:
        return {
            "access_token": self._accounts.token(user),
            "token_type": "bearer",
            "user": user_object(user),
        }


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/auth"""
    auth = Auth(runtime)
    slow_down: Words = {RateLimited: (429, "Too many login attempts, try again later")}
    too_many: Words = {RateLimited: (429, "Too many registrations, try again later")}
    return (
        Route(
            "POST", "/api/v1/auth/register", auth.register,
            body=NewUser, words=too_many,
            refuses=(*TAKEN.values(), _CLOSED, (503, BUSY)), public=True,
        ),
        Route(
            "POST", "/api/v1/auth/login", auth.login,
            body=Credentials, words=slow_down,
            refuses=((401, _WRONG), *_BARRED.values(), (503, BUSY)), public=True,
        ),
        Route("GET", "/api/v1/auth/me", auth.me),
    )  # fmt: skip
