"""API keys are made, listed and revoked at /api/v1/auth/keys (lobby-2).

Each acts as its user; its text is shown once.
"""

from typing import Final, TypedDict

from attrs import field, frozen

from trichat.auth.apikeys import new_key
from trichat.auth.wording import MAX_LABEL, why_no_label
from trichat.core.model import User
from trichat.core.refusals import Failed, Outdated, RateLimited, Refusal, TooManyKeys
from trichat.dialects.codec import Moment, millis
from trichat.runtime.identity import Identity
from trichat.runtime.server import Runtime
from trichat.store.apikeys import AddApiKey, ApiKey, RevokeApiKey
from trichat.web.rest.bodies import PRINTED, Rule, ruled, text, whole
from trichat.web.rest.checking import SLOW_DOWN, UNPROVEN, WRONG, PasswordChecks
from trichat.web.rest.errors import RequestError
from trichat.web.rest.problems import bad_value, invalid
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route, Said

LONGEST: Final = 100 * 365 * 86_400  # seconds


# What a key is for: it stands in lists, a line each.
LABEL = Rule(why_no_label, {"minLength": 1, "maxLength": MAX_LABEL, "pattern": rf"^{PRINTED}*$"})


@frozen
class NewKey:
    """An API key to make. `expires_in` is in seconds. Users who have a password show it."""

    label: str = field(metadata=ruled(LABEL))
    current_password: str | None = field(
        default=None, repr=False, metadata=ruled(text(), secret=True, example="Secret1x")
    )
    expires_in: int | None = field(default=None, metadata=ruled(whole(1, LONGEST)))


class KeyObject(TypedDict):
    """A key, without its text. `last_used_at` is some minutes late at most."""

    id: int
    label: str
    created_at: Moment
    revoked_at: Moment | None
    expires_at: Moment | None
    last_used_at: Moment | None


class MadeKey(KeyObject):
    """A new key, with its text, which is shown this once."""

    key: str


_NO_KEY = (404, "API key not found")
_ONE_TOO_MANY: Words = {TooManyKeys: (429, "Too many API keys, revoke one first")}


def key_object(key: ApiKey) -> KeyObject:
    """Return a key as it is listed."""
    return {
        "id": key.id,
        "label": key.label,
        "created_at": millis(key.created_at),
        "revoked_at": _moment(key.revoked_at),
        "expires_at": _moment(key.expires_at),
        "last_used_at": _moment(key.used_at),
    }


def _moment(at: int | None) -> Moment | None:
    return None if at is None else millis(at)


class Keys:
    """The keys of the caller."""

    def __init__(self, runtime: Runtime, checks: PasswordChecks) -> None:
        self._store = runtime.store
        self._storage = runtime.storage
        self._connections = runtime.connections
        self._clock = runtime.clock
        self._settings = runtime.settings.auth
        self._checks = checks

    async def make(self, me: Identity, body: NewKey) -> MadeKey | Refusal:
        """Make an API key with the current password; its text is shown this once.

        Who has no password shows a token issued in the last 5 minutes instead.
        """
        life = self._life(body.expires_in)
        proof = await self._checks.prove(me, body.current_password)
        if isinstance(proof, RateLimited):
            return proof
        key, digest = new_key()
        now = self._clock()
        expires_at = None if life is None else now + round(life * 1000)
        made = await self._storage.submit(
            AddApiKey(
                me.user.id, digest, body.label, now, expires_at,
                self._settings.api_keys_per_user, proof,
            )
        )  # fmt: skip
        if isinstance(made, TooManyKeys | Outdated):
            return made
        if not isinstance(made, int):
            return Failed()
        stored = ApiKey(made, me.user.id, body.label, now, None, expires_at)
        return {**key_object(stored), "key": key}

    def _life(self, asked: int | None) -> float | None:
        """Return how many seconds the key lives; None for ever. Raises RequestError."""
        longest = self._settings.api_key_lifetime
        if not longest:
            return asked
        if asked is not None and asked > longest:
            raise invalid(bad_value(f"must be at most {longest:g}", asked, "body", "expires_in"))
        return asked or longest

    async def mine(self, me: User) -> list[KeyObject]:
        """List the caller's API keys, oldest first, and the latest of those that have ended."""
        return [key_object(key) for key in await self._store.api_keys(me.id)]

    async def revoke(self, me: User, key_id: str) -> Said | Refusal:
        """Revoke an API key, and close the sockets that it opened."""
        living = (key for key in await self._store.api_keys(me.id) if key.revoked_at is None)
        found = next((key for key in living if str(key.id) == key_id), None)
        if found is None:
            raise RequestError(*_NO_KEY)
        revoked = await self._storage.submit(RevokeApiKey(found.id, self._clock()))
        if isinstance(revoked, Refusal):
            return revoked
        self._connections.revoke_key(found.id)
        return {"message": "API key revoked"}


def routes(runtime: Runtime, checks: PasswordChecks) -> tuple[Route, ...]:
    """/api/v1/auth/keys"""
    keys = Keys(runtime, checks)
    return (
        Route(
            "POST", "/api/v1/auth/keys", keys.make,
            summary="Create an API key",
            description=(
                "Makes a key by which a program connects as the caller, in the `x-api-key`"
                " header of the lobby WebSocket API. Only this response contains the key itself."
                " The caller shows their current password; it fails with 400 if that is missing"
                " or wrong. A caller who has no password, because they come from an identity"
                " provider, needs an access token issued in the last 5 minutes instead (403)."
                " `expires_in` is in seconds; the operator may limit it (422), and a user may"
                " have only so many keys (429)."
            ),
            body=NewKey, words={**SLOW_DOWN, **_ONE_TOO_MANY, Outdated: WRONG},
            refuses=UNPROVEN, by_credential=True,
        ),
        Route(
            "GET", "/api/v1/auth/keys", keys.mine,
            summary="List your API keys",
            description=(
                "Returns the keys of the caller, oldest first: the label of each, when it was"
                " made and last used, and when it ends or was revoked. Of keys that have ended"
                " only the latest are listed. The keys themselves are not shown again."
            ),
        ),
        Route(
            "DELETE", "/api/v1/auth/keys/<key_id>", keys.revoke,
            summary="Revoke an API key",
            description=(
                "Ends a key of the caller: it stops working, and the WebSocket connections that"
                " it opened are closed. Fails with 404 if the caller has no such key, or has"
                " revoked it before."
            ),
            refuses=(_NO_KEY,),
        ),
    )  # fmt: skip
