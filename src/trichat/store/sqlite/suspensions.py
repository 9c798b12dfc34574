"""Suspensions and bans: writes that leave an entry in the audit log."""

import apsw

from trichat.core.authority import Permission
from trichat.core.model import Action, Status, Target, User
from trichat.core.refusals import NoSuchUser, Refusal
from trichat.store.sqlite import audit, roles, rows
from trichat.store.sqlite.topic import Writes
from trichat.store.suspensions import EndSuspension, SetStatus

_PERMISSIONS = {Status.BANNED: Permission.BAN_USERS, Status.SUSPENDED: Permission.SUSPEND_USERS}
_LETTING_IN = {Status.SUSPENDED: Action.UNSUSPEND_USER}


def set_status(db: apsw.Connection, write: SetStatus) -> User | Refusal:
    """Out, or in again."""
    permission = _PERMISSIONS.get(write.status, Permission.BAN_USERS)
    target = roles.below(db, write, permission)
    if isinstance(target, Refusal):
        return target
    match write.status:
        case Status.BANNED:
            action = Action.BAN_USER
        case Status.SUSPENDED:
            action = Action.SUSPEND_USER
        case Status.ACTIVE:
            action = _LETTING_IN.get(target.status, Action.UNBAN_USER)
    db.execute(
        f"UPDATE users SET status = ?, banned_until = ?, {rows.STAMP} WHERE id = ?",
        (write.status.value, write.until, write.at, target.id),
    )
    audit.append(db, write.reason, action, Target.USER, target.uuid, write.by_id, write.at)
    return rows.one_user(db, "id", target.id) or NoSuchUser()


def end_suspension(db: apsw.Connection, write: EndSuspension) -> User | NoSuchUser:
    """Unless another one has come since."""
    db.execute(
        f"UPDATE users SET status = 'ACTIVE', banned_until = NULL, {rows.STAMP}"
        " WHERE id = ? AND banned_until <= ?",
        (write.at, write.user_id, write.at),
    )
    return rows.one_user(db, "id", write.user_id) or NoSuchUser()


WRITES: Writes = {
    SetStatus: set_status,
    EndSuspension: end_suspension,
}
