"""Roles over REST: channels-rest 7."""

from typing import Any

import pytest
import trio

from tests.web.administrators import UNKNOWN, logged, ranked
from tests.web.conftest import Answer, Caller, Service
from trichat.core.model import Role

pytestmark = pytest.mark.promise("rest-7")

GRANT_KEYS = {
    "id", "role", "channel_id", "channelId", "assigned_at", "assignedAt", "assigned_by",
    "assignedBy",
}  # fmt: skip
TOO_HIGH = (403, "Cannot assign role equal to or higher than your own")
ASSIGNED = {"message": "Role assigned successfully"}
REMOVED = {"message": "Role removed successfully"}


async def roles(by: Caller, method: str, user: Caller, role: Any, channel: Any = None) -> Answer:
    body = {"user_id": user.id, "role": role, "channel_id": channel}
    return await by.call(method, f"admin/users/{user.id}/roles", body)


async def held(by: Caller, user: Caller) -> list[tuple[str, str | None]]:
    answer = (await by.get(f"admin/users/{user.id}")).value
    for grant in answer["roles"]:
        assert set(grant) == GRANT_KEYS
        assert grant["channel_id"] == grant["channelId"]
        assert grant["assigned_at"] == grant["assignedAt"]
        assert grant["assigned_by"] == grant["assignedBy"]
    return [(grant["role"], grant["channelId"]) for grant in answer["roles"]]


async def test_assigned_and_removed(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    answer = await roles(admin, "POST", bob, "MODERATOR")
    assert (answer.status, answer.value) == (200, ASSIGNED)
    shown = (await admin.get(f"admin/users/{bob.id}")).value
    (grant,) = shown.pop("roles")
    assert shown.keys() == bob.user.keys()
    assert (grant["role"], grant["channelId"]) == ("MODERATOR", None)
    assert grant["assignedBy"] == admin.id
    again = await roles(admin, "POST", bob, "MODERATOR")
    assert again.is_refused(400, "User already has this role")
    answer = await roles(admin, "DELETE", bob, "MODERATOR")
    assert (answer.status, answer.value) == (200, REMOVED)
    gone = await roles(admin, "DELETE", bob, "MODERATOR")
    assert gone.is_refused(404, "Role assignment not found")
    assert await held(admin, bob) == []
    assert await logged(admin) == [
        ("REMOVE_ROLE", bob.id, "admin", None), ("ASSIGN_ROLE", bob.id, "admin", None),
    ]  # fmt: skip
    for entry in (await admin.get("admin/actions")).value:
        assert entry["target_type"] == "USER"
        assert entry["metadata"] == {"role": "MODERATOR", "channel_id": None}


async def test_what_everybody_is_cannot_be_given_or_taken(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    assert (await roles(admin, "POST", bob, "MEMBER")).is_refused(400, "User already has this role")
    assert (await roles(admin, "DELETE", bob, "MEMBER")).status == 404


async def test_below_one_s_own(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    chief = await ranked(service, "chief", Role.SUPER_ADMIN)
    bob = await service.register("bob")
    for by, role in ((admin, "ADMIN"), (admin, "SUPER_ADMIN"), (chief, "SUPER_ADMIN")):
        for method in ("POST", "DELETE"):
            assert (await roles(by, method, bob, role)).is_refused(*TOO_HIGH)
    assert (await roles(chief, "POST", bob, "ADMIN")).status == 200
    assert (await bob.get("admin/dashboard")).status == 200
    assert (await roles(admin, "POST", bob, "MODERATOR")).status == 403  # no longer below
    assert (await roles(chief, "DELETE", admin, "ADMIN")).status == 200
    assert (await admin.get("admin/users")).status == 403


async def test_of_one_channel(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    ann, bob = await service.people("ann", "bob")
    tea, den = await ann.channel("tea"), await ann.channel("den", is_private=True)
    for channel in (tea, den):
        assert (await roles(admin, "POST", bob, "MODERATOR", channel)).status == 200
        again = await roles(admin, "POST", bob, "MODERATOR", channel.upper())
        assert again.is_refused(400, "User already has this role")
    assert (await roles(admin, "POST", bob, "MEMBER", tea)).status == 200
    assert await held(admin, bob) == [("MODERATOR", tea), ("MODERATOR", den), ("MEMBER", tea)]
    assert (await roles(admin, "DELETE", bob, "MODERATOR")).status == 404
    assert (await roles(admin, "DELETE", bob, "MODERATOR", tea)).status == 200
    pair = await service.direct_room(ann, bob)
    for other in (UNKNOWN, "x", pair):
        for method in ("POST", "DELETE"):
            answer = await roles(admin, method, bob, "MODERATOR", other)
            assert answer.is_refused(404, "Channel not found")


async def test_two_at_once_give_it_once(service: Service) -> None:
    admins = [await ranked(service, f"admin{n}", Role.ADMIN) for n in range(3)]
    bob = await service.register("bob")
    answers: list[Answer] = []

    async def act(by: Caller) -> None:
        answers.append(await roles(by, "POST", bob, "MODERATOR"))

    async with trio.open_nursery() as nursery:
        for admin in admins:
            nursery.start_soon(act, admin)
    assert sorted(answer.status for answer in answers) == [200, 400, 400]
    assert await held(admins[0], bob) == [("MODERATOR", None)]
    assert len(await logged(admins[0])) == 1


@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        ("role", "BOSS", "enum"),
        ("role", "admin", "enum"),
        ("role", 5, "enum"),
        ("role", None, "enum"),
        ("role", [], "enum"),
        ("channel_id", 5, "string_type"),
        ("user_id", 5, "string_type"),
    ],
)
async def test_a_field_is_wrong(service: Service, field: str, value: Any, type_: str) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    body = {"user_id": bob.id, "role": "MODERATOR", field: value}
    for method in ("POST", "DELETE"):
        answer = await admin.call(method, f"admin/users/{bob.id}/roles", body)
        assert answer.problems() == [(type_, ["body", field])]
        if type_ == "enum":
            assert "'MEMBER', 'MODERATOR', 'ADMIN', 'SUPER_ADMIN'" in answer.detail[0]["msg"]
