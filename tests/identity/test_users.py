"""Who an identity provider's token speaks for, over a whole server: it opens everything."""

import time
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.identity.providers import (
    DIALECTS,
    SECRET,
    assert_refused_everywhere,
    me,
    named,
    published,
    served,
)
from tests.issuer import AUDIENCE, ISSUER, Issuer, pem, rsa_key, signed
from tests.server import ChatServer, Person
from trichat.core.model import Role
from trichat.settings import Identity

# Accepted everywhere


@pytest.mark.parametrize(
    ("dialect", "shown"),
    [
        *((dialect, "in the query") for dialect in DIALECTS),
        ("room", "in the header"),
        ("lobby", "in the header"),
    ],
)
async def test_its_token_opens_every_dialect(
    server: ChatServer, issuer: Issuer, dialect: str, shown: str
) -> None:
    token = issuer.token(sub="ann-at-home", preferred_username="ann")
    headers = None
    if shown == "in the header":
        headers = {"authorization": f"Bearer {token}"}
    async with server.socket(dialect, None if headers else token, "hall", headers) as client:
        match dialect:
            case "chats":
                answer = await client.request({"action": "subscribe", "chat_ids": []})
                assert answer == {"action": "subscribe_response", "results": []}
            case "room":
                assert (await client.until(type="user_join"))["username"] == "ann"
            case "lobby":
                answer = await client.request({"type": "list_rooms", "data": {}})
                assert answer["type"] == "rooms_list"
            case "channels":
                assert (await client.next())["username"] == "ann"
            case "conversations":
                answer = await client.request({"type": "chat.search_user", "keyword": "ann"})
                assert answer["type"] == "chat.search_results"
    assert await named(server, token) == "ann"


async def test_its_users_and_ours_talk(server: ChatServer, issuer: Issuer) -> None:
    bob = await server.person("bob")
    token = issuer.token(preferred_username="ann")
    async with (
        server.socket("room", bob, "hall") as his,
        server.socket("room", token, "hall") as hers,
    ):
        await his.until(type="user_join", username="ann")
        await hers.send({"message": "hello"})
        heard = await his.until(type="chat_message")
        assert (heard["message"], heard["sender_username"]) == ("hello", "ann")
    assert await named(server, bob.token) == "bob"


async def test_a_shared_secret_and_integer_ids_of_another_framework(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    identity = Identity(
        algorithms=("HS256",),
        secret_file=str(file),
        subject_claim="user_id",
        username_claim="username",
        create_users=True,
    )
    async with served(tmp_path / "data", identity) as server:
        claims = {"sub": None, "iss": None, "aud": None, "token_type": "access"}
        token = signed(SECRET, "HS256", user_id=42, username="ann", **claims)
        assert await named(server, token) == "ann"
        async with server.socket("lobby", token) as client:
            made = {"name": "x", "type": "public"}
            answer = await client.request({"type": "create_room", "data": made})
            assert answer["type"] == "room_created"
        # It names her by its own number, not by ours.
        again = signed(SECRET, "HS256", user_id=1, username="bob", **claims)
        assert await named(server, again) == "bob"


async def test_keys_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.pem"
    file.write_bytes(pem(rsa_key(1)) + pem(rsa_key()))
    identity = Identity(
        algorithms=("RS256",), keys_file=str(file), issuer=ISSUER, audience=AUDIENCE,
        create_users=True,
    )  # fmt: skip
    async with served(tmp_path / "data", identity) as server:
        token = signed(rsa_key(), "RS256", preferred_username="ann")
        assert await named(server, token) == "ann"
        confused = signed("x" * 40, "HS256")
        assert (await me(server, confused))[0] == 401


# Users


async def test_a_user_is_made_once_and_found_again(tmp_path: Path, issuer: Issuer) -> None:
    token = issuer.token(preferred_username="ann", email="ann@example.com")
    async with served(tmp_path, published(issuer)) as server:
        _, first = await me(server, token)
        assert (first["username"], first["email"]) == ("ann", "ann@example.com")
        later = issuer.token(preferred_username="renamed", email="new@example.com")
        assert await me(server, later) == (200, first)
    async with served(tmp_path, published(issuer, create_users=False)) as server:
        assert await me(server, token) == (200, first)  # who is known comes in


async def test_many_first_sights_at_once_make_one_user(server: ChatServer, issuer: Issuer) -> None:
    token = issuer.token(preferred_username="ann")
    names: list[str] = []

    async def look() -> None:
        names.append(await named(server, token))

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(look)
    assert names == ["ann"] * 8
    assert await server.runtime.store.user_by_name("ann-2") is None


async def test_a_name_or_an_address_that_is_somebodys_opens_nothing_of_his(
    server: ChatServer, issuer: Issuer
) -> None:
    ann = await server.person("ann")
    token = issuer.token(preferred_username="ann", email="ann@example.com")
    status, body = await me(server, token)
    assert (status, body["username"]) == (200, "ann-2")
    assert body["id"] != ann.uuid
    assert await named(server, ann.token) == "ann"
    by_uuid = issuer.token(sub=ann.uuid, preferred_username="mallory")
    assert await named(server, by_uuid) == "mallory"  # our ids mean nothing in its mouth


async def test_the_first_of_all_finds_the_first_rooms(server: ChatServer, issuer: Issuer) -> None:
    """As if she had registered (channels-rest 3)."""
    for subject, found in (("ann", ["general", "random", "announcements"]), ("bob", [])):
        person = Person(None, issuer.token(sub=subject))  # type: ignore[arg-type]
        status, mine = await server.rest(person, "GET", "/channels/my")
        assert (status, [channel["name"] for channel in mine]) == (200, found)


async def test_who_has_no_name_gets_one(server: ChatServer, issuer: Issuer) -> None:
    name = await named(server, issuer.token())
    assert name.startswith("user-")
    assert name != await named(server, issuer.token(sub="bob-at-home"))


async def test_nobody_is_made_unless_allowed(tmp_path: Path, issuer: Issuer) -> None:
    async with served(tmp_path, published(issuer, create_users=False)) as server:
        token = issuer.token(preferred_username="ann")
        assert await me(server, token) == (401, {"detail": "User not found"})
        await assert_refused_everywhere(server, token)
        assert await server.runtime.store.user_by_name("ann") is None


PROVEN: Any = {"label": "bot"}
STALE = "This takes a token issued in the last 5 minutes: log in again"


@pytest.mark.promise("lobby-2")
@pytest.mark.parametrize(
    ("ago", "status"), [(0, 200), (290, 200), (310, 403), (86_400, 403), (None, 403)]
)
async def test_a_fresh_token_is_the_password_of_who_has_none(
    server: ChatServer, issuer: Issuer, ago: float | None, status: int
) -> None:
    issued: dict[str, Any] = {} if ago is None else {"iat": time.time() - ago}
    token = issuer.token(preferred_username="ann", email="ann@example.com", **issued)
    _, ann = await me(server, token)
    by = Person(None, token)  # type: ignore[arg-type]
    moved = {"email": "new@example.com", "current_password": "none"}
    for method, path, body in (
        ("POST", "/auth/keys", PROVEN),
        ("PUT", f"/users/{ann['id']}", moved),
    ):
        got, answer = await server.rest(by, method, path, body)
        assert got == status, answer
        if status != 200:
            assert answer == {"detail": STALE}
    assert (await me(server, token))[1]["email"] == (
        "new@example.com" if status == 200 else "ann@example.com"
    )


async def test_who_was_given_a_password_shows_it(server: ChatServer, issuer: Issuer) -> None:
    token = issuer.token(preferred_username="ann", iat=time.time())
    await me(server, token)
    user = await server.runtime.store.user_by_name("ann")
    assert user is not None
    await server.runtime.accounts.set_password(user, "Another-2")
    later = issuer.token(preferred_username="ann", iat=time.time() + 2)  # logins ended with it
    by = Person(user, later)
    refused = {"detail": "Current password is required"}
    assert await server.rest(by, "POST", "/auth/keys", PROVEN) == (400, refused)
    shown = {**PROVEN, "current_password": "Another-2"}
    assert (await server.rest(by, "POST", "/auth/keys", shown))[0] == 200


async def test_a_suspended_one_stays_out(server: ChatServer, issuer: Issuer) -> None:
    token = issuer.token(preferred_username="ann")
    _, ann = await me(server, token)
    boss = await server.person("boss", role=Role.SUPER_ADMIN)
    path = f"/admin/users/{ann['id']}/suspend"
    body = {"user_id": ann["id"], "reason": "noise"}
    status, answer = await server.rest(boss, "POST", path, body)
    assert status == 200, answer
    assert (await me(server, token))[0] == 401
    await assert_refused_everywhere(server, token)


# Refused
