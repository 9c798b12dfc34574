"""Which roles users bear."""

from typing import Protocol

from attrs import frozen

from trichat.core.model import Grant, Grounds, Role, Room


@frozen
class SetRole:
    """The operator's doing: this role in place of all others that hold everywhere.
    Outcome: the User, or NoSuchUser.
    """

    user_id: int
    role: Role
    at: int


@frozen
class AssignRole:
    """A user is given a role, everywhere or in one room; the audit log says so.
    Outcome: the User, NoSuchUser, Forbidden, RoleTooHigh, Outranked or HasRole.
    """

    grounds: Grounds
    by_id: int
    user_id: int
    role: Role
    room: Room | None
    at: int


@frozen
class RemoveRole:
    """A role is taken from a user; the audit log says so.
    Outcome: the User, NoSuchUser, Forbidden, RoleTooHigh, Outranked or NoSuchGrant.
    """

    grounds: Grounds
    by_id: int
    user_id: int
    role: Role
    room: Room | None
    at: int


RoleWrite = SetRole | AssignRole | RemoveRole


class Roles(Protocol):
    """What is read of roles."""

    async def grants(self, user_id: int) -> list[Grant]:
        """Oldest first."""
