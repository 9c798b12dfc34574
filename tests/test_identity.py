"""An identity provider beside our own accounts, over a whole server: its tokens open everything."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from tests.auth.test_provider import by_hand
from tests.issuer import AUDIENCE, ISSUER, Issuer, open_issuer, pem, rsa_key, signed
from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.auth.providererrors import ProviderKeysError
from trichat.auth.secret import WeakSecretError
from trichat.composition.server import open_server
from trichat.core.model import Role
from trichat.settings import Auth, Identity, Settings

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
REFUSED = {"chats": 1008, "room": 4001, "channels": 1008, "conversations": 4001}
SECRET = "q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"


def published(issuer: Issuer, **more: Any) -> Identity:
    """The provider at its address, asked anew at once for keys that are not known."""
    given: dict[str, Any] = {
        "algorithms": ("RS256", "ES256"),
        "jwks_url": issuer.url,
        "jwks_retry": 0.001,
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "create_users": True,
    }
    return Identity(**(given | more))


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with open_issuer() as issuer:
        yield issuer


@asynccontextmanager
async def served(data: Path, identity: Identity) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings_for(data, identity=identity)) as server:
        yield server


@pytest.fixture
async def server(tmp_path: Path, issuer: Issuer) -> AsyncIterator[ChatServer]:
    async with served(tmp_path, published(issuer)) as server:
        yield server


async def me(server: ChatServer, token: str) -> tuple[int, Any]:
    """What REST says of the bearer."""
    return await server.rest(Person(None, token), "GET", "/auth/me")  # type: ignore[arg-type]


async def named(server: ChatServer, token: str) -> str:
    """The user name that REST knows the bearer by."""
    status, body = await me(server, token)
    assert status == 200, body
    return str(body["username"])


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


async def assert_refused_everywhere(server: ChatServer, token: str) -> None:
    """With the same words and codes as any bad token."""
    assert (await server.refusal(f"/ws/chat?token={token}")).status_code == 401
    for dialect, code in REFUSED.items():
        async with trio.open_nursery() as nursery:
            client = await server.connect(nursery, dialect, token, "hall")
            assert await client.close_code() == code, dialect
            await client.abort()


BAD: dict[str, Any] = {
    "expired": {"exp": time.time() - 60},
    "not yet valid": {"nbf": time.time() + 3600},
    "issued in the future": {"iat": time.time() + 3600},
    "of another issuer": {"iss": "https://evil.example"},
    "for others": {"aud": "another"},
    "for refreshing": {"typ": "Refresh"},
    "without end": {"exp": None},
}


@pytest.mark.parametrize("claims", BAD.values(), ids=BAD)
async def test_all_5_a_bad_token_is_refused_everywhere(
    server: ChatServer, issuer: Issuer, claims: dict[str, Any]
) -> None:
    token = issuer.token(**claims)
    assert await me(server, token) == (401, {"detail": "Could not validate credentials"})
    await assert_refused_everywhere(server, token)


async def test_all_5_algorithms_are_not_confused(server: ChatServer, issuer: Issuer) -> None:
    public = pem(issuer.keys["one"])
    for token in (
        _signed_with(public, "HS256"),
        _signed_with(public, "none"),
        signed(rsa_key(5), "RS256", "one"),
        signed(rsa_key(), "RS512", "one"),
        signed(rsa_key(), "PS256", "one"),
    ):
        assert (await me(server, token))[0] == 401
    await assert_refused_everywhere(server, _signed_with(public, "HS256"))


def _signed_with(secret: bytes, algorithm: str) -> str:
    """By hand: PyJWT refuses to make such a token."""
    header = {"alg": algorithm, "typ": "JWT", "kid": "one"}
    return by_hand(header, None if algorithm == "none" else secret, exp=time.time() + 60)


async def test_our_own_tokens_need_our_own_secret(server: ChatServer, issuer: Issuer) -> None:
    ann = await server.person("ann")
    forged = issuer.token(sub=ann.uuid, user_id=ann.id, username="ann", type="access")
    assert await named(server, forged) != "ann"
    assert await named(server, ann.token) == "ann"


async def test_the_log_tells_why_a_token_is_neither_ours_nor_its(
    server: ChatServer, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for token, why in (
        (signed(b"x" * 40, "HS256"), "as ours: wrong signature"),
        (issuer.token(exp=1), "as the identity provider's: expired"),
    ):
        assert (await me(server, token))[0] == 401
        assert why in caplog.text
        assert token not in caplog.text


# Keys that change, and a provider that does not answer


async def test_a_rotated_key_is_seen_at_the_first_token(server: ChatServer, issuer: Issuer) -> None:
    assert await named(server, issuer.token(preferred_username="ann")) == "ann"
    issuer.keys = {"two": rsa_key(1)}
    assert await named(server, issuer.token("two")) == "ann"
    old = signed(rsa_key(), "RS256", "one")
    assert (await me(server, old))[0] == 401  # it is withdrawn


async def test_a_provider_that_is_down_stops_no_known_key(
    server: ChatServer, issuer: Issuer
) -> None:
    token = issuer.token(preferred_username="ann")
    assert await named(server, token) == "ann"
    issuer.go_down()
    unknown = signed(rsa_key(1), "RS256", "two")
    assert (await me(server, unknown))[0] == 401
    assert await named(server, issuer.token()) == "ann"
    async with server.socket("channels", token) as client:
        assert (await client.next())["username"] == "ann"
    bob = await server.person("bob")
    assert await named(server, bob.token) == "bob"


async def test_a_provider_that_is_down_does_not_keep_us_from_starting(
    tmp_path: Path, issuer: Issuer
) -> None:
    identity = published(issuer)
    issuer.answer = b"HTTP/1.1 500 Oops\r\n\r\n"
    async with served(tmp_path, identity) as server:
        bob = await server.person("bob")
        assert await named(server, bob.token) == "bob"
        assert (await me(server, issuer.token()))[0] == 503
        issuer.answer = None
        with trio.fail_after(30):
            while (await me(server, issuer.token(preferred_username="ann")))[0] != 200:
                pass


TEMPORARY = "The credentials cannot be validated now, try again later"


async def test_all_5_while_no_key_is_known_the_refusal_is_temporary(
    tmp_path: Path, issuer: Issuer
) -> None:
    """401 would make a client throw its login away over a fault that is not its own."""
    issuer.answer = b"HTTP/1.1 500 Oops\r\n\r\n"
    async with served(tmp_path, published(issuer, jwks_retry=60.0)) as server:
        token = issuer.token(preferred_username="ann")
        assert await me(server, token) == (503, {"detail": TEMPORARY})
        refused = await server.refusal(f"/ws/chat?token={token}")
        assert refused.status_code == 503
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        for dialect in REFUSED:
            async with trio.open_nursery() as nursery:
                client = await server.connect(nursery, dialect, token, "hall")
                assert await client.close_code() == 1013, dialect
                await client.abort()
        bob = await server.person("bob")
        assert await named(server, bob.token) == "bob"
        async with server.socket("channels", bob) as client:
            assert (await client.next())["username"] == "bob"
        for bad in ("nonsense", signed(b"x" * 40, "HS256"), bob.token[:-4] + "AAAA"):
            assert (await me(server, bad))[0] == 401  # no key of the provider's would make it good
        page = (await server.get("/metrics")).text
        assert 'trichat_errors_total{code="undecided",dialect="lobby"} 1.0' in page


async def test_the_temporary_refusal_says_when_to_come_again(
    tmp_path: Path, issuer: Issuer
) -> None:
    issuer.answer = b"HTTP/1.1 500 Oops\r\n\r\n"
    async with served(tmp_path, published(issuer, jwks_retry=60.0)) as server:
        headers = {"authorization": f"Bearer {issuer.token()}"}
        async with httpx.AsyncClient(base_url=f"http://{server.address}") as client:
            answer = await client.get("/api/v1/auth/me", headers=headers)
        assert answer.status_code == 503
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert "www-authenticate" not in answer.headers


async def test_nobody_else_waits_for_a_provider_that_is_slow(
    server: ChatServer, issuer: Issuer
) -> None:
    ann = issuer.token(preferred_username="ann")
    assert await named(server, ann) == "ann"
    bob = await server.person("bob")
    issuer.stuck = trio.Event()
    asked = issuer.asked
    done: list[int] = []

    async def wait_for_it() -> None:
        status, _ = await me(server, signed(rsa_key(1), "RS256", "two"))
        done.append(status)

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait_for_it)
            while issuer.asked == asked:
                await trio.lowlevel.checkpoint()
            assert await named(server, ann) == "ann"
            assert await named(server, bob.token) == "bob"
            async with server.socket("channels", ann) as client:
                assert (await client.next())["username"] == "ann"
            assert (await me(server, "no token"))[0] == 401
            assert not done  # all of that while it waits
            issuer.stuck.set()
    assert done == [401]


# Starting


async def test_a_secret_that_is_ours_is_refused(tmp_path: Path) -> None:
    """Who has it could be anyone here."""
    file = tmp_path / "secret"
    file.write_text(SECRET)
    auth = Auth(secret=SECRET)  # type: ignore[arg-type]
    identity = Identity(algorithms=("HS256",), secret_file=str(file))
    settings = settings_for(tmp_path / "data", auth=auth, identity=identity)
    await assert_no_start(settings, ProviderKeysError, "signs our own tokens")


async def test_a_weak_secret_and_absent_keys_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("changeme-changeme-changeme-changeme")
    weak = Identity(algorithms=("HS256",), secret_file=str(file))
    await assert_no_start(
        settings_for(tmp_path / "a", identity=weak), WeakSecretError, f"^{file} repeats 9 bytes"
    )
    absent = Identity(algorithms=("RS256",), keys_file=str(tmp_path / "absent"))
    settings = settings_for(tmp_path / "b", identity=absent)
    await assert_no_start(settings, ProviderKeysError, "absent: cannot be read")


async def assert_no_start(settings: Settings, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why) as caught:
        async with open_server(settings):
            pass
    assert SECRET not in str(caught.value)
