"""What changes accounts while they are in use: one transaction each, then the open sockets.

Every act of an administrator leaves its entry in the audit log in the transaction that does it
(channels-rest 7). Once committed it is seen through, though the asker may go: nobody else would
ever notify the sockets.
"""

from collections.abc import Mapping
from typing import Any

import trio

from trichat.core.answers import Done
from trichat.core.commands import Delete
from trichat.core.model import Message, Reason, Role, Room, Status, User
from trichat.core.names import refuse_username
from trichat.core.quota import SlidingWindow
from trichat.core.refusals import Failed, RateLimited, Refusal
from trichat.runtime.clock import Clock, new_uuid
from trichat.runtime.connections import Connections
from trichat.runtime.directory import RoomDirectory
from trichat.runtime.storage import Storage
from trichat.store.port import Write
from trichat.store.roles import AssignRole, RemoveRole
from trichat.store.suspensions import SetStatus
from trichat.store.users import UpdateUser

HOUR = 3_600_000  # milliseconds
DAY = 86_400  # seconds

# The words that clients of a user get if they are put out without a reason.
_REASONS = {
    Status.BANNED: "This account has been banned",
    Status.SUSPENDED: "This account has been suspended",
}


def new_reason(text: str | None = None, metadata: Mapping[str, Any] | None = None) -> Reason:
    """Return the reason of one entry of the audit log."""
    return Reason(new_uuid(), text, metadata)


class Administration:
    """Profiles, suspensions, roles, and messages that administrators take away."""

    def __init__(
        self,
        storage: Storage,
        directory: RoomDirectory,
        connections: Connections,
        clock: Clock,
        *,
        reserved: frozenset[str] = frozenset(),
        renames: int = 0,
    ) -> None:
        """reserved: comparison keys of user names that only administrators take. renames: how
        often a user takes another name in a day, 0 for any number.
        """
        self._reserved = reserved
        self._renames = SlidingWindow(renames, DAY)
        self._storage = storage
        self._directory = directory
        self._connections = connections
        self._clock = clock

    async def update(
        self, user: User, *, username: str | None, email: str | None, avatar: str | None
    ) -> User | Refusal:
        """Their own doing. None leaves a field, an empty avatar removes it; a name that they bear
        already is theirs. Invalid (the name), RateLimited (the renames), Taken or Failed.
        """
        renamed = username is not None and username != user.username
        if username is not None and renamed:
            reserved = frozenset[str]() if user.administers else self._reserved
            refusal = refuse_username(username, reserved)
            if refusal is not None:
                return refusal
            wait = self._renames.take(user.id, trio.current_time())
            if wait is not None:
                return RateLimited(wait)
        changed = await self._change(
            UpdateUser(user.id, self._clock(), username=username, email=email, avatar=avatar)
        )
        if renamed and isinstance(changed, Refusal):
            self._renames.give_back(user.id)
        return changed

    async def suspend(
        self, by: User, user: User, status: Status, why: Reason, *, hours: int | None
    ) -> User | Refusal:
        """Ban or suspend a user, for so many hours or, with None, until they are let in again.

        Their sockets are closed at once (all-17). Returns Forbidden, Outranked, NoSuchUser or
        Failed if it was not done.
        """
        now = self._clock()
        until = None if hours is None else now + hours * HOUR
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(SetStatus(why, by.id, user.id, status, now, until))
            if isinstance(outcome, User):
                reason = why.text or _REASONS[status]
                self._connections.suspend(user.id, reason, at=outcome.updated_at)
        return _user(outcome)

    async def reinstate(self, by: User, user: User, why: Reason) -> User | Refusal:
        """No longer banned or suspended. Forbidden, Outranked, NoSuchUser or Failed."""
        return await self._change(SetStatus(why, by.id, user.id, Status.ACTIVE, self._clock()))

    async def assign(
        self, by: User, user: User, role: Role, room: Room | None, why: Reason
    ) -> User | Refusal:
        """A role, which open sockets have at once. Forbidden, RoleTooHigh, Outranked, HasRole,
        NoSuchUser or Failed.
        """
        return await self._change(AssignRole(why, by.id, user.id, role, room, self._clock()))

    async def remove(
        self, by: User, user: User, role: Role, room: Room | None, why: Reason
    ) -> User | Refusal:
        """As assign; NoSuchGrant instead of HasRole."""
        return await self._change(RemoveRole(why, by.id, user.id, role, room, self._clock()))

    async def delete(self, by: User, message: Message, why: Reason) -> Done | Refusal:
        """Anyone's message, by the room's actor like every event (channels-20). Forbidden,
        NoSuchRoom, NoSuchMessage or Failed.
        """
        return await self._directory.request(message.room, Delete(message.uuid, why), by)

    async def _change(self, write: Write) -> User | Refusal:
        """What open sockets show of their user from now on is what was committed."""
        with trio.CancelScope(shield=True):
            outcome = await self._storage.submit(write)
            if isinstance(outcome, User):
                self._connections.changed(outcome)
        return _user(outcome)


def _user(outcome: object) -> User | Refusal:
    return outcome if isinstance(outcome, User | Refusal) else Failed()
