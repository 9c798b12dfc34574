"""Each rank may do certain things on this server (channels-rest 7)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from trichat.core.model import Role, User


class Permission(StrEnum):
    """What an administrative act requires."""

    VIEW_USERS = "VIEW_USERS"
    KICK_USERS = "KICK_USERS"
    DELETE_MESSAGES = "DELETE_MESSAGES"
    PIN_MESSAGES = "PIN_MESSAGES"
    VIEW_ALL_MESSAGES = "VIEW_ALL_MESSAGES"
    VIEW_ADMIN_DASHBOARD = "VIEW_ADMIN_DASHBOARD"
    BAN_USERS = "BAN_USERS"
    SUSPEND_USERS = "SUSPEND_USERS"
    ASSIGN_ROLES = "ASSIGN_ROLES"
    CREATE_CHANNELS = "CREATE_CHANNELS"
    DELETE_CHANNELS = "DELETE_CHANNELS"
    ARCHIVE_CHANNELS = "ARCHIVE_CHANNELS"
    MANAGE_CHANNEL_SETTINGS = "MANAGE_CHANNEL_SETTINGS"
    VIEW_AUDIT_LOGS = "VIEW_AUDIT_LOGS"
    MANAGE_SYSTEM_SETTINGS = "MANAGE_SYSTEM_SETTINGS"


_EVERYTHING = frozenset(Permission)
_MODERATOR = frozenset(
    {
        Permission.VIEW_USERS,
        Permission.KICK_USERS,
        Permission.DELETE_MESSAGES,
        Permission.PIN_MESSAGES,
        Permission.VIEW_ALL_MESSAGES,
        Permission.VIEW_ADMIN_DASHBOARD,
    }
)
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.MEMBER: frozenset(),
    Role.MODERATOR: _MODERATOR,
    Role.ADMIN: _EVERYTHING - {Permission.MANAGE_SYSTEM_SETTINGS},
    Role.SUPER_ADMIN: _EVERYTHING,
}
_RANKS: Mapping[Role, int] = {role: rank for rank, role in enumerate(Role)}


def may(user: User, permission: Permission) -> bool:
    """Return whether the user's role on this server brings the permission."""
    return permission in PERMISSIONS[user.role]


def reaches(user: User, role: Role) -> bool:
    """Return whether the user's role is at least this one."""
    return _RANKS[user.role] >= _RANKS[role]


def outranks(user: User, role: Role) -> bool:
    """Return whether the user's role is strictly above this one: so nobody acts on themselves."""
    return _RANKS[user.role] > _RANKS[role]


def highest(roles: Iterable[Role]) -> Role:
    """Return the highest role, which counts; MEMBER where there is none."""
    return max(roles, key=_RANKS.__getitem__, default=Role.MEMBER)
