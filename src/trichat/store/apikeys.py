"""What is stored of API keys, and what is written of them. All times are milliseconds."""

from collections.abc import Iterable
from typing import Protocol

from attrs import field, frozen

from trichat.core.model import User


@frozen
class ApiKey:
    """A key as it is listed, never the key itself.

    expires_at: from when it opens nothing, None for never. used_at: when it was last seen in use,
    None if it was not.
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
    """Whose key it is that was shown. expires_at: of the key."""

    user: User
    key_id: int
    expires_at: int | None


@frozen
class AddApiKey:
    """A new key. digest: its SHA-256, in hex. most: how many living ones its user may have, None
    for any number; of those that are over as many are kept, the newest. password_hash: of the
    password that was shown for it; None where none was asked for.

    Outcome: the key's number (int), TooManyKeys, or Outdated (the password is another by now).
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
    """Outcome: whether there was such a living key (bool)."""

    key_id: int
    at: int


@frozen
class NoteKeysUsed:
    """These keys were in use: (number, when). Outcome: True."""

    uses: tuple[tuple[int, int], ...]


ApiKeyWrite = AddApiKey | RevokeApiKey | NoteKeysUsed


class ApiKeys(Protocol):
    """What is read of API keys."""

    async def key_holder(self, digest: str) -> KeyHolder | None:
        """Whose key this is, unless it was revoked."""

    async def user_of_living_key(self, key_id: int) -> User | None: ...
    async def api_keys(self, user_id: int) -> list[ApiKey]: ...
    async def living_keys(self, ids: Iterable[int]) -> set[int]: ...
