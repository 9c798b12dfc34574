"""Users over REST: channels-rest 4, all-9, all-13, all-19."""

from typing import Any

import pytest
import trio

from tests.web.conftest import PASSWORD, Answer, Caller, Service, configured, serving
from tests.web.test_rest_auth import USER_KEYS
from trichat.core.model import Role
from trichat.store.roles import SetRole
from trichat.store.users import Registered

pytestmark = pytest.mark.promise("rest-4")

UNKNOWN = "0190a6d2-0000-7000-8000-000000000000"
NOT_FOUND = (404, "User not found")
NOT_YOU = (403, "Can only update your own profile")


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [user["username"] for user in answer.value]


async def test_without_a_token_nobody_is_shown(service: Service) -> None:
    ann = await service.register("ann")
    for method, path in (
        ("GET", "users/"), ("GET", f"users/{ann.id}"), ("PUT", f"users/{ann.id}"),
        ("GET", "users/search/a"),
    ):  # fmt: skip
        answer = await service.nobody.call(method, path)
        assert answer.is_refused(401, "Not authenticated")


async def test_all_by_name(service: Service) -> None:
    people = await service.people("bob", "Zoe", "ann")
    listed = await people[0].get("users/")
    assert names(listed) == ["Zoe", "ann", "bob"]
    assert all(set(user) == USER_KEYS for user in listed.value)
    assert people[0].user in listed.value


async def test_one(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    for user_id in (bob.id, bob.id.upper()):
        assert (await ann.get(f"users/{user_id}")).value == bob.user
    for other in (UNKNOWN, "5", "x", "%00", "search", "x" * 500):
        assert (await ann.get(f"users/{other}")).is_refused(*NOT_FOUND)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("AN", ["ann", "dan"]),
        ("y.org", ["bob"]),
        ("LEE@", ["bob"]),
        ("example.com", ["ann", "dan", "É_lise"]),
        ("é", ["É_lise"]),
        ("_", ["É_lise"]),
        ("%25", []),
        ("%27", []),
        ("n%2Fn", []),
        ("%20", []),
        ("%00", []),
    ],
)
async def test_search(service: Service, query: str, found: list[str]) -> None:
    ann = await service.register("ann")
    await service.register("bob", "Lee@Y.org")
    await service.people("dan", "É_lise")
    assert names(await ann.get(f"users/search/{query}")) == found


async def test_search_finds_ten_at_most(service: Service) -> None:
    people = await service.people(*(f"user{number:02}" for number in range(12)))
    assert names(await people[0].get("users/search/user")) == [f"user{n:02}" for n in range(10)]


async def test_an_update_changes_what_is_given(service: Service) -> None:
    ann = await service.register("ann")
    path = f"users/{ann.id}"
    changed = (await ann.put(path, {"avatar": "https://a.example/1"})).value
    stays = {key: value for key, value in ann.user.items() if key[:7] not in ("avatar", "updated")}
    assert changed.items() >= stays.items()
    assert changed["avatar"] == "https://a.example/1"
    assert changed["updated_at"] == changed["updatedAt"] > ann.user["updated_at"]
    body = {"username": "Änn 2", "email": "New@EXAMPLE.org", "avatar": None, "status": "BANNED"}
    body["current_password"] = PASSWORD
    changed = (await ann.put(path.upper().replace("USERS", "users"), body)).value
    assert (changed["username"], changed["email"]) == ("Änn 2", "New@example.org")
    assert (changed["avatar"], changed["status"]) == ("https://a.example/1", "ACTIVE")
    assert (await ann.get("auth/me")).value == changed
    assert (await ann.put(path, {})).value["username"] == "Änn 2"
    assert (await ann.put(path, {"avatar": ""})).value["avatar"] is None
    body = {"username": "Änn 2", "password": "Correct-1"}
    assert (await service.nobody.post("auth/login", body)).status == 200


async def test_only_oneself_is_updated(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    account = await service.account(ann)
    await service.runtime.storage.submit(SetRole(account.id, Role.SUPER_ADMIN, 1))
    for other in (bob.id, UNKNOWN, "x"):
        assert (await ann.put(f"users/{other}", {"username": "x"})).is_refused(*NOT_YOU)
    assert (await bob.get("auth/me")).value == bob.own


async def test_what_another_has_is_taken(service: Service) -> None:
    ann, _ = await service.people("ann", "bob")
    path = f"users/{ann.id}"
    shown = {"current_password": PASSWORD}
    taken = await ann.put(path, {"username": "bob", "email": "bob@example.com", **shown})
    assert taken.is_refused(400, "Username already taken")
    taken = await ann.put(path, {"username": "new", "email": "bob@EXAMPLE.com", **shown})
    assert taken.is_refused(400, "Email already registered")
    assert (await ann.get("auth/me")).value == ann.own
    own = await ann.put(path, {"username": "ann", "email": "ann@example.com"})
    assert own.status == 200


async def test_another_address_takes_the_password(service: Service) -> None:
    """Who has a stolen token alone does not take the account over."""
    ann = await service.register("ann")
    path = f"users/{ann.id}"
    for email in ("new@example.com", "Ann@example.com"):
        body = {"email": email, "username": "anna", "avatar": "a"}
        assert (await ann.put(path, body)).is_refused(400, "Current password is required")
        for wrong in ("", "wrong", PASSWORD + " "):
            answer = await ann.put(path, {**body, "current_password": wrong})
            assert answer.is_refused(400, "Current password is incorrect")
    assert (await ann.get("auth/me")).value == ann.own  # not a part of it was done
    own = {"email": "ann@EXAMPLE.com", "username": "anna"}  # as the web client's form sends it
    assert (await ann.put(path, own)).status == 200
    changed = await ann.put(path, {"email": "new@example.com", "current_password": PASSWORD})
    assert changed.value["email"] == "new@example.com"


async def test_who_never_had_an_address_takes_one_with_the_password(service: Service) -> None:
    made = await service.runtime.accounts.register("ann", None, PASSWORD)
    assert isinstance(made, Registered)
    ann = Caller(service.client, service.runtime.accounts.token(made.user))
    path = f"users/{made.user.uuid}"
    answer = await ann.put(path, {"email": "ann@example.com"})
    assert answer.is_refused(400, "Current password is required")
    answer = await ann.put(path, {"email": "ann@example.com", "current_password": PASSWORD})
    assert answer.status == 200


@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        ("username", "", "value_error"),
        ("username", "\u2003", "value_error"),
        ("username", "x" * 101, "value_error"),
        ("username", UNKNOWN, "value_error"),
        ("username", 5, "string_type"),
        ("email", "nobody", "value_error"),
        ("email", "", "value_error"),
        ("email", "x@y.local", "value_error"),
        ("email", True, "string_type"),
        ("avatar", "x" * 2049, "value_error"),
        ("avatar", "\0", "value_error"),
        ("avatar", [], "string_type"),
    ],
)
async def test_a_field_is_wrong(service: Service, field: str, value: Any, type_: str) -> None:
    ann = await service.register("ann")
    answer = await ann.put(f"users/{ann.id}", {field: value})
    assert answer.problems() == [(type_, ["body", field])]
    assert (await ann.get("auth/me")).value == ann.own


async def test_two_who_want_one_name(service: Service) -> None:
    people = await service.people("ann", "bob", "cat")
    answers: list[Answer] = []

    async def rename(caller: Any) -> None:
        answers.append(await caller.put(f"users/{caller.id}", {"username": "moe"}))

    async with trio.open_nursery() as nursery:
        for caller in people:
            nursery.start_soon(rename, caller)
    assert sorted(answer.status for answer in answers) == [200, 400, 400]


async def test_a_mention_shows_the_present_name(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    tea = await ann.channel("tea")
    await ann.post(f"channels/{tea}/add-user", {"user_id": bob.id})
    said = await ann.say(tea, "@bob")
    await bob.put(f"users/{bob.id}", {"username": "rob"})
    found = (await ann.get(f"messages/{said['id']}")).value
    assert (found["mentions"], found["mention_count"]) == (["rob"], 1)
    assert found["content"] == "@bob"
    members = (await ann.get(f"channels/{tea}")).value["members"]
    assert [member["username"] for member in members] == ["ann", "rob"]


async def test_a_sentence_that_is_over_shows_nowhere(tmp_path: Any) -> None:
    now = 1_800_000_000_000

    def clock() -> int:
        return now

    async with serving(tmp_path, configured(), clock=clock) as service:
        ann, bob = await service.people("ann", "bob")
        account = await service.account(ann)
        await service.runtime.storage.submit(SetRole(account.id, Role.ADMIN, 1))
        out = await ann.post(f"admin/users/{bob.id}/suspend", {"user_id": bob.id})
        assert out.status == 200
        suspended = (await ann.get(f"users/{bob.id}")).value
        assert (suspended["status"], suspended["banned_until"]) == (
            "SUSPENDED", suspended["bannedUntil"],
        )  # fmt: skip
        assert suspended["bannedUntil"] == "2027-01-16T08:00:00.000Z"
        assert (await ann.get("channels/users/available")).value == []
        now += 24 * 3_600_000
        for shown in (
            (await ann.get(f"users/{bob.id}")).value,
            (await ann.get("users/search/bob")).value[0],
            (await ann.get("users/")).value[1],
            (await ann.get("channels/users/available")).value[0],
        ):
            assert (shown["status"], shown["banned_until"]) == ("ACTIVE", None)
