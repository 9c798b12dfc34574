"""What administrators do in the tests, to whom."""

from typing import Any

from tests.store.ledger import NOW, Ledger
from trichat.core.model import Reason, Role, Status, User
from trichat.runtime.clock import new_uuid
from trichat.store.roles import AssignRole, RemoveRole, SetRole
from trichat.store.suspensions import SetStatus

LATER = NOW + 10**9


async def bearer(ledger: Ledger, name: str, role: Role) -> User:
    user = await ledger.person(name)
    ranked = await ledger.write(SetRole(user.id, role, NOW))
    assert ranked.role is role
    return ranked  # type: ignore[no-any-return]


def why(reason: str | None = None, **metadata: Any) -> Reason:
    return Reason(new_uuid(), reason, metadata or None)


def judge(by: User, user: User, status: Status, **fields: Any) -> SetStatus:
    return SetStatus(fields.pop("why", why()), by.id, user.id, status, LATER, **fields)


def assign(by: User, user: User, role: Role, room: Any = None) -> AssignRole:
    return AssignRole(why(), by.id, user.id, role, room, LATER)


def remove(by: User, user: User, role: Role, room: Any = None) -> RemoveRole:
    return RemoveRole(why(), by.id, user.id, role, room, LATER)
