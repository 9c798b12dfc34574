"""Roles: which ones users have."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import Grant, Reason, Role, Room


@frozen
class SetRole:
    """Gives a user this role in place of all others that hold everywhere, at the operator's word.
    Outcome: the User, or NoSuchUser.
    """

    user_id: int
    role: Role
    at: int


@frozen
class AssignRole:
    """Gives a user a role, everywhere or in one room, with an entry in the audit log.
    Outcome: the User, NoSuchUser, Forbidden, RoleTooHigh, Outranked or HasRole.
    """

    reason: Reason
    by_id: int
    user_id: int
    role: Role
    room: Room | None
    at: int


@frozen
class RemoveRole:
    """Takes a role from a user, with an entry in the audit log.
    Outcome: the User, NoSuchUser, Forbidden, RoleTooHigh, Outranked or NoSuchGrant.
    """

    reason: Reason
    by_id: int
    user_id: int
    role: Role
    room: Room | None
    at: int


RoleWrite = SetRole | AssignRole | RemoveRole


class Roles(Protocol):
    """Reads of roles."""

    async def grants(self, user_id: int) -> list[Grant]:
        """Return the roles that a user was given, oldest first."""
