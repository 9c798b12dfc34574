"""Bans and suspensions over REST: channels-rest 7, channels-21."""

from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.administrators import ban, logged, ranked, ranks, suspend
from tests.web.conftest import PASSWORD, Answer, Caller, Service, configured, serving
from trichat.core.model import Role, Status
from trichat.core.refusals import Forbidden
from trichat.runtime.administration import new_reason

pytestmark = pytest.mark.promise("rest-7")

HOUR = 3_600_000


async def login(service: Service, name: str) -> Answer:
    return await service.nobody.post("auth/login", {"username": name, "password": PASSWORD})


async def status(by: Caller, user: Caller) -> tuple[str, Any]:
    found = (await by.get(f"admin/users/{user.id}")).value
    assert found["banned_until"] == found["bannedUntil"]
    return found["status"], found["banned_until"]


async def test_channels_21_who_is_banned_is_out_until_unbanned(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    answer = await ban(admin, bob, reason="rude", duration_hours=None)
    assert (answer.status, answer.value) == (200, {"message": "User banned successfully"})
    assert await status(admin, bob) == ("BANNED", None)
    refused = await bob.get("auth/me")
    assert refused.is_refused(401, "Could not validate credentials")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert (await login(service, "bob")).is_refused(403, "This account is banned")
    answer = await admin.post(f"admin/users/{bob.id}/unban?reason=sorry")
    assert (answer.status, answer.value) == (200, {"message": "User unbanned successfully"})
    assert (await bob.get("auth/me")).status == 200
    assert (await login(service, "bob")).status == 200
    assert await logged(admin) == [
        ("UNBAN_USER", bob.id, "admin", "sorry"), ("BAN_USER", bob.id, "admin", "rude"),
    ]  # fmt: skip


async def test_channels_21_who_is_suspended_is_let_in_in_the_same_way(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    answer = await suspend(admin, bob)
    assert (answer.status, answer.value) == (200, {"message": "User suspended successfully"})
    assert (await login(service, "bob")).is_refused(403, "This account is suspended")
    assert (await bob.get("auth/me")).status == 401
    assert (await admin.post(f"admin/users/{bob.id}/unban")).status == 200
    assert await status(admin, bob) == ("ACTIVE", None)
    assert await logged(admin) == [
        ("UNSUSPEND_USER", bob.id, "admin", None), ("SUSPEND_USER", bob.id, "admin", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "fields", "hours"),
    [
        ("suspend", {}, 24),
        ("suspend", {"duration_hours": 2}, 2),
        ("suspend", {"duration_hours": None}, None),
        ("ban", {"duration_hours": 3}, 3),
        ("ban", {}, None),
    ],
)
async def test_its_time_comes_by_itself(
    tmp_path: Path, act: str, fields: dict[str, Any], hours: int | None
) -> None:
    now = 1_800_000_000_000
    async with serving(
        tmp_path, configured(auth={"reserved_names": ()}), clock=lambda: now
    ) as service:
        admin = await ranked(service, "admin", Role.ADMIN)
        bob = await service.register("bob")
        body = {"user_id": bob.id, **fields}
        assert (await admin.post(f"admin/users/{bob.id}/{act}", body)).status == 200
        (entry,) = (await admin.get("admin/actions")).value
        assert entry["metadata"] == {"duration_hours": hours}
        now += (hours or 10**6) * HOUR - 1
        assert (await bob.get("auth/me")).status == 401
        assert (await login(service, "bob")).status == 403
        now += 1
        if hours is None:
            assert (await bob.get("auth/me")).status == 401
            return
        me = (await bob.get("auth/me")).value
        assert (me["status"], me["banned_until"]) == ("ACTIVE", None)
        assert (await login(service, "bob")).status == 200
        account = await service.account(bob)
        assert account.banned_until is None  # for good
        assert len(await logged(admin)) == 1  # nobody did that


async def test_a_second_sentence_takes_the_place_of_the_first(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    await suspend(admin, bob)
    await ban(admin, bob)
    assert await status(admin, bob) == ("BANNED", None)
    assert len(await logged(admin)) == 2


async def test_two_bans_at_once_are_both_done_and_logged(service: Service) -> None:
    admins = [await ranked(service, f"admin{n}", Role.ADMIN) for n in range(3)]
    bob = await service.register("bob")
    answers: list[Answer] = []

    async def act(by: Caller) -> None:
        answers.append(await ban(by, bob, reason=by.name))

    async with trio.open_nursery() as nursery:
        for admin in admins:
            nursery.start_soon(act, admin)
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert {reason for *_, reason in await logged(admins[0])} == {"admin0", "admin1", "admin2"}


async def test_two_who_ban_each_other(service: Service) -> None:
    """Admins are equals; and of two super administrators neither is above the other."""
    people = [await ranked(service, name, Role.SUPER_ADMIN) for name in ("one", "two")]
    for by, on in (people, people[::-1]):
        assert (await ban(by, on)).status == 403
    assert (await people[0].get("auth/me")).status == 200


async def test_who_is_banned_meanwhile_bans_nobody(service: Service) -> None:
    """Their request was let in before; the transaction looks again."""
    people = await ranks(service)
    chief, admin, member = people[Role.SUPER_ADMIN], people[Role.ADMIN], people[Role.MEMBER]
    late = await service.account(admin)
    assert (await ban(chief, admin)).status == 200
    target = await service.account(member)
    outcome = await service.runtime.administration.suspend(
        late, target, Status.BANNED, new_reason(), hours=None
    )
    assert outcome == Forbidden()
    assert (await member.get("auth/me")).status == 200
    assert len(await logged(chief)) == 1


@pytest.mark.parametrize("act", ["ban", "suspend"])
@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        ("duration_hours", 0, "value_error"),
        ("duration_hours", -1, "value_error"),
        ("duration_hours", 10**9, "value_error"),
        ("duration_hours", 10**30, "value_error"),
        ("duration_hours", 1.5, "int_type"),
        ("duration_hours", "24", "int_type"),
        ("duration_hours", True, "int_type"),
        ("reason", 5, "string_type"),
        ("reason", "x" * 1001, "value_error"),
        ("reason", "\0", "value_error"),
        ("reason", "\ud800", "value_error"),
        ("user_id", None, "string_type"),
    ],
)
async def test_a_field_is_wrong(
    service: Service, act: str, field: str, value: Any, type_: str
) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    body = {"user_id": bob.id, field: value}
    answer = await admin.post(f"admin/users/{bob.id}/{act}", body)
    assert answer.problems() == [(type_, ["body", field])]
    assert (await bob.get("auth/me")).status == 200


async def test_a_reason_of_the_query_is_bounded(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    for reason in ("x" * 1001, "%00"):
        answer = await admin.post(f"admin/users/{bob.id}/unban?reason={reason}")
        assert answer.problems() == [("value_error", ["query", "reason"])]


async def test_when_storage_fails_nobody_is_out(service: Service) -> None:
    admin = await ranked(service, "admin", Role.ADMIN)
    bob = await service.register("bob")
    service.store.broken = True
    assert (await ban(admin, bob)).status == 503
    service.store.broken = False
    assert (await bob.get("auth/me")).status == 200
    assert await logged(admin) == []
