"""API keys: what is written and read of them. All times are in milliseconds."""

from collections.abc import Iterable
from typing import Protocol

from attrs import field, frozen

from trichat.core.model import User


@frozen
class ApiKey:
    """A key as it is listed, which is never the key itself.

    expires_at: when it ends by itself; None for never. used_at: when it was last seen in use; None
    if it was not yet.
    """

    id: int
    user_id: int
    label: str
    created_at: int
    revoked_at: int | None
    expires_at: int | None = None
    used_at: int | None = None


@frozen
class KeyHolder:
    """The user who holds a key that was shown. expires_at: when the key ends."""

    user: User
    key_id: int
    expires_at: int | None


@frozen
class AddApiKey:
    """Adds a key. digest: its SHA-256, in hex. most: how many living keys its user may have, None
    for any number; of keys that are over the newest so many are kept. password_hash: of the
    password that was shown for it; None where none was asked for.

    Outcome: the key's number (int), TooManyKeys, or Outdated (the password has changed since).
    """

    user_id: int
    digest: str
    label: str
    at: int
    expires_at: int | None = None
    most: int | None = None
    password_hash: str | None = field(default=None, repr=False)


@frozen
class RevokeApiKey:
    """Revokes a key. Outcome: True, or False where there is no such living key."""

    key_id: int
    at: int


@frozen
class NoteKeysUsed:
    """Notes when keys were last used, as (number, time). Outcome: True."""

    uses: tuple[tuple[int, int], ...]


ApiKeyWrite = AddApiKey | RevokeApiKey | NoteKeysUsed


class ApiKeys(Protocol):
    """Reads of API keys."""

    async def key_holder(self, digest: str) -> KeyHolder | None:
        """Return the holder of the key with this digest, unless it was revoked."""

    async def user_of_living_key(self, key_id: int) -> User | None:
        """Return the user of this key, unless it was revoked."""

    async def api_keys(self, user_id: int) -> list[ApiKey]:
        """Return all keys of a user, oldest first, those too that are over."""

    async def living_keys(self, ids: Iterable[int]) -> set[int]:
        """Return those of these keys that were not revoked."""
