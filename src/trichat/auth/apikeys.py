"""An API key is 256 random bits behind a prefix that distinguishes it from a token.

They are stored as a plain SHA-256: what cannot be guessed needs no slow hash.
"""

import hashlib
import re
import secrets
from typing import Final

PREFIX: Final = "tck_"

_FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


def new_key() -> tuple[str, str]:
    """Return a new key and its digest: the first to be shown once, the second to be stored."""
    key = PREFIX + secrets.token_urlsafe(32)
    return key, digest(key)


def digest(key: str) -> str:
    """Return the SHA-256 of the key as 64 hexadecimal digits, by which the store finds it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def is_key(text: str) -> bool:
    """Return whether the text has the form of a key; a token never has."""
    return _FORM.fullmatch(text) is not None
