"""The edges of what administrators may ask for, and roles beside one another: channels-rest 7."""

from typing import Any

import pytest

from tests.web.administrators import ban, logged, ranked, suspend
from tests.web.conftest import Answer, Caller, Service
from trichat.core.model import Role

pytestmark = pytest.mark.promise("rest-7")

HUNDRED_YEARS = 24 * 366 * 100


async def roles(by: Caller, method: str, user: Caller, role: str, channel: Any = None) -> Answer:
    body = {"user_id": user.id, "role": role, "channel_id": channel}
    return await by.call(method, f"admin/users/{user.id}/roles", body)


async def test_pages_have_their_size_unless_they_are_asked_for_another(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    people = await service.people(*(f"user{number:03}" for number in range(25)))
    newest_first = [f"user{number:03}" for number in range(24, -1, -1)] + ["admin"]

    async def names(query: str) -> list[str]:
        listed = (await admin.get(f"admin/users{query}")).value
        return [account["username"] for account in listed]

    assert await names("") == newest_first[:20]
    assert await names("?page=2") == newest_first[20:]
    assert await names("?limit=100") == newest_first
    assert await names("?limit=1&page=26") == ["admin"]
    for number in range(60):
        await ban(admin, people[0], reason=str(number))
    reasons = [str(number) for number in range(59, -1, -1)]
    assert [reason for *_, reason in await logged(admin)] == reasons[:50]
    assert [reason for *_, reason in await logged(admin, page=2)] == reasons[50:]
    assert [reason for *_, reason in await logged(admin, limit=100)] == reasons
    for query, path in (("status=NONE", "users"), ("status=active", "users")):
        answer = await admin.get(f"admin/{path}?{query}")
        assert answer.problems() == [("enum", ["query", "status"])]


@pytest.mark.parametrize(
    ("hours", "status"), [(0, 422), (1, 200), (HUNDRED_YEARS, 200), (HUNDRED_YEARS + 1, 422)]
)
@pytest.mark.parametrize("act", [ban, suspend])
async def test_a_sentence_has_its_bounds(
    service: Service, act: Any, hours: int, status: int
) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    assert (await act(admin, bob, duration_hours=hours)).status == status
    assert (await bob.get("auth/me")).status == (401 if status == 200 else 200)
    assert len(await logged(admin)) == (status == 200)


async def test_a_reason_is_kept_up_to_its_bound(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    reason = "🫖" * 1000
    assert (await ban(admin, bob, reason=reason)).status == 200
    path = f"admin/users/{bob.id}/unban"
    assert (await admin.post(path, query_string={"reason": reason})).status == 200
    said = await bob.say(await bob.channel("tea"), "x")
    body = {"message_id": said["id"], "reason": reason}
    assert (await admin.call("DELETE", f"admin/messages/{said['id']}", body)).status == 200
    assert [kept for *_, kept in await logged(admin)] == [reason] * 3


async def test_a_hundred_targets_at_once_and_no_more(service: Service) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    bob = await service.register("bob")
    body: dict[str, Any] = {"action": "BAN_USER", "target_ids": [bob.id] * 100}
    answer = await chief.post("admin/bulk-actions", body)
    assert (answer.status, answer.value["success_count"]) == (200, 100)
    body["target_ids"].append(bob.id)
    answer = await chief.post("admin/bulk-actions", body)
    assert answer.problems() == [("value_error", ["body", "target_ids"])]
    assert len(await logged(chief, limit=100)) == 100


async def test_of_several_roles_the_highest_counts(service: Service) -> None:
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    bob = await service.register("bob")
    for role in ("ADMIN", "MODERATOR"):  # the lower one last
        assert (await roles(chief, "POST", bob, role)).status == 200
    assert (await bob.get("admin/dashboard")).status == 200
    assert (await roles(chief, "DELETE", bob, "ADMIN")).status == 200
    assert (await bob.get("admin/dashboard")).is_refused(403, "Admin access required")
    assert (await bob.get("admin/users")).status == 200
    assert (await roles(chief, "DELETE", bob, "MODERATOR")).status == 200
    assert (await bob.get("admin/users")).status == 403


async def test_messages_are_taken_away_whoever_said_them(service: Service) -> None:
    """It is no act on a user: it takes a permission, and no rank above the author's."""
    mod = await ranked(service, "mod", Role.MODERATOR)
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    said = await chief.say(await chief.channel("tea"), "x")
    body = {"message_id": said["id"]}
    assert (await mod.call("DELETE", f"admin/messages/{said['id']}", body)).status == 200
    assert await logged(chief) == [("DELETE_MESSAGE", said["id"], "mod", None)]


async def test_a_look_leaves_no_entry(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    for path in ("dashboard", "users", f"users/{bob.id}", "actions"):
        assert (await admin.get(f"admin/{path}")).status == 200
    for refused in (await ban(admin, admin), await roles(admin, "DELETE", bob, "MODERATOR")):
        assert refused.status in (403, 404)
    assert await logged(admin) == []


async def test_unbanning_who_is_not_banned_changes_nothing(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    answer = await admin.post(f"admin/users/{bob.id}/unban")
    assert (answer.status, answer.value) == (200, {"message": "User unbanned successfully"})
    assert (await bob.get("auth/me")).status == 200
