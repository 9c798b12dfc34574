"""What administrators read: users, the audit log, the dashboard. channels-rest 7."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.web.administrators import UNKNOWN, ban, logged, ranked, suspend
from tests.web.conftest import Service, configured, serving
from tests.web.test_rest_auth import USER_KEYS
from trichat.core.model import Role

pytestmark = pytest.mark.promise("rest-7")

ACCOUNT_KEYS = {
    "id", "username", "email", "status", "banned_until", "bannedUntil", "message_count",
    "channel_count", "created_at", "createdAt", "last_active",
}  # fmt: skip
ENTRY_KEYS = {
    "id", "action", "target_type", "target_id", "reason", "metadata", "created_at", "createdAt",
    "admin_id", "admin",
}  # fmt: skip
DASHBOARD_KEYS = {
    "total_users", "active_users", "suspended_users", "banned_users", "total_channels",
    "public_channels", "private_channels", "total_messages", "messages_today", "recent_actions",
}  # fmt: skip


async def test_users_newest_first_with_what_they_did(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    mod = await ranked(service, "mod", Role.MODERATOR)
    ann, bob = await service.people("ann", "bob")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    said = [await ann.say(room, "x") for room in (tea, tea, den)]
    await ann.delete(f"messages/{said[0]['id']}")
    await service.direct_room(ann, bob)
    await suspend(admin, bob)
    listed = (await mod.get("admin/users")).value
    assert [account["username"] for account in listed] == ["bob", "ann", "mod", "admin"]
    assert all(set(account) == ACCOUNT_KEYS for account in listed)
    assert all(account["last_active"] is None for account in listed)
    assert [(account["message_count"], account["channel_count"]) for account in listed[:2]] == [
        (0, 0), (2, 2),
    ]  # fmt: skip
    assert (
        listed[1].items()
        >= {
            key: ann.user[key] for key in ("id", "email", "createdAt", "status", "bannedUntil")
        }.items()
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limit=2", ["cat", "bob"]),
        ("page=2&limit=2", ["ann", "admin"]),
        ("page=9007199254740992&limit=100", []),
        ("status=BANNED", ["cat"]),
        ("status=SUSPENDED", ["bob"]),
        ("status=ACTIVE", ["ann", "admin"]),
        ("search=AN", ["ann"]),
        ("search=example.COM&limit=1", ["cat"]),
        ("search=%25", []),
        ("search=", ["cat", "bob", "ann", "admin"]),
        ("search=b&status=ACTIVE", []),
    ],
)
async def test_users_are_filtered_and_paged(service: Service, query: str, found: list[str]) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    _, bob, cat = await service.people("ann", "bob", "cat")
    await suspend(admin, bob)
    await ban(admin, cat)
    listed = (await admin.get(f"admin/users?{query}")).value
    assert [account["username"] for account in listed] == found


async def test_one_user_with_his_roles(service: Service) -> None:
    mod = await ranked(service, "mod", Role.MODERATOR)
    shown = (await mod.get(f"admin/users/{mod.id.upper()}")).value
    assert set(shown) == USER_KEYS | {"roles"}
    (grant,) = shown["roles"]
    assert (grant["role"], grant["channelId"], grant["assignedBy"]) == ("MODERATOR", None, None)


@pytest.mark.parametrize("path", ["admin/users", "admin/actions"])
@pytest.mark.parametrize(
    ("query", "type_"),
    [
        ("page=0", "greater_than_equal"),
        ("page=x", "int_parsing"),
        ("limit=0", "greater_than_equal"),
        ("limit=101", "less_than_equal"),
    ],
)
async def test_pages_are_bounded(service: Service, path: str, query: str, type_: str) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    answer = await admin.get(f"{path}?{query}")
    assert answer.problems() == [(type_, ["query", query.partition("=")[0]])]


async def test_the_audit_log_newest_first(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    assert (await admin.get("admin/actions")).value == []
    await ban(admin, bob, reason="rude", duration_hours=5)
    await admin.post(f"admin/users/{bob.id}/unban")
    _, entry = (await admin.get("admin/actions")).value
    assert set(entry) == ENTRY_KEYS
    assert entry["created_at"] == entry["createdAt"]
    assert (entry["action"], entry["target_type"]) == ("BAN_USER", "USER")
    assert (entry["target_id"], entry["reason"]) == (bob.id, "rude")
    assert entry["metadata"] == {"duration_hours": 5}
    assert entry["admin_id"] == admin.id
    assert set(entry["admin"]) == USER_KEYS
    assert entry["admin"]["username"] == "admin"


async def test_the_audit_log_is_filtered_and_paged(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    bob = await service.register("bob")
    said = await bob.say(await bob.channel("tea"), "x")
    await suspend(admin, bob)
    await chief.call("DELETE", f"admin/messages/{said['id']}", {"message_id": said["id"]})
    await admin.post(f"admin/users/{bob.id}/unban")

    async def actions(**query: Any) -> list[str]:
        return [action for action, *_ in await logged(chief, **query)]

    everything = ["UNSUSPEND_USER", "DELETE_MESSAGE", "SUSPEND_USER"]
    assert await actions() == everything
    assert await actions(limit=1) == everything[:1]
    assert await actions(limit=2, page=2) == everything[2:]
    assert await actions(action_type="DELETE_MESSAGE") == everything[1:2]
    assert await actions(action_type="KICK_USER") == []
    assert await actions(target_type="USER") == ["UNSUSPEND_USER", "SUSPEND_USER"]
    assert await actions(admin_id=admin.id.upper()) == ["UNSUSPEND_USER", "SUSPEND_USER"]
    assert await actions(admin_id=UNKNOWN) == await actions(admin_id="x") == []
    for name in ("action_type", "target_type"):
        answer = await chief.get(f"admin/actions?{name}=NONE")
        assert answer.problems() == [("enum", ["query", name])]


async def test_the_dashboard(tmp_path: Path) -> None:
    midnight = int(datetime(2027, 1, 16, tzinfo=UTC).timestamp() * 1000)
    now = midnight - 5000
    async with serving(
        tmp_path, configured(auth={"reserved_names": ()}), clock=lambda: now
    ) as service:
        admin = await ranked(service, "admin", Role.ADMIN)
        ann, bob, cat = await service.people("ann", "bob", "cat")
        tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
        await ann.say(tea, "yesterday")
        await service.direct_room(ann, bob)
        now = midnight
        gone = await ann.say(tea, "gone")
        await ann.delete(f"messages/{gone['id']}")
        await ann.say(den, "today")
        await suspend(admin, bob, duration_hours=1)
        await ban(admin, cat)
        shown = (await admin.get("admin/dashboard")).value
        assert set(shown) == DASHBOARD_KEYS
        recent = shown.pop("recent_actions")
        assert shown == {
            "total_users": 4, "active_users": 2, "suspended_users": 1, "banned_users": 1,
            "total_channels": 5, "public_channels": None, "private_channels": None,
            "total_messages": 2, "messages_today": 1,
        }  # fmt: skip
        assert [entry["action"] for entry in recent] == ["BAN_USER", "SUSPEND_USER"]
        assert all(set(entry) == ENTRY_KEYS for entry in recent)
        for _ in range(9):
            await admin.post(f"admin/users/{cat.id}/unban")
        now += 3_600_000
        shown = (await admin.get("admin/dashboard")).value
        assert (shown["active_users"], shown["suspended_users"]) == (4, 0)
        assert len(shown["recent_actions"]) == 10
