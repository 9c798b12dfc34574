"""Refresh tokens and tickets are random texts behind prefixes of their own, stored as SHA-256.

A refresh token has two parts: the family's, which all tokens of one login share and nobody else can
know, and the secret, which is another one each time. A token with the family of a login and a
secret that does not count any more was used before.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

REFRESH: Final = "tcr_"
TICKET: Final = "tct_"

_FAMILY: Final = 22  # characters of 16 bytes
_TOKEN = re.compile(REFRESH + r"[A-Za-z0-9_-]{65}")
_TICKET = re.compile(TICKET + r"[A-Za-z0-9_-]{43}")


@frozen
class RefreshToken:
    """One refresh token of a family."""

    family: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """Return the token as a client has it."""
        return REFRESH + self.family + self.secret

    @property
    def family_digest(self) -> str:
        """Return the digest by which the store finds the login."""
        return digest(self.family)

    @property
    def secret_digest(self) -> str:
        """Return the digest by which the store knows whether this is the token that counts."""
        return digest(self.secret)

    def successor(self, keyed: Callable[[bytes], bytes]) -> "RefreshToken":
        """Return the next token of the family: always the same, so that an answer can be repeated.

        keyed: a hash under a key of the server's, without which nobody can tell the next.
        """
        return RefreshToken(self.family, _text(keyed(self.secret.encode())))


def new_refresh_token() -> RefreshToken:
    """Return the first token of a new family."""
    return RefreshToken(secrets.token_urlsafe(16), secrets.token_urlsafe(32))


def read_refresh_token(text: str) -> RefreshToken | None:
    """Return the token that the text holds; None if it has another form."""
    if _TOKEN.fullmatch(text) is None:
        return None
    parts = text.removeprefix(REFRESH)
    return RefreshToken(parts[:_FAMILY], parts[_FAMILY:])


def new_ticket() -> tuple[str, str]:
    """Return a new ticket and its digest: the first for the client, the second to be stored."""
    ticket = TICKET + secrets.token_urlsafe(32)
    return ticket, digest(ticket)


def is_ticket(text: str) -> bool:
    """Return whether the text has the form of a ticket."""
    return _TICKET.fullmatch(text) is not None


def digest(text: str) -> str:
    """Return the SHA-256 as 64 hexadecimal digits: what cannot be guessed needs no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
