"""Who may do what below /admin: channels-rest 7."""

from typing import Any

import pytest

from tests.web.administrators import UNKNOWN, logged, needs, ranks
from tests.web.conftest import Caller, Service
from trichat.core.model import Role

pytestmark = pytest.mark.promise("rest-7")

USER = f"admin/users/{UNKNOWN}"
ENDPOINTS: list[tuple[str, str, Role, tuple[int, str]]] = [
    ("GET", "admin/dashboard", Role.ADMIN, (403, "Admin access required")),
    ("GET", "admin/users", Role.MODERATOR, needs("VIEW_USERS")),
    ("GET", USER, Role.MODERATOR, needs("VIEW_USERS")),
    ("POST", f"{USER}/ban", Role.ADMIN, needs("BAN_USERS")),
    ("POST", f"{USER}/unban", Role.ADMIN, needs("BAN_USERS")),
    ("POST", f"{USER}/suspend", Role.ADMIN, needs("SUSPEND_USERS")),
    ("POST", f"{USER}/roles", Role.ADMIN, needs("ASSIGN_ROLES")),
    ("DELETE", f"{USER}/roles", Role.ADMIN, needs("ASSIGN_ROLES")),
    ("DELETE", f"admin/messages/{UNKNOWN}", Role.MODERATOR, needs("DELETE_MESSAGES")),
    ("GET", "admin/actions", Role.ADMIN, needs("VIEW_AUDIT_LOGS")),
    ("POST", "admin/bulk-actions", Role.SUPER_ADMIN, (403, "Super admin access required")),
]


@pytest.mark.parametrize(("method", "path", "least", "no"), ENDPOINTS)
async def test_each_takes_its_rank_before_it_looks_at_the_request(
    service: Service, method: str, path: str, least: Role, no: tuple[int, str]
) -> None:
    order = list(Role)
    for role, caller in (await ranks(service)).items():
        answer = await caller.call(method, path, "no object")
        if order.index(role) < order.index(least):
            assert answer.is_refused(*no)
        else:
            assert answer.status != 403
    assert (await service.nobody.call(method, path)).is_refused(401, "Not authenticated")


async def test_a_role_of_one_channel_opens_nothing(service: Service) -> None:
    people = await ranks(service)
    chief, member = people[Role.SUPER_ADMIN], people[Role.MEMBER]
    tea = await member.channel("tea")
    body = {"user_id": member.id, "role": "ADMIN", "channel_id": tea}
    assert (await chief.post(f"admin/users/{member.id}/roles", body)).status == 200
    assert (await member.get("admin/users")).is_refused(*needs("VIEW_USERS"))
    said = await chief.post("messages/", {"content": "x", "channel_id": tea})
    assert said.status == 403


async def test_ranks_count_from_the_next_request_on(service: Service) -> None:
    people = await ranks(service)
    chief, member = people[Role.SUPER_ADMIN], people[Role.MEMBER]
    path, body = f"admin/users/{member.id}/roles", {"user_id": member.id, "role": "MODERATOR"}
    assert (await chief.post(path, body)).status == 200
    assert (await member.get("admin/users")).status == 200
    assert (await chief.call("DELETE", path, body)).status == 200
    assert (await member.get("admin/users")).is_refused(*needs("VIEW_USERS"))


ACTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "ban", {}, "Cannot ban user with equal or higher role"),
    ("POST", "suspend", {}, "Cannot ban user with equal or higher role"),
    ("POST", "unban", {}, "Cannot unban user with equal or higher role"),
    ("POST", "roles", {"role": "MEMBER", "channel_id": ...},
     "Cannot change roles of user with equal or higher role"),
    ("DELETE", "roles", {"role": "MEMBER", "channel_id": ...},
     "Cannot change roles of user with equal or higher role"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "act", "fields", "no"), ACTS)
async def test_one_acts_on_those_strictly_below_and_never_on_oneself(
    service: Service, method: str, act: str, fields: dict[str, Any], no: str
) -> None:
    people = await ranks(service)
    if "channel_id" in fields:
        fields = {**fields, "channel_id": await people[Role.ADMIN].channel("tea")}

    async def tried(by: Caller, on: Caller) -> Any:
        return await by.call(method, f"admin/users/{on.id}/{act}", {"user_id": on.id, **fields})

    admin, chief = people[Role.ADMIN], people[Role.SUPER_ADMIN]
    for by, on in ((admin, admin), (admin, chief), (chief, chief)):
        assert (await tried(by, on)).is_refused(403, no)
    assert await logged(chief) == []
    for by, on in ((admin, people[Role.MODERATOR]), (chief, admin)):
        answer = await tried(by, on)
        assert answer.status == 200 or answer.is_refused(404, "Role assignment not found")
    assert (await chief.get("admin/dashboard")).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for method, path, *_ in ENDPOINTS if path.startswith(f"{USER}")],
)
async def test_nobody_has_that_id(service: Service, method: str, path: str) -> None:
    chief = (await ranks(service))[Role.SUPER_ADMIN]
    for other in (UNKNOWN, "5", "x"):
        body = {"user_id": other, "role": "MODERATOR"}
        answer = await chief.call(method, path.replace(UNKNOWN, other), body)
        assert answer.is_refused(404, "User not found")
    assert await logged(chief) == []


async def test_the_path_and_the_body_name_one_thing(service: Service) -> None:
    """Whichever was meant: nobody is banned by a slip."""
    people = await ranks(service)
    chief, member = people[Role.SUPER_ADMIN], people[Role.MEMBER]
    for act in ("ban", "suspend", "roles"):
        body = {"user_id": chief.id, "role": "MODERATOR"}
        answer = await chief.post(f"admin/users/{member.id}/{act}", body)
        assert answer.problems() == [("value_error", ["body", "user_id"])]
        answer = await chief.post(f"admin/users/{member.id}/{act}", {"role": "MODERATOR"})
        assert answer.problems() == [("missing", ["body", "user_id"])]
    deleted = await chief.call("DELETE", f"admin/messages/{UNKNOWN}", {"message_id": "x"})
    assert deleted.problems() == [("value_error", ["body", "message_id"])]
    assert await logged(chief) == []
