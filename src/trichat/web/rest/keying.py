"""A request with a key is carried out once, however often it comes (docs/resume.md)."""

from typing import Any, Final

from quart import request

from trichat.core.text import MAX_KEY, check_key
from trichat.web.rest.errors import RequestError
from trichat.web.rest.problems import bad_value, invalid

HEADER: Final = "Idempotency-Key"
SCHEMA: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}


def read_key() -> str | None:
    """Return the request's key; None where there is none. Raises RequestError.

    Quotation marks around it are no part of it.
    """
    given = request.headers.get(HEADER)
    if given is None:
        return None
    key = given.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if check_key(key) is not None:
        raise _wrong(f"must have 1 to {MAX_KEY} characters", given)
    return key


def reused(key: str) -> RequestError:
    """Return the answer for a key that stands for another request."""
    return _wrong("stands for another message", key)


def _wrong(why: str, value: str) -> RequestError:
    return invalid(bad_value(why, value, "header", HEADER))
