"""Who calls: the bearer of a token, or 401, which alone sends the web client to its login
(channels-21).
"""

import logging

from quart import request

from trichat.core.model import User
from trichat.runtime.accounts import Accounts, NotIdentifiedError, UnknownUserError
from trichat.web.rest.errors import RequestError

_log = logging.getLogger(__name__)


async def caller(accounts: Accounts) -> User:
    """The user of the request's token. Raises RequestError."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    if not scheme:
        raise unauthorized("Not authenticated")
    if scheme.lower() != "bearer":
        raise unauthorized("Invalid authentication credentials")
    try:
        identity = await accounts.identify(token.strip())
    except UnknownUserError:
        raise unauthorized("User not found") from None
    except NotIdentifiedError as error:
        _log.info("a request was not authorized: %s", error)
        raise unauthorized("Could not validate credentials") from None
    return identity.user


def unauthorized(detail: str) -> RequestError:
    """401, in the form that the contract gives every one of them."""
    return RequestError(401, detail, {"WWW-Authenticate": "Bearer"})
