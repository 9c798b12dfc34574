"""API keys: /api/v1/auth/keys (lobby-2). Each acts as its user; its text is shown once."""

from typing import TypedDict

from attrs import field, frozen

from trichat.auth.apikeys import new_key
from trichat.core.model import User
from trichat.core.refusals import Failed, Refusal
from trichat.dialects.codec import Moment, millis
from trichat.runtime.server import Runtime
from trichat.store.port import AddApiKey, ApiKey, RevokeApiKey
from trichat.web.rest.bodies import ruled, text
from trichat.web.rest.errors import RequestError
from trichat.web.rest.routes import Route, Said

MAX_LABEL = 100


@frozen
class NewKey:
    """POST /keys"""

    label: str = field(metadata=ruled(text(least=1, most=MAX_LABEL)))


class KeyObject(TypedDict):
    """A key, without its text."""

    id: int
    label: str
    created_at: Moment
    revoked_at: Moment | None


class MadeKey(KeyObject):
    """A new key, with its text, which is shown this once."""

    key: str


_NO_KEY = (404, "API key not found")


def key_object(key: ApiKey) -> KeyObject:
    """A key as it is listed."""
    return {
        "id": key.id,
        "label": key.label,
        "created_at": millis(key.created_at),
        "revoked_at": None if key.revoked_at is None else millis(key.revoked_at),
    }


class Keys:
    """The caller's own."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._storage = runtime.storage
        self._connections = runtime.connections
        self._clock = runtime.clock

    async def make(self, me: User, body: NewKey) -> MadeKey | Refusal:
        """A new one, with its text."""
        key, digest = new_key()
        now = self._clock()
        number = await self._storage.submit(AddApiKey(me.id, digest, body.label, now))
        if not isinstance(number, int):
            return Failed()
        return {**key_object(ApiKey(number, me.id, body.label, now, None)), "key": key}

    async def mine(self, me: User) -> list[KeyObject]:
        """All of them, revoked ones too, oldest first."""
        return [key_object(key) for key in await self._store.api_keys(me.id)]

    async def revoke(self, me: User, key_id: str) -> Said | Refusal:
        """From now on it opens nothing, and what it had opened is closed."""
        living = (key for key in await self._store.api_keys(me.id) if key.revoked_at is None)
        found = next((key for key in living if str(key.id) == key_id), None)
        if found is None:
            raise RequestError(*_NO_KEY)
        revoked = await self._storage.submit(RevokeApiKey(found.id, self._clock()))
        if isinstance(revoked, Refusal):
            return revoked
        self._connections.revoke_key(found.id)
        return {"message": "API key revoked"}


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/auth/keys"""
    keys = Keys(runtime)
    return (
        Route("POST", "/api/v1/auth/keys", keys.make, body=NewKey),
        Route("GET", "/api/v1/auth/keys", keys.mine),
        Route("DELETE", "/api/v1/auth/keys/<key_id>", keys.revoke, refuses=(_NO_KEY,)),
    )
