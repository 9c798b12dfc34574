"""Logins are refreshed and ended at /api/v1/auth, and open sockets with tickets."""

from typing import Final, TypedDict

from attrs import field, frozen

from trichat.core.model import Status
from trichat.core.refusals import NoSuchLogin, RateLimited, Refusal
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.web.rest.auth import BARRED, Access, access
from trichat.web.rest.bodies import ruled, text
from trichat.web.rest.caller import unauthorized
from trichat.web.rest.errors import RequestError
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route, Said

_BAD: Final = "Could not validate credentials"


@frozen
class Refresh:
    """A refresh token, as it was answered last."""

    refresh_token: str = field(repr=False, metadata=ruled(text(), secret=True))


class TicketObject(TypedDict):
    """A ticket. `expires_in` is in seconds."""

    ticket: str
    expires_in: int


class Logins:
    """The logins of the caller."""

    def __init__(self, runtime: Runtime) -> None:
        self._accounts = runtime.accounts
        self._logins = runtime.logins

    async def refresh(self, body: Refresh) -> Access | Refusal:
        """Exchange a refresh token for new tokens; it counts no more.

        The same answer is given again for a while, as long as its refresh token was not used.
        Later the login ends, and with it whatever it has opened.
        """
        granted = await self._logins.renew(body.refresh_token)
        if isinstance(granted, NoSuchLogin):
            raise unauthorized(_BAD)
        if isinstance(granted, Refusal):
            return granted
        status = (await self._accounts.up_to_date(granted.user)).status
        if status is not Status.ACTIVE:
            raise RequestError(*BARRED[status])
        return access(granted)

    async def logout(self, me: Identity) -> Said | Refusal:
        """Log out: end this login's tokens, and close the sockets that they opened."""
        return await self._logins.end(me) or {"message": "Logged out"}

    async def logout_everywhere(self, me: Identity) -> Said | Refusal:
        """Log out everywhere: end every login of the caller. API keys stay."""
        return await self._logins.end_all(me) or {"message": "Logged out everywhere"}

    async def ticket(self, me: Identity) -> TicketObject | Refusal:
        """Make a ticket for one WebSocket connection, in place of a token in its address."""
        made = await self._logins.ticket(me)
        if isinstance(made, Refusal):
            return made
        return {"ticket": made, "expires_in": int(self._logins.ticket_lifetime)}


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/auth"""
    logins = Logins(runtime)
    at = "/api/v1/auth"
    slow_down: Words = {RateLimited: (429, "Too many unused tickets, try again later")}
    return (
        Route(
            "POST", f"{at}/refresh", logins.refresh,
            summary="Refresh an access token",
            description=(
                "Exchanges a refresh token for a new access token and a new refresh token. It"
                " takes no access token: the refresh token is the credential, and it can be used"
                " once. If the response was lost, the same request gets the same response for a"
                " short while, as long as the new refresh token was not used. After that, a"
                " token used twice is taken for a stolen one: 401, and the login ends with"
                " everything that it opened. A suspended or banned account fails with 403, and"
                " keeps its token."
            ),
            body=Refresh, refuses=((401, _BAD), *BARRED.values()), public=True,
        ),
        Route(
            "POST", f"{at}/logout", logins.logout,
            summary="Log out",
            description=(
                "Ends the login that the access token belongs to: its tokens stop working, and"
                " the WebSocket connections that they opened are closed. Other logins of the"
                " caller and their API keys stay."
            ),
            by_credential=True,
        ),
        Route(
            "POST", f"{at}/logout-everywhere", logins.logout_everywhere,
            summary="Log out everywhere",
            description=(
                "Ends every login of the caller, this one too: their tokens stop working, and"
                " the WebSocket connections that they opened are closed. API keys stay; they are"
                " revoked one by one."
            ),
            by_credential=True,
        ),
        Route(
            "POST", f"{at}/ticket", logins.ticket,
            summary="Create a ticket for a WebSocket",
            description=(
                "Makes a ticket that opens one WebSocket connection, as `?ticket=` in place of"
                " an access token in an address, which histories and logs may keep. It works"
                " once, within `expires_in` seconds, and the connection ends when the access"
                " token would. Fails with 429 if the caller has too many unused tickets."
            ),
            words=slow_down, by_credential=True,
        ),
    )  # fmt: skip
