"""Callers of every rank, and what of the audit log is looked at."""

from typing import Any

from tests.web.conftest import Answer, Caller, Service
from trichat.core.model import Role
from trichat.store.roles import SetRole

UNKNOWN = "0190a6d2-0000-7000-8000-000000000000"


async def ranked(service: Service, name: str, role: Role) -> Caller:
    """A user whom the operator gave a role, as `trichat user role` does."""
    caller = await service.register(name)
    account = await service.account(caller)
    await service.runtime.storage.submit(SetRole(account.id, role, 1))
    return caller


async def ranks(service: Service) -> dict[Role, Caller]:
    """One of each: member, moderator, admin, super_admin."""
    return {role: await ranked(service, role.value.lower(), role) for role in Role}


async def logged(chief: Caller, **query: Any) -> list[tuple[str, str, str, str | None]]:
    """(action, target, by, reason), newest first."""
    answer = await chief.get("admin/actions", query_string=query)
    assert answer.status == 200, answer
    return [
        (entry["action"], entry["target_id"], entry["admin"]["username"], entry["reason"])
        for entry in answer.value
    ]


def needs(permission: str) -> tuple[int, str]:
    return 403, f"Insufficient permissions. Required: {permission}"


def about(user: Caller, **fields: Any) -> dict[str, Any]:
    return {"user_id": user.id, **fields}


async def ban(by: Caller, user: Caller, **fields: Any) -> Answer:
    return await by.post(f"admin/users/{user.id}/ban", about(user, **fields))


async def suspend(by: Caller, user: Caller, **fields: Any) -> Answer:
    return await by.post(f"admin/users/{user.id}/suspend", about(user, **fields))
