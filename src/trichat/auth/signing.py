"""One key signs our tokens; those before it count while what they signed may still live."""

import hmac
import math
import secrets
from collections.abc import Iterable
from typing import Final

import jwt
from attrs import field, frozen

_KID_BYTES: Final = 8


@frozen
class SigningKey:
    """A secret of HS256.

    until: UNIX seconds from which nothing that it signed counts. kid: the name by which tokens
    refer to it. It is made of the secret, so it is the same wherever that is used, and tells
    nothing of it.
    """

    secret: bytes = field(repr=False)
    until: float = math.inf
    kid: str = field(init=False)

    @kid.default
    def _of_the_secret(self) -> str:
        return hmac.digest(self.secret, b"trichat signing key", "sha256")[:_KID_BYTES].hex()


@frozen
class SigningKeys:
    """The keys whose tokens count.

    current: the one that signs. former: the others, the latest first.
    """

    current: SigningKey
    former: tuple[SigningKey, ...] = ()

    @property
    def kids(self) -> frozenset[str]:
        """Return the names of all keys."""
        return frozenset(key.kid for key in (self.current, *self.former))

    def living(self, now: float) -> tuple[SigningKey, ...]:
        """Return the keys whose tokens count at that time (UNIX seconds), the current one first."""
        if not self.former:
            return (self.current,)
        return (self.current, *(key for key in self.former if now < key.until))

    def that_may_have_signed(self, token: str, now: float) -> Iterable[SigningKey]:
        """Return the key that the token names, or all keys if it names none or another's.

        Tokens of before keys had ids name none, and so do those that were signed elsewhere with our
        secret.
        """
        living = self.living(now)
        if len(living) == 1:
            return living
        kid = _named(token)
        return [key for key in living if key.kid == kid] or living


def new_key() -> SigningKey:
    """Return 384 random bits, as a text of 64 characters."""
    return SigningKey(secrets.token_urlsafe(48).encode())


def _named(token: str) -> object:
    try:
        return jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
