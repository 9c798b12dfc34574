"""Who a connection or a request is, and by which credential."""

from math import inf

from trichat.core.model import User
from trichat.core.value import value


@value
class Identity:
    """expires_at: UNIX seconds at which the credential ends. key_id: of the API key it came with.
    login: what ends with a logout: the login that the token names, or else the token itself, by
    its SHA-256. issued_at: UNIX seconds, of a token that names no login; None for one that does.
    """

    user: User
    expires_at: float = inf
    key_id: int | None = None
    login: str | None = None
    issued_at: float | None = None
