"""The audit log, and what administrators read."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from trichat.core.model import Act, Action, Room, Status, Target, User


@frozen
class Account:
    """A user as administrators list him. Direct rooms do not count."""

    user: User
    messages: int
    channels: int


@frozen
class Channel:
    """A room as administrators list it. archived_at: None while it lives."""

    room: Room
    archived_at: int | None
    members: int


@frozen
class Tally:
    """What there is. users: by status. Direct rooms and what is said there do not count."""

    users: Mapping[Status, int]
    channels: int
    messages: int
    messages_since: int


class Audit(Protocol):
    """What administrators read."""

    async def accounts(
        self, *, now: int, limit: int, offset: int, status: Status | None = None, part: str = ""
    ) -> list[Account]:
        """Newest first. status: as it is at that moment. part: of a name or an address."""

    async def acts(
        self,
        *,
        limit: int,
        offset: int = 0,
        action: Action | None = None,
        target: Target | None = None,
        by: str | None = None,
    ) -> list[Act]:
        """The audit log, newest first. by: an administrator's UUID."""

    async def channels(
        self, *, limit: int, offset: int, archived: bool | None = None, part: str = ""
    ) -> list[Channel]:
        """Newest first, no direct ones. archived: None for both. part: of the name."""

    async def tally(self, *, now: int, since: int) -> Tally: ...
