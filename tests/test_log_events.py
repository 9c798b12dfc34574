"""What an operator looks for in the log is there, once, with its numbers and without a secret."""

import io
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from tests.server import PASSWORD, ChatServer, Person
from tests.test_telemetry import entries, logging_to
from trichat.core.model import Role
from trichat.logevents import FIELDS, LogEvent, log_event

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"
WRONG = "hunter2-is-no-password"
LABEL = "label-of-a-key"
REASON = "the-reason-why"
# What one of these events has beside its own fields.
COMMON = {"event", "level", "logger", "timestamp"}


def events(stream: io.StringIO) -> list[tuple[str, dict[str, Any]]]:
    """Name and fields of what was logged under these names."""
    return [
        (entry["event"], {name: entry[name] for name in entry.keys() - COMMON})
        for entry in entries(stream)
        if entry["logger"] == "trichat.events"
    ]


def test_the_page_for_operators_names_each_event_and_its_fields() -> None:
    rows = re.findall(r"^\| (`[a-zA-Z ,`]+`) \|([a-z_, ]*)\|", PAGE.read_text(), re.MULTILINE)
    names = [name for row, _ in rows for name in re.findall(r"`([^`]+)`", row) if " " in name]
    assert sorted(names) == sorted(LogEvent)
    fields = {
        field for row, told in rows for field in told.strip().split(", ") if " " in row and field
    }
    assert fields <= set(FIELDS)


def test_a_field_that_nobody_declared_is_refused() -> None:
    with pytest.raises(ValueError, match="text"):
        log_event(LogEvent.STARTED, text="what somebody wrote")


async def login(server: ChatServer, username: str, password: str) -> int:
    body = {"username": username, "password": password}
    return (await server.rest(None, "POST", "/auth/login", body))[0]


@pytest.mark.promise("all-5")
async def test_a_failed_login_tells_the_user_and_the_address_but_no_unknown_name(
    server: ChatServer,
) -> None:
    stream = io.StringIO()
    ann = await server.person("ann")
    with logging_to(stream, "json"):
        assert await login(server, "ann", WRONG) == 401
        assert await login(server, WRONG, PASSWORD) == 401
        change = {"current_password": WRONG, "new_password": "Another-1x-secret"}
        assert (await server.rest(ann, "PUT", "/auth/password", change))[0] == 400
        assert await login(server, "ann", PASSWORD) == 200
    assert events(stream) == [
        ("login failed", {"user": ann.id, "address": "127.0.0.1"}),
        ("login failed", {"address": "127.0.0.1"}),
        ("login failed", {"user": ann.id, "address": "127.0.0.1"}),
    ]
    for secret in (WRONG, PASSWORD):
        assert secret not in stream.getvalue()


async def do(server: ChatServer, by: Person, method: str, path: str, body: object = None) -> Any:
    status, answer = await server.rest(by, method, path, body)
    assert status == 200, (path, answer)
    return answer


@pytest.mark.promise("all-5")
async def test_accounts_keys_roles_and_suspensions_are_told(server: ChatServer) -> None:
    stream = io.StringIO()
    boss = await server.person("boss", role=Role.SUPER_ADMIN)
    with logging_to(stream, "json"):
        bob = await server.person("bob")
        key = await do(
            server, bob, "POST", "/auth/keys", {"label": LABEL, "current_password": PASSWORD}
        )
        await do(server, bob, "DELETE", f"/auth/keys/{key['id']}")
        at = f"/admin/users/{bob.uuid}"
        role = {"user_id": bob.uuid, "role": "MODERATOR", "reason": REASON}
        await do(server, boss, "POST", f"{at}/roles", role)
        await do(server, boss, "DELETE", f"{at}/roles", role)
        held = {"user_id": bob.uuid, "reason": REASON, "duration_hours": 1}
        await do(server, boss, "POST", f"{at}/suspend", held)
        await do(server, boss, "POST", f"{at}/unban", {"user_id": bob.uuid})
        await do(server, boss, "POST", f"{at}/ban", {**held, "duration_hours": None})
        await do(server, boss, "POST", f"{at}/unban", {"user_id": bob.uuid})
        await do(server, bob, "POST", "/auth/logout-everywhere")
        change = {"current_password": PASSWORD, "new_password": "Another-1x-secret"}
        await do(server, boss, "PUT", "/auth/password", change)
    told = events(stream)
    until = told[5][1].pop("until")
    assert until > 1_700_000_000_000
    by = {"user": bob.id, "by_user": boss.id}
    assert told == [
        ("user registered", {"user": bob.id, "role": "MEMBER"}),
        ("API key made", {"user": bob.id, "key": key["id"]}),
        ("API key revoked", {"key": key["id"]}),
        ("role assigned", {**by, "role": "MODERATOR"}),
        ("role removed", {**by, "role": "MODERATOR"}),
        ("user suspended", by),
        ("user reinstated", by),
        ("user banned", by),
        ("user reinstated", by),
        ("logins ended", {"user": bob.id}),
        ("password changed", {"user": boss.id}),
    ]
    for secret in (PASSWORD, "Another-1x-secret", key["key"], LABEL, REASON, "bob@"):
        assert secret not in stream.getvalue()


async def test_what_was_refused_is_not_told_as_done(server: ChatServer) -> None:
    stream = io.StringIO()
    ann, bob = await server.person("ann"), await server.person("bob")
    with logging_to(stream, "json"):
        at = f"/admin/users/{bob.uuid}/roles"
        assert (await server.rest(ann, "POST", at, {"user_id": bob.uuid, "role": "ADMIN"}))[
            0
        ] == 403
        assert (await server.rest(ann, "DELETE", "/auth/keys/7"))[0] == 404
        body = {"username": "bob", "email": "new@example.com", "password": PASSWORD}
        assert (await server.rest(None, "POST", "/auth/register", body))[0] == 400
    assert events(stream) == []


async def test_a_fault_in_telling_ends_nothing(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(write: object, outcome: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("trichat.runtime.storage.log_written", broken)
    ann = await server.person("ann")
    assert ann.id
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
        assert (await client.get("/readyz")).status_code == 200
    await trio.lowlevel.checkpoint()
