"""An access token says who its bearer is, and until when.

Ours are HS256 and nothing else: the algorithm is a constant, so a token's own header never chooses
it. Times come from the clock passed in, because PyJWT would read the system's.
"""

import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import jwt

from trichat.auth.secret import check_secret
from trichat.auth.signing import SigningKey, SigningKeys
from trichat.core.value import value

ALGORITHM: Final = "HS256"
LONGEST_TOKEN: Final = 8 * 1024  # bytes; looked at before anything is parsed

# Issuers name a token's use under one of these; "Bearer" is how some of them spell access.
_USE_CLAIMS = ("token_type", "typ", "type")
_ACCESS = frozenset({"access", "bearer"})

WRONG_SIGNATURE: Final = "wrong signature"

# Our own words for PyJWT's refusals: its texts may quote the token.
_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.InvalidSignatureError: WRONG_SIGNATURE,
    jwt.InvalidAlgorithmError: "algorithm not allowed",
    jwt.InvalidAudienceError: "wrong audience",
    jwt.InvalidIssuerError: "wrong issuer",
    jwt.exceptions.InvalidSubjectError: "sub is not a string",
    jwt.exceptions.InvalidJTIError: "jti is not a string",
}


class InvalidTokenError(Exception):
    """The token is not accepted. The text is the reason, for the log; it never holds the token."""


class ExpiredTokenError(InvalidTokenError):
    """The token was good, and its time is over."""


@value
class Claims:
    """What an accepted token says."""

    subject: str
    """The user's UUID."""
    expires_at: float
    """UNIX seconds from which the token is refused: `exp` plus the leeway."""
    jti: str | None
    login: str | None = None
    """The login that it came of; None for a token that names none."""
    issued_at: float = 0
    """UNIX seconds; 0 where the token does not say."""


class Tokens:
    """Issues and verifies access tokens.

    keys: a secret, or several keys of which the current one signs. `lifetime` and `leeway` are
    seconds; `clock` gives UNIX seconds. An `issuer` or `audience` given here goes into what is
    issued and is demanded of what is verified; without an audience, a token addressed to one is
    refused. Raises WeakSecretError.
    """

    def __init__(
        self,
        keys: bytes | SigningKeys,
        *,
        lifetime: float,
        leeway: float = 0,
        clock: Callable[[], float] = time.time,
        issuer: str | None = None,
        audience: str | None = None,
    ) -> None:
        self._keys = keys if isinstance(keys, SigningKeys) else SigningKeys(SigningKey(keys))
        check_secret(self._keys.current.secret)
        self._lifetime = lifetime
        self._leeway = leeway
        self._clock = clock
        self._issuer = issuer
        self._audience = audience

    def use(self, keys: SigningKeys) -> None:
        """Sign and verify with these keys from now on."""
        self._keys = keys

    def now(self) -> int:
        """Return milliseconds on the clock that tokens go by."""
        return int(self._clock() * 1000)

    def expiry(self) -> int:
        """Return when a token that is issued now ends, in UNIX seconds, rounded up."""
        return math.ceil(self._clock() + self._lifetime)

    def issue(
        self,
        user_uuid: str,
        user_id: int,
        username: str,
        *,
        login: str | None = None,
        expires_at: int | None = None,
    ) -> str:
        """Return an access token for the user, good for the lifetime rounded up to a whole second.

        login: what it ends with. expires_at: UNIX seconds, where that is not the lifetime.
        """
        claims: dict[str, Any] = {
            "sub": user_uuid,
            "user_id": user_id,
            "username": username,
            "iat": math.floor(self._clock()),
            "exp": self.expiry() if expires_at is None else expires_at,
            "jti": secrets.token_hex(16),
            "type": "access",
        }
        if login is not None:
            claims["login"] = login
        if self._issuer is not None:
            claims["iss"] = self._issuer
        if self._audience is not None:
            claims["aud"] = self._audience
        key = self._keys.current
        return jwt.encode(claims, key.secret, ALGORITHM, headers={"kid": key.kid})

    def verify(self, token: str) -> Claims:
        """Return what the token says.

        Raises InvalidTokenError, and nothing else whatever the text.
        """
        claims = self._read(token)
        expires_at = expiry(claims, self._clock(), self._leeway)
        if not claims["sub"]:
            raise InvalidTokenError("sub is empty")
        login = claims.get("login")
        if not isinstance(login, str | None):
            raise InvalidTokenError("login is not a string")
        issued_at = issue_time(claims)
        return Claims(claims["sub"], expires_at, claims.get("jti"), login, issued_at)

    def _read(self, token: str) -> dict[str, Any]:
        if len(token) > LONGEST_TOKEN:
            raise InvalidTokenError("too long")
        refused = InvalidTokenError(WRONG_SIGNATURE)
        for key in self._keys.that_may_have_signed(token, self._clock()):
            try:
                return read(
                    token,
                    key.secret,
                    ALGORITHM,
                    issuer=self._issuer,
                    audience=self._audience,
                    require=("sub", "exp"),
                )
            except InvalidTokenError as error:
                refused = error
                if str(error) != WRONG_SIGNATURE:
                    break
        raise refused

    def keyed(self, text: bytes) -> bytes:
        """Return a hash that nobody can make without the secret, and that signs no token."""
        return _keyed(self._keys.current.secret, text)

    def keyed_formerly(self) -> Sequence[Callable[[bytes], bytes]]:
        """Return the same hash by each of the former keys, the latest first."""
        _, *former = self._keys.living(self._clock())
        return [partial(_keyed, key.secret) for key in former]

    def signs_with(self, secret: bytes) -> bool:
        """Return whether this is one of the secrets: nobody else may have it."""
        keys = (self._keys.current, *self._keys.former)
        return any(hmac.compare_digest(secret, key.secret) for key in keys)


def _keyed(secret: bytes, text: bytes) -> bytes:
    key = hmac.digest(secret, b"trichat refresh token", hashlib.sha256)
    return hmac.digest(key, text, hashlib.sha256)


def read(
    token: str,
    key: Any,
    algorithm: str,
    *,
    issuer: str | None,
    audience: str | None,
    require: Sequence[str],
    text_subject: bool = True,
) -> dict[str, Any]:
    """Return the claims of an access token signed with this key, whose times are not looked at.

    require: claims that must be there. text_subject: whether `sub` must be text. Raises
    InvalidTokenError, and nothing else whatever the text.
    """
    if len(token) > LONGEST_TOKEN:
        raise InvalidTokenError("too long")
    if not token.isascii():
        raise InvalidTokenError("not a token")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            options={
                "require": list(require),
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_sub": text_subject,
            },
        )
    except jwt.MissingRequiredClaimError as error:
        raise InvalidTokenError(f"{error.claim} is missing") from None
    except jwt.PyJWTError as error:
        raise InvalidTokenError(_REASONS.get(type(error), "not a token")) from None
    _check_use(claims)
    return claims


def expiry(claims: Mapping[str, Any], now: float, leeway: float) -> float:
    """Return the UNIX seconds from which the token is refused.

    Raises ExpiredTokenError where they have come, InvalidTokenError where its beginning has not.
    """
    expires_at = _seconds(claims, "exp") + leeway
    if now >= expires_at:
        raise ExpiredTokenError("expired")
    if claims.get("nbf") is not None and _seconds(claims, "nbf") > now + leeway:
        raise InvalidTokenError("not yet valid")
    return expires_at


def issue_time(claims: Mapping[str, Any]) -> float:
    """Return the UNIX seconds at which the token says it was issued; 0 where it does not."""
    try:
        return _seconds(claims, "iat") if "iat" in claims else 0
    except InvalidTokenError:
        return 0


def _check_use(claims: Mapping[str, Any]) -> None:
    for name in _USE_CLAIMS:
        use = claims.get(name)
        if use is not None and not (isinstance(use, str) and use.lower() in _ACCESS):
            raise InvalidTokenError(f"{name} names another use than access")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = float(value)
        except OverflowError:
            seconds = math.inf
        if math.isfinite(seconds):
            return seconds
    raise InvalidTokenError(f"{name} is not a time")
