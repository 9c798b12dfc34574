"""Accounts are registered and used at /api/v1/auth (channels-rest 3)."""

from typing import Final, NotRequired, TypedDict

import trio
from attrs import field, frozen

from trichat.auth import mailaddress
from trichat.auth.passwords import TOO_COMMON, TOO_LONG, PasswordRefusedError, too_short
from trichat.auth.wording import NAME_WORDS
from trichat.core.model import Status, User
from trichat.core.quota import SlidingWindow
from trichat.core.refusals import Invalid, Outdated, RateLimited, Refusal, Taken
from trichat.dialects.objects import OwnUserObject, own_user_object
from trichat.runtime.identity import Identity
from trichat.runtime.logins import Granted
from trichat.runtime.server import Runtime
from trichat.settings.addresses import NOBODY
from trichat.web.rest.bodies import Rule, avatar, name, ruled, text
from trichat.web.rest.caller import address_of, unauthorized
from trichat.web.rest.checking import CROWDS, SLOW_DOWN, WRONG, PasswordChecks
from trichat.web.rest.errors import RequestError
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route, Said

TAKEN: Final = {
    "email": (400, "Email already registered"),
    "username": (400, "Username already taken"),
}
# Why a name is refused although it has the form that the schema of the request asks for.
NO_NAME: Final = ((400, NAME_WORDS["unclean"]), (400, NAME_WORDS["altered"]))
_CLOSED: Final = (403, "Registration is disabled on this server")
BARRED: Final = {
    status: (403, f"This account is {status.value.lower()}")
    for status in Status
    if status is not Status.ACTIVE
}
_WRONG: Final = "Incorrect username or password"
TRIES: Final = 3  # looks at a password whose stored hash is replaced meanwhile


class Access(TypedDict):
    """Tokens of a login. The last two keys are there where a refresh token was asked for."""

    access_token: str
    token_type: str
    user: OwnUserObject
    refresh_token: NotRequired[str]
    expires_in: NotRequired[int]


def access(granted: Granted) -> Access:
    """Return the answer to a login: the same as ever for who asked for no refresh token."""
    answer: Access = {
        "access_token": granted.access_token,
        "token_type": "bearer",
        "user": own_user_object(granted.user),
    }
    if granted.refresh_token is not None:
        answer["refresh_token"] = granted.refresh_token
        answer["expires_in"] = granted.seconds
    return answer


# An e-mail address in form; whether mail arrives there is not asked.
address = Rule(mailaddress.why_no_address, {"format": "email", "maxLength": mailaddress.LONGEST})


@frozen
class NewUser:
    """An account to register."""

    email: str = field(metadata=ruled(address, example="alice@example.com"))
    username: str = field(metadata=ruled(name, example="alice"))
    password: str = field(repr=False, metadata=ruled(text(), secret=True, example="Secret1x"))
    avatar: str | None = field(default=None, metadata=ruled(avatar))
    refresh: bool = False


@frozen
class Credentials:
    """The name of an account, and its password."""

    username: str = field(metadata=ruled(text(), example="alice"))
    password: str = field(repr=False, metadata=ruled(text(), secret=True, example="Secret1x"))
    refresh: bool = False


@frozen
class NewPassword:
    """The current password, and a new one."""

    current_password: str = field(
        repr=False, metadata=ruled(text(), secret=True, example="Secret1x")
    )
    new_password: str = field(repr=False, metadata=ruled(text(), secret=True, example="Secret2x"))
    keep_api_keys: bool = False


class Auth:
    """Registers accounts, logs in, and serves callers their own account."""

    def __init__(self, runtime: Runtime, checks: PasswordChecks) -> None:
        self._accounts = runtime.accounts
        self._logins = runtime.logins
        self._settings = runtime.settings.auth
        self._checks = checks
        self._registrations = SlidingWindow(
            self._settings.registrations_per_address, self._settings.registration_window
        )
        self._addresses = runtime.addresses

    async def register(self, body: NewUser) -> Access | Refusal:
        """Register an account, and log in."""
        if not self._settings.allow_registration:
            raise RequestError(*_CLOSED)
        address = address_of(self._addresses)
        if address != NOBODY:
            wait = self._registrations.take(address, trio.current_time())
            if wait is not None:
                return RateLimited(wait)
        email = mailaddress.normalized(body.email)
        login, refresh = self._logins.new(refresh=body.refresh)
        try:
            made = await self._accounts.register(
                body.username, email, body.password, body.avatar, login=login, source=address
            )
        except PasswordRefusedError as error:
            raise RequestError(400, str(error)) from None
        if isinstance(made, Invalid):
            raise RequestError(400, NAME_WORDS[made.why])
        if isinstance(made, Taken):
            raise RequestError(*TAKEN[made.field])
        if isinstance(made, Refusal):
            return made
        return access(self._logins.granted(made.user, login.name, login.expires_at, refresh))

    async def login(self, body: Credentials) -> Access | Refusal:
        """Log in with a user name and a password."""
        attempt = self._checks.attempt(body.username, body.password)
        for _ in range(TRIES):
            known = await self._checks.look(attempt)
            if isinstance(known, RateLimited):
                return known
            if known is None:
                raise unauthorized(_WRONG)
            if known.user.status is not Status.ACTIVE:
                raise RequestError(*BARRED[known.user.status])
            granted = await self._logins.open(known, refresh=body.refresh)
            if not isinstance(granted, Refusal):
                return access(granted)
            if not isinstance(granted, Outdated):
                return granted
        raise unauthorized(_WRONG)

    async def change_password(self, me: Identity, body: NewPassword) -> Said | Refusal:
        """Set a new password; every other login of the caller ends.

        So does every API key, with what it has opened, unless `keep_api_keys` says otherwise.
        """
        known = await self._checks.known(me, body.current_password)
        if isinstance(known, RateLimited):
            return known
        if known is None:
            raise RequestError(*WRONG)
        try:
            refusal = await self._logins.change_password(
                me,
                known,
                body.new_password,
                keep_keys=body.keep_api_keys,
                source=address_of(self._addresses),
            )
        except PasswordRefusedError as error:
            raise RequestError(400, str(error)) from None
        return refusal or {"message": "Password changed"}

    async def me(self, me: User) -> OwnUserObject:
        """Show the caller's own account."""
        return own_user_object(me)


def routes(runtime: Runtime, checks: PasswordChecks) -> tuple[Route, ...]:
    """/api/v1/auth"""
    auth = Auth(runtime, checks)
    least = runtime.settings.auth.password_length
    weak = ((400, too_short(least)), (400, TOO_LONG), (400, TOO_COMMON))
    too_many: Words = {RateLimited: (429, "Too many registrations, try again later")}
    return (
        Route(
            "POST", "/api/v1/auth/register", auth.register,
            summary="Register an account",
            description=(
                "Makes an account with a name, an e-mail address and a password, and logs in:"
                " the response has the account and an access token, and a refresh token too if"
                " the body has `refresh: true`. Open to everyone, unless the operator has closed"
                " registration (403). Fails with 400 if somebody else has the name or the"
                " address, if the name has characters that names cannot have, and if the"
                " password is too short, too long or too common. Too many registrations from one"
                " address fail with 429."
            ),
            body=NewUser, words=too_many,
            refuses=(*TAKEN.values(), *NO_NAME, *weak, _CLOSED, *CROWDS), public=True,
        ),
        Route(
            "POST", "/api/v1/auth/login", auth.login,
            summary="Log in",
            description=(
                "Exchanges a user name and a password for an access token, and for a refresh"
                " token too if the body has `refresh: true`. Open to everyone. An unknown name"
                " and a wrong password fail with the same 401; a suspended or banned account"
                " fails with 403 once the password was right. Attempts are counted by name and"
                " by network address; too many fail with 429 and `Retry-After`."
            ),
            body=Credentials, words=SLOW_DOWN,
            refuses=((401, _WRONG), *BARRED.values(), *CROWDS), public=True,
        ),
        Route(
            "GET", "/api/v1/auth/me", auth.me,
            summary="Show your own account",
            description=(
                "Returns the account that the access token belongs to, with its e-mail address"
                " and with `number`, the integer by which some of the WebSocket APIs know it."
            ),
        ),
        Route(
            "PUT", "/api/v1/auth/password", auth.change_password,
            summary="Change your password",
            description=(
                "Replaces the password of the caller, who shows the current one. Every other"
                " login of theirs ends, and so does every API key unless the body has"
                " `keep_api_keys: true`; WebSocket connections that these opened are closed."
                " Fails with 400 if the current password is wrong, or the new one too short, too"
                " long or too common. Too many wrong guesses fail with 429."
            ),
            body=NewPassword, words={**SLOW_DOWN, Outdated: WRONG},
            refuses=(WRONG, *weak, *CROWDS), by_credential=True,
        ),
    )  # fmt: skip
