"""A caller is the bearer of a token, or gets 401, which sends the web client to its login.

No other status does so (channels-21).
"""

import logging
from typing import Final

from quart import request

from trichat.auth.bearer import bearer_token
from trichat.core import authority
from trichat.core.authority import Permission
from trichat.core.model import Role, User
from trichat.runtime.accounts import (
    Accounts,
    NotIdentifiedError,
    UndecidedError,
    UnknownUserError,
)
from trichat.runtime.identity import Identity
from trichat.settings.addresses import FORWARDING, Addresses
from trichat.web.rest.errors import RequestError, retry_after

Need = Permission | Role

UNDECIDED: Final = "The credentials cannot be validated now, try again later"

_log = logging.getLogger(__name__)


async def caller(accounts: Accounts) -> Identity:
    """Return whose token the request has. Raises RequestError."""
    shown = request.headers.getlist("Authorization")
    token = bearer_token(shown)
    if token is None:
        other = any(value.strip() for value in shown)
        raise unauthorized("Invalid authentication credentials" if other else "Not authenticated")
    try:
        return await accounts.identify(token)
    except UnknownUserError:
        raise unauthorized("User not found") from None
    except NotIdentifiedError as error:
        _log.info("a request was not authorized: %s", error)
        raise unauthorized("Could not validate credentials") from None
    except UndecidedError as error:
        _log.info("a request waits: %s", error)
        raise RequestError(503, UNDECIDED, retry_after(error.retry_after)) from None


def unauthorized(detail: str) -> RequestError:
    """Return a 401, in the form that the contract gives every one of them."""
    return RequestError(401, detail, {"WWW-Authenticate": "Bearer"})


def require(me: User, need: Need) -> None:
    """Raise RequestError if the caller's role does not suffice (channels-rest 7)."""
    if isinstance(need, Permission):
        suffices = authority.may(me, need)
    else:
        suffices = authority.reaches(me, need)
    if not suffices:
        raise RequestError(*insufficient(need))


def insufficient(need: Need) -> tuple[int, str]:
    """Return the status and words of that."""
    if isinstance(need, Permission):
        return 403, f"Insufficient permissions. Required: {need.value}"
    return 403, f"{need.value.replace('_', ' ').capitalize()} access required"


def address_of(addresses: Addresses) -> str:
    """Return the address that the bounds of one address count this request for."""
    unread = any(name in request.headers for name in FORWARDING[1:])
    return addresses.of(*_named(), unread=unread)


def client_of(addresses: Addresses) -> str:
    """Return where this request comes from, for the log; "" where that has no address."""
    return addresses.client(*_named())


def _named() -> tuple[str, str]:
    client = request.scope.get("client")  # no header: "Remote-Addr" may be the asker's own
    return client[0] if client else "", ",".join(request.headers.getlist(FORWARDING[0]))
