"""Who bears which role: writes that leave an entry in the audit log.

Who acts and whom they act on are looked up in the transaction itself, so that two administrators
at once cannot get past each other's rank.
"""

import apsw

from trichat.core import authority
from trichat.core.authority import Permission
from trichat.core.ids import nonce, uuid_at
from trichat.core.model import Action, Grant, Role, Room, Status, Target, User
from trichat.core.refusals import (
    Forbidden,
    HasRole,
    NoSuchGrant,
    NoSuchUser,
    Outranked,
    Refusal,
    RoleTooHigh,
)
from trichat.store.roles import AssignRole, RemoveRole, SetRole
from trichat.store.sqlite import audit, rows
from trichat.store.sqlite.topic import Reader, Writes
from trichat.store.suspensions import SetStatus


def assign_role(db: apsw.Connection, write: AssignRole) -> User | Refusal:
    """One more."""
    target = below(db, write, Permission.ASSIGN_ROLES, write.role)
    if isinstance(target, Refusal):
        return target
    everywhere = write.room is None
    if (everywhere and write.role is Role.MEMBER) or _granted(db, target, write.role, write.room):
        return HasRole()
    grant(db, target.id, write.role, write.at, room=write.room, by_id=write.by_id)
    audit.append(
        db, write.reason, Action.ASSIGN_ROLE, Target.USER, target.uuid, write.by_id, write.at
    )
    return _ranked(db, target, write.at)


def remove_role(db: apsw.Connection, write: RemoveRole) -> User | Refusal:
    """One less."""
    target = below(db, write, Permission.ASSIGN_ROLES, write.role)
    if isinstance(target, Refusal):
        return target
    found = _granted(db, target, write.role, write.room)
    if not found:
        return NoSuchGrant()
    db.execute("DELETE FROM grants WHERE id = ?", (found,))
    audit.append(
        db, write.reason, Action.REMOVE_ROLE, Target.USER, target.uuid, write.by_id, write.at
    )
    return _ranked(db, target, write.at)


def set_role(db: apsw.Connection, write: SetRole) -> User | NoSuchUser:
    """The operator asks nobody."""
    target = rows.one_user(db, "id", write.user_id)
    if target is None:
        return NoSuchUser()
    db.execute("DELETE FROM grants WHERE user_id = ? AND room_id IS NULL", (target.id,))
    if write.role is not Role.MEMBER:
        grant(db, target.id, write.role, write.at)
    return _ranked(db, target, write.at)


def grant(
    db: apsw.Connection,
    user_id: int,
    role: Role,
    at: int,
    *,
    room: Room | None = None,
    by_id: int | None = None,
) -> None:
    """The row alone."""
    db.execute(
        "INSERT INTO grants (uuid, user_id, role, room_id, at, by_id) VALUES (?, ?, ?, ?, ?, ?)",
        (uuid_at(at, nonce()), user_id, role.value, room and room.id, at, by_id),
    )


def grants(db: apsw.Connection, user_id: int) -> list[Grant]:
    """All of a user's, oldest first."""
    query = (
        "SELECT grants.uuid, grants.role, rooms.uuid, grants.at, admins.uuid FROM grants"
        " LEFT JOIN rooms ON rooms.id = room_id LEFT JOIN users AS admins ON admins.id = by_id"
        " WHERE user_id = ? ORDER BY grants.id"
    )
    return [
        Grant(uuid, Role(role), room, at, by)
        for uuid, role, room, at, by in rows.fetch(db, query, (user_id,))
    ]


def below(
    db: apsw.Connection,
    write: SetStatus | AssignRole | RemoveRole,
    permission: Permission,
    role: Role = Role.MEMBER,
) -> User | Refusal:
    """The user acted on, if the actor still may act on them, and with this role."""
    by = rows.one_user(db, "id", write.by_id)
    if by is None or not authority.may(by, permission):
        return Forbidden()
    if by.as_of(write.at).status is not Status.ACTIVE:
        return Forbidden()
    target = rows.one_user(db, "id", write.user_id)
    if target is None:
        return NoSuchUser()
    if not authority.outranks(by, role):
        return RoleTooHigh()
    return target if authority.outranks(by, target.role) else Outranked()


def _granted(db: apsw.Connection, user: User, role: Role, room: Room | None) -> int | None:
    query = "SELECT id FROM grants WHERE user_id = ? AND coalesce(room_id, 0) = ? AND role = ?"
    for (id_,) in db.execute(query, (user.id, room.id if room else 0, role.value)):
        return int(id_)
    return None


def _ranked(db: apsw.Connection, user: User, at: int) -> User | NoSuchUser:
    """With the highest of the roles that hold everywhere."""
    query = "SELECT role FROM grants WHERE user_id = ? AND room_id IS NULL"
    role = authority.highest(Role(found) for (found,) in db.execute(query, (user.id,)))
    db.execute(f"UPDATE users SET role = ?, {rows.STAMP} WHERE id = ?", (role.value, at, user.id))
    return rows.one_user(db, "id", user.id) or NoSuchUser()


WRITES: Writes = {
    SetRole: set_role,
    AssignRole: assign_role,
    RemoveRole: remove_role,
}


class Roles(Reader):
    """What is read of roles."""

    async def grants(self, user_id: int) -> list[Grant]:
        return await self._read(grants, user_id)
