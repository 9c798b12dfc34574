"""The audit log, and what administrators read."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from trichat.core.model import Action, AuditEntry, Room, Status, Target, User


@frozen
class Account:
    """A user as administrators list them. Direct rooms do not count."""

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
    """Counts of what there is. users: by status. Direct rooms and their messages do not count."""

    users: Mapping[Status, int]
    channels: int
    messages: int
    messages_since: int


class Audit(Protocol):
    """Reads for administrators."""

    async def accounts(
        self, *, now: int, limit: int, offset: int, status: Status | None = None, part: str = ""
    ) -> list[Account]:
        """Return accounts, newest first. status: only those that have it at that moment. part: only
        those whose name or address contains it.
        """

    async def acts(
        self,
        *,
        limit: int,
        offset: int = 0,
        action: Action | None = None,
        target: Target | None = None,
        by: str | None = None,
    ) -> list[AuditEntry]:
        """Return entries of the audit log, newest first. by: the UUID of an administrator."""

    async def channels(
        self, *, limit: int, offset: int, archived: bool | None = None, part: str = ""
    ) -> list[Channel]:
        """Return rooms that are not direct, newest first. archived: None for both. part: only those
        whose name contains it.
        """

    async def tally(self, *, now: int, since: int) -> Tally:
        """Count users, rooms and messages; messages also as those since a time."""
