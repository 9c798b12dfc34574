"""Requests carry a token in their `Authorization` field (all-5)."""

from collections.abc import Iterable


def bearer_token(fields: Iterable[str]) -> str | None:
    """Return the token of the first field whose scheme is Bearer; None without such a field.

    The token may be empty. fields: the values of a request's `Authorization` fields, in order. A
    field of another scheme (a password in front of the whole site) is no credential here and
    decides nothing.
    """
    for value in fields:
        scheme, _, token = value.strip().partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
    return None
