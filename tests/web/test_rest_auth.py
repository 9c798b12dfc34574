"""Accounts over REST: channels-rest 3, channels-21, all-5, all-9."""

from pathlib import Path
from typing import Any

import apsw
import jwt
import pytest
import trio

from tests.web.conftest import PASSWORD, SECRET, Caller, Service, configured, serving

pytestmark = pytest.mark.promise("rest-3")

USER_KEYS = {
    "id", "email", "username", "avatar", "status", "banned_until", "bannedUntil",
    "created_at", "createdAt", "updated_at", "updatedAt",
}  # fmt: skip
NEW = {"email": "ann@example.com", "username": "ann", "password": PASSWORD}
BAD = "Incorrect username or password"


def suspend(path: Path, username: str, status: str = "SUSPENDED") -> None:
    """What an operator's tool does: there is no call for it over REST."""
    db = apsw.Connection(str(path / "trichat.db"))
    db.set_busy_timeout(5000)
    db.execute("UPDATE users SET status = ? WHERE username = ?", (status, username))
    db.close()


async def login(service: Service, username: str, password: str = PASSWORD) -> Any:
    body = {"username": username, "password": password}
    return await service.nobody.post("auth/login", body)


async def test_registering_logs_in(service: Service) -> None:
    answer = await service.nobody.post("auth/register", {**NEW, "avatar": "https://a.example/1"})
    assert answer.status == 200
    assert set(answer.value) == {"access_token", "token_type", "user"}
    assert answer.value["token_type"] == "bearer"
    user = answer.value["user"]
    assert set(user) == {*USER_KEYS, "number"}
    assert (user["username"], user["status"]) == ("ann", "ACTIVE")
    assert user["avatar"] == "https://a.example/1"
    for snake, camel in (("created_at", "createdAt"), ("banned_until", "bannedUntil")):
        assert user[snake] == user[camel]
    assert user["created_at"].endswith("Z")
    me = Caller(service.client, answer.value["access_token"])
    assert (await me.get("auth/me")).value == user
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_token_says_who_and_until_when(service: Service) -> None:
    ann = await service.register("ann")
    claims = jwt.decode(str(ann.token), SECRET, ["HS256"])
    assert claims["sub"] == ann.id
    assert 1800 <= claims["exp"] - claims["iat"] <= 1801


async def test_the_domain_is_lower_cased_and_the_rest_kept(service: Service) -> None:
    body = {**NEW, "email": "Ann.B@EXAMPLE.com"}
    answer = await service.nobody.post("auth/register", body)
    assert answer.value["user"]["email"] == "Ann.B@example.com"
    again = await service.nobody.post("auth/register", {**body, "username": "other"})
    assert again.is_refused(400, "Email already registered")


async def test_taken_names_and_addresses(service: Service) -> None:
    await service.nobody.post("auth/register", NEW)
    both = await service.nobody.post("auth/register", NEW)
    assert both.is_refused(400, "Email already registered")
    name = await service.nobody.post("auth/register", {**NEW, "email": "b@example.com"})
    assert name.is_refused(400, "Username already taken")
    case = {**NEW, "email": "ANN@EXAMPLE.COM", "username": "bob"}
    assert (await service.nobody.post("auth/register", case)).is_refused(400, both.value["detail"])
    other = {**NEW, "email": "b@example.com", "username": "Anna"}
    assert (await service.nobody.post("auth/register", other)).status == 200


async def test_two_registrations_at_once_make_one_account(service: Service) -> None:
    answers = []

    async def register(address: str) -> None:
        body = {**NEW, "email": address}
        answers.append(await service.nobody.post("auth/register", body))

    async with trio.open_nursery() as nursery:
        for number in range(5):
            nursery.start_soon(register, f"ann{number}@example.com")
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400, 400]
    assert len(await service.runtime.store.all_users()) == 1


@pytest.mark.parametrize("field", ["email", "username", "password"])
async def test_a_field_is_missing(service: Service, field: str) -> None:
    body = {key: value for key, value in NEW.items() if key != field}
    answer = await service.nobody.post("auth/register", body)
    assert answer.problems() == [("missing", ["body", field])]


@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        ("email", "no address", "value_error"),
        ("email", "a@host.test", "value_error"),
        ("email", "a@printer.local", "value_error"),
        ("email", "a@b@example.com", "value_error"),
        ("email", "x" * 400 + "@example.com", "value_error"),
        ("email", 5, "string_type"),
        ("email", None, "string_type"),
        ("username", "", "value_error"),
        ("username", " \u3000", "value_error"),
        ("username", "x" * 101, "value_error"),
        ("username", "a\0b", "value_error"),
        ("username", "a\nb", "value_error"),
        ("username", "0190a6d2-0000-7000-8000-000000000000", "value_error"),
        ("username", ["ann"], "string_type"),
        ("password", "a\0b", "value_error"),
        ("password", True, "string_type"),
        ("avatar", 5, "string_type"),
        ("avatar", "x" * 2049, "value_error"),
    ],
)
async def test_a_field_is_wrong(service: Service, field: str, value: Any, type_: str) -> None:
    answer = await service.nobody.post("auth/register", {**NEW, field: value})
    assert answer.problems() == [(type_, ["body", field])]
    assert not await service.runtime.store.all_users()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "Password must have at least 8 characters"),
        ("Short-7", "Password must have at least 8 characters"),
        ("\u00e9" * 7, "Password must have at least 8 characters"),
        ("x" * 1025, "Password must have at most 1024 bytes"),
        ("Password1", "Password is too common, choose another one"),
    ],
)
async def test_all_20_a_weak_password_is_refused_in_a_sentence(
    service: Service, password: str, why: str
) -> None:
    answer = await service.nobody.post("auth/register", {**NEW, "password": password})
    assert answer.is_refused(400, why)
    assert not await service.runtime.store.all_users()


async def test_all_20_a_password_of_the_least_length_is_taken(service: Service) -> None:
    answer = await service.nobody.post("auth/register", {**NEW, "password": "\U0001f511" * 8})
    assert answer.status == 200


async def test_all_20_how_long_a_password_is_is_a_setting(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"password_length": 12})) as service:
        answer = await service.nobody.post("auth/register", {**NEW, "password": "Eleven-1234"})
        assert answer.is_refused(400, "Password must have at least 12 characters")
        answer = await service.nobody.post("auth/register", {**NEW, "password": "Twelve-12345"})
        assert answer.status == 200


async def test_everything_wrong_is_told_at_once(service: Service) -> None:
    answer = await service.nobody.post("auth/register", {"email": "?", "username": " ", "x": 1})
    assert answer.problems() == [("missing", ["body", "password"])]
    both = {"email": "?", "username": " ", "password": "x"}
    answer = await service.nobody.post("auth/register", both)
    assert [loc[-1] for _, loc in answer.problems()] == ["email", "username"]


async def test_a_password_is_never_said_again(service: Service) -> None:
    secret = "hunter2\0hunter2"
    for body in ({**NEW, "password": secret}, {"password": secret}, {**NEW, "password": [secret]}):
        answer = await service.nobody.post("auth/register", body)
        assert answer.status == 422
        assert "hunter2" not in str(answer.value)


async def test_registration_may_be_closed(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"allow_registration": False})) as service:
        answer = await service.nobody.post("auth/register", NEW)
        assert answer.is_refused(403, "Registration is disabled on this server")
        assert not await service.runtime.store.all_users()


async def test_the_first_user_finds_three_channels(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    mine = (await ann.get("channels/my")).value
    assert [channel["name"] for channel in mine] == ["general", "random", "announcements"]
    assert all(channel["description"] for channel in mine)
    assert (await bob.get("channels/my")).value == []


async def test_login(service: Service) -> None:
    ann = await service.register("ann")
    answer = await login(service, "ann")
    assert answer.status == 200
    assert set(answer.value) == {"access_token", "token_type", "user"}
    assert answer.value["user"] == ann.own


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ann", "wrong"),
        ("ann", ""),
        ("ann", "x" * 2000),
        ("anna", PASSWORD),
        ("ann@example.com", PASSWORD),
        ("nobody", PASSWORD),
    ],
)
async def test_login_is_refused_in_one_form(service: Service, username: str, password: str) -> None:
    await service.register("ann")
    answer = await login(service, username, password)
    assert answer.is_refused(401, BAD)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_login_needs_both_fields(service: Service) -> None:
    answer = await service.nobody.post("auth/login", {})
    assert answer.problems() == [
        ("missing", ["body", "username"]),
        ("missing", ["body", "password"]),
    ]


@pytest.mark.parametrize("status", ["SUSPENDED", "BANNED"])
@pytest.mark.promise("channels-21", "all-17")
async def test_who_is_suspended_neither_logs_in_nor_goes_on(
    service: Service, tmp_path: Path, status: str
) -> None:
    ann = await service.register("ann")
    suspend(tmp_path, "ann", status)
    answer = await login(service, "ann")
    assert answer.is_refused(403, f"This account is {status.lower()}")
    assert (await login(service, "ann", "wrong")).is_refused(401, BAD)
    answer = await ann.get("auth/me")
    assert answer.is_refused(401, "Could not validate credentials")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


# -- the bearer


async def headers_of(service: Service, authorization: str | None) -> tuple[int, str, str]:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await service.nobody.get("auth/me", headers=headers)
    return answer.status, answer.detail, answer.headers["WWW-Authenticate"]


@pytest.mark.promise("channels-21")
async def test_without_a_token(service: Service) -> None:
    for nothing in (None, "", "  "):
        assert await headers_of(service, nothing) == (401, "Not authenticated", "Bearer")


@pytest.mark.promise("channels-21")
async def test_another_scheme(service: Service) -> None:
    ann = await service.register("ann")
    for other in ("Basic YW5uOng=", f"Token {ann.token}", str(ann.token)):
        answer = await headers_of(service, other)
        assert answer == (401, "Invalid authentication credentials", "Bearer")


@pytest.mark.promise("channels-21")
async def test_a_bad_token(service: Service) -> None:
    claims = {"sub": (await service.register("ann")).id, "exp": 2**40}
    for token in (
        "",
        "x",
        "é",
        "x" * 10_000,
        jwt.encode(claims, b"another secret of thirty-two byt", "HS256"),
        jwt.encode({**claims, "exp": 1}, SECRET, "HS256"),
        jwt.encode({**claims, "type": "refresh"}, SECRET, "HS256"),
        jwt.encode({"exp": 2**40}, SECRET, "HS256"),
        jwt.encode(claims, "", "none"),
    ):
        answer = await headers_of(service, f"Bearer {token}")
        assert answer == (401, "Could not validate credentials", "Bearer")


@pytest.mark.promise("channels-21")
async def test_a_token_of_nobody(service: Service) -> None:
    claims = {"sub": "0190a6d2-0000-7000-8000-000000000000", "exp": 2**40}
    answer = await headers_of(service, f"Bearer {jwt.encode(claims, SECRET, 'HS256')}")
    assert answer == (401, "User not found", "Bearer")


async def test_the_scheme_has_no_case(service: Service) -> None:
    ann = await service.register("ann")
    answer = await service.nobody.get("auth/me", headers={"Authorization": f"bearer  {ann.token}"})
    assert answer.value == ann.own


@pytest.mark.promise("channels-21")
async def test_who_calls_is_asked_first(service: Service) -> None:
    """Nobody learns from a refusal what is wrong with their body or whether a thing exists."""
    nobody = service.nobody
    for method, path in (
        ("GET", "channels/"), ("POST", "channels/"), ("GET", "channels/my"),
        ("GET", "channels/x"), ("POST", "channels/join"), ("DELETE", "channels/x/leave"),
        ("POST", "channels/x/add-user"), ("GET", "channels/users/available"),
        ("GET", "messages/channel/x?limit=x"), ("POST", "messages/"), ("PUT", "messages/x"),
        ("DELETE", "messages/x"), ("GET", "messages/x"), ("POST", "messages/reactions"),
        ("DELETE", "messages/reactions/x"), ("GET", "messages/mentions/my"),
        ("POST", "messages/format/validate"), ("GET", "auth/me"),
        ("POST", "auth/keys"), ("GET", "auth/keys"), ("DELETE", "auth/keys/1"),
    ):  # fmt: skip
        answer = await nobody.call(method, path, data=b"{")
        assert answer.is_refused(401, "Not authenticated"), (method, path)


@pytest.mark.promise("all-5")
async def test_no_secret_reaches_a_log(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ann = await service.register("ann")
    await login(service, "ann", "an0ther-passw0rd")
    headers = {"Authorization": f"Bearer {ann.token}x"}
    await service.nobody.get("auth/me", headers=headers)
    text = caplog.text
    assert "not authorized" in text
    for secret in (PASSWORD, "an0ther-passw0rd", str(ann.token)):
        assert secret not in text
