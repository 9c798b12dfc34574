"""Tokens of an identity provider count if its keys, issuer and claims are configured."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import jwt
from attrs import frozen

from trichat.auth.keys import Keys
from trichat.auth.mailaddress import normalized
from trichat.auth.tokens import (
    LONGEST_TOKEN,
    WRONG_SIGNATURE,
    InvalidTokenError,
    expiry,
    issue_time,
    read,
)
from trichat.core.names import enforced_username
from trichat.core.text import is_clean

LONGEST_SUBJECT: Final = 255
LONGEST_EMAIL: Final = 320
MOST_TRIED: Final = 8  # keys for one token whose header names none


@frozen
class Claimed:
    """The names of the claims that say who a user is."""

    subject: str = "sub"
    username: str = "preferred_username"
    email: str = "email"


@frozen
class ExternalUser:
    """The external user whom an accepted token names.

    Issuer and subject together belong to them alone. username, email: what the provider calls them;
    None where that could not be theirs here. issued_at: UNIX seconds, 0 where the token does not
    say.
    """

    issuer: str
    subject: str
    username: str | None
    email: str | None
    expires_at: float
    issued_at: float = 0


class Provider:
    """Verifies the tokens of one identity provider.

    algorithms: the only ones accepted. issuer, audience: demanded when given; without an audience,
    a token addressed to one is refused. leeway: seconds. create: whether users are made on first
    sight. clock: UNIX seconds.
    """

    def __init__(
        self,
        keys: Keys,
        algorithms: tuple[str, ...],
        *,
        issuer: str | None = None,
        audience: str | None = None,
        leeway: float = 0,
        claimed: Claimed | None = None,
        create: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._algorithms = frozenset(algorithms)
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway
        self._claimed = claimed or Claimed()
        self._clock = clock
        self.create = create

    async def run(self) -> None:
        """Keep the keys fresh."""
        await self._keys.run()

    async def verify(self, token: str) -> ExternalUser:
        """Return whom the token names. It may wait a bounded time for the provider's keys.

        Raises InvalidTokenError, or KeysNotKnownError where the provider's keys were never seen,
        and nothing else whatever the text.
        """
        algorithm, kid = self._header(token)
        claims = await self._claims(token, algorithm, kid)
        now = self._clock()
        expires_at = expiry(claims, now, self._leeway)
        issued_at = issue_time(claims)
        if issued_at > now + self._leeway:
            # It would outlive the end of every login until that time has come.
            raise InvalidTokenError("issued in the future")
        issuer = claims.get("iss")
        return ExternalUser(
            issuer if isinstance(issuer, str) else "",
            self._subject(claims),
            _name(claims.get(self._claimed.username)),
            _email(claims, self._claimed.email),
            expires_at,
            issued_at,
        )

    def _header(self, token: str) -> tuple[str, str | None]:
        if len(token) > LONGEST_TOKEN:
            raise InvalidTokenError("too long")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise InvalidTokenError("not a token") from None
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise InvalidTokenError("algorithm not allowed")
        return algorithm, kid if isinstance(kid, str) else None

    async def _claims(self, token: str, algorithm: str, kid: str | None) -> Mapping[str, Any]:
        refused = InvalidTokenError("signed with an unknown key")
        for key in (await self._keys.find(algorithm, kid))[:MOST_TRIED]:
            try:
                return read(
                    token,
                    key.material,
                    key.algorithm,
                    issuer=self._issuer,
                    audience=self._audience,
                    require=("exp", self._claimed.subject),
                    text_subject=False,
                )
            except InvalidTokenError as error:
                refused = error
                if str(error) != WRONG_SIGNATURE:
                    break
        raise refused

    def _subject(self, claims: Mapping[str, Any]) -> str:
        """Return the subject as text: other frameworks name users by integers."""
        subject = claims[self._claimed.subject]
        if isinstance(subject, int) and not isinstance(subject, bool):
            subject = str(subject)
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise InvalidTokenError(f"{self._claimed.subject} names nobody")
        if not is_clean(subject):
            raise InvalidTokenError(f"{self._claimed.subject} names nobody")
        return subject


def _name(claim: object) -> str | None:
    return enforced_username(claim) if isinstance(claim, str) else None


def _email(claims: Mapping[str, Any], name: str) -> str | None:
    """Return the address, unless the provider has not verified it: then it might be anybody's.

    Some providers say that in a text.
    """
    address = claims.get(name)
    if not isinstance(address, str) or len(address) > LONGEST_EMAIL:
        return None
    if claims.get("email_verified", True) not in (True, "true"):
        return None
    try:
        return normalized(address)
    except ValueError:
        return None
