"""API keys over REST (lobby-2): made with the password, bounded, ended by a change of it."""

from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.conftest import (
    PASSWORD,
    Answer,
    Caller,
    Service,
    configured,
    serving,
)
from trichat.auth.apikeys import is_key
from trichat.runtime.accounts import NotIdentifiedError
from trichat.web.rest.checking import PasswordChecks

pytestmark = pytest.mark.promise("lobby-2")

NONE = "API key not found"
REQUIRED = "Current password is required"
WRONG = "Current password is incorrect"
SLOW_DOWN = "Too many login attempts, try again later"
TOO_MANY = "Too many API keys, revoke one first"
KEYS = {"id", "label", "created_at", "revoked_at", "expires_at", "last_used_at"}
START = 1_700_000_000_000


def made_of(label: str = "bot", password: Any = PASSWORD, **more: Any) -> dict[str, Any]:
    return {"label": label, "current_password": password, **more}


async def make(by: Caller, label: str = "bot", password: Any = PASSWORD, **more: Any) -> Answer:
    return await by.post("auth/keys", made_of(label, password, **more))


async def opens(service: Service, key: str) -> bool:
    try:
        await service.runtime.accounts.identify_key(key)
    except NotIdentifiedError:
        return False
    return True


async def test_a_key_is_shown_once_and_acts_as_its_user(service: Service) -> None:
    ann = await service.register("ann")
    made = await make(ann)
    assert made.status == 200
    assert set(made.value) == KEYS | {"key"}
    key = made.value.pop("key")
    assert is_key(key)
    identity = await service.runtime.accounts.identify_key(key)
    assert identity.user.uuid == ann.id
    assert (await ann.get("auth/keys")).value == [made.value]
    assert made.value["expires_at"] is made.value["last_used_at"] is None


async def test_a_token_alone_makes_none(service: Service) -> None:
    """Who holds somebody's token for a minute would come in with a key for ever."""
    ann = await service.register("ann")
    for body in ({"label": "bot"}, {"label": "bot", "current_password": None}):
        assert (await ann.post("auth/keys", body)).is_refused(400, REQUIRED)
    for wrong in ("", "wrong", PASSWORD + " ", PASSWORD.lower(), "x" * 2000):
        assert (await make(ann, password=wrong)).is_refused(400, WRONG)
    assert (await make(ann, password=7)).problems() == [
        ("string_type", ["body", "current_password"])
    ]
    assert (await ann.get("auth/keys")).value == []


async def test_the_password_of_another_makes_none(service: Service) -> None:
    ann = await service.register("ann")
    body = {"email": "bob@example.com", "username": "bob", "password": "Another-2"}
    assert (await service.nobody.post("auth/register", body)).status == 200
    assert (await make(ann, password="Another-2")).is_refused(400, WRONG)


HOME: Any = {"scope_base": {"client": ("192.0.2.1", 5000)}}


@pytest.mark.parametrize("place", [{}, HOME], ids=["of nobody", "from an address"])
async def test_guessing_here_is_bounded(tmp_path: Path, place: Any) -> None:
    """A stolen token is no way to guess a password."""
    async with serving(tmp_path, configured(auth={"login_attempts": 3})) as service:
        ann = await service.register("ann")
        profile = {"email": "new@example.com", "current_password": "three"}
        for guess in ("one", "two"):
            answer = await ann.post("auth/keys", made_of(password=guess), **place)
            assert answer.is_refused(400, WRONG)
        assert (await ann.put(f"users/{ann.id}", profile, **place)).is_refused(400, WRONG)
        change = {"current_password": "four", "new_password": "Another-2"}
        for answer in (
            await ann.post("auth/keys", made_of(password="four"), **place),
            await ann.put(f"users/{ann.id}", {**profile, "current_password": "four"}, **place),
            await ann.put("auth/password", change, **place),
        ):
            assert answer.is_refused(429, SLOW_DOWN)
            assert int(answer.headers["Retry-After"]) > 0
        assert (await make(ann)).status == (429 if not place else 200)


async def test_guessing_here_is_guessing_at_the_login(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        ann = await service.register("ann")
        for guess in ("one", "two"):
            answer = await ann.post("auth/keys", made_of(password=guess), **HOME)
            assert answer.is_refused(400, WRONG)
        body = {"username": "ann", "password": "three"}
        refused = await service.nobody.post("auth/login", body, **HOME)
        assert refused.is_refused(429, SLOW_DOWN)


async def test_a_password_that_changes_meanwhile_makes_none(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the right one when it was looked at."""
    ann = await service.register("ann")
    looked, changed = trio.Event(), trio.Event()
    stock = PasswordChecks.prove

    async def slow(self: PasswordChecks, *args: Any) -> Any:
        proof = await stock(self, *args)
        looked.set()
        await changed.wait()
        return proof

    monkeypatch.setattr(PasswordChecks, "prove", slow)
    answers: list[Answer] = []

    async def request() -> None:
        answers.append(await make(ann))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(request)
        await looked.wait()
        body = {"current_password": PASSWORD, "new_password": "Another-2"}
        assert (await ann.put("auth/password", body)).status == 200
        changed.set()
    assert answers[0].is_refused(400, WRONG)
    assert (await ann.get("auth/keys")).value == []


# -- the end of a password


async def change(by: Caller, **more: Any) -> Answer:
    body = {"current_password": PASSWORD, "new_password": "Another-2", **more}
    answer = await by.put("auth/password", body)
    assert answer.status == 200
    return answer


@pytest.mark.parametrize("more", [{}, {"keep_api_keys": False}])
async def test_a_new_password_ends_them(service: Service, more: dict[str, Any]) -> None:
    ann, bob = await service.people("ann", "bob")
    keys = [(await make(ann, f"{number}")).value["key"] for number in range(2)]
    other = (await make(bob)).value["key"]
    await change(ann, **more)
    assert [await opens(service, key) for key in (*keys, other)] == [False, False, True]
    listed = (await ann.get("auth/keys")).value
    assert all(key["revoked_at"] is not None for key in listed)


async def test_they_stay_where_their_user_says_so(service: Service) -> None:
    ann = await service.register("ann")
    key = (await make(ann)).value["key"]
    await change(ann, keep_api_keys=True)
    assert await opens(service, key)
    answer = await ann.put(
        "auth/password",
        {"current_password": "Another-2", "new_password": PASSWORD, "keep_api_keys": "yes"},
    )
    assert answer.problems() == [("bool_type", ["body", "keep_api_keys"])]


# -- their own end


async def test_a_key_ends_when_it_was_said_to(tmp_path: Path) -> None:
    now = [START]
    async with serving(tmp_path, clock=lambda: now[0]) as service:
        ann = await service.register("ann")
        made = (await make(ann, expires_in=60)).value
        assert made["expires_at"] == "2023-11-14T22:14:20.000Z"
        identity = await service.runtime.accounts.identify_key(made["key"])
        assert identity.expires_at == START / 1000 + 60
        now[0] = START + 59_999
        assert await opens(service, made["key"])
        now[0] = START + 60_000
        assert not await opens(service, made["key"])


@pytest.mark.parametrize("span", [0, -1, 100 * 365 * 86_400 + 1])
async def test_a_life_is_some_time_and_not_for_ever(service: Service, span: int) -> None:
    ann = await service.register("ann")
    answer = await make(ann, expires_in=span)
    assert answer.problems() == [("value_error", ["body", "expires_in"])]
    assert (await make(ann, expires_in=100 * 365 * 86_400)).status == 200


async def test_the_operator_may_bound_it(tmp_path: Path) -> None:
    settings = configured(auth={"api_key_lifetime": 100.0})
    async with serving(tmp_path, settings, clock=lambda: START) as service:
        ann = await service.register("ann")
        unasked, shorter, longest = [
            (await make(ann, expires_in=span)).value["expires_at"] for span in (None, 99, 100)
        ]
        assert (unasked, shorter) == (longest, "2023-11-14T22:14:59.000Z")
        answer = await make(ann, expires_in=101)
        assert answer.problems() == [("value_error", ["body", "expires_in"])]
        assert answer.detail[0]["msg"] == "Value error, must be at most 100"


# -- how many


@pytest.mark.promise("all-25")
async def test_twenty_of_one_user(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    made = [await make(ann, f"{number}") for number in range(20)]
    assert [answer.status for answer in made] == [200] * 20
    refused = await make(ann)
    assert refused.is_refused(429, TOO_MANY)
    assert int(refused.headers["Retry-After"]) > 0
    assert (await make(bob)).status == 200
    await ann.delete(f"auth/keys/{made[3].value['id']}")
    assert (await make(ann)).status == 200
    assert (await make(ann)).is_refused(429, TOO_MANY)


@pytest.mark.promise("all-25")
async def test_many_at_once_are_no_more(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"api_keys_per_user": 2})) as service:
        ann = await service.register("ann")
        answers: list[int] = []

        async def request() -> None:
            answers.append((await make(ann)).status)

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(request)
        assert sorted(answers) == [200, 200, 429, 429, 429]


@pytest.mark.promise("all-25")
async def test_one_that_is_over_counts_no_more(tmp_path: Path) -> None:
    now = [START]
    settings = configured(auth={"api_keys_per_user": 1})
    async with serving(tmp_path, settings, clock=lambda: now[0]) as service:
        ann = await service.register("ann")
        assert (await make(ann, expires_in=30)).status == 200
        now[0] += 10_000
        refused = await make(ann)
        assert refused.is_refused(429, TOO_MANY)
        assert refused.headers["Retry-After"] == "20"
        now[0] += 20_000
        assert (await make(ann)).status == 200


# -- lists, and revoking


async def test_revoking(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(
        type(service.runtime.connections), "revoke_key", lambda _, n: closed.append(n)
    )
    ann = await service.register("ann")
    first = (await make(ann, "one")).value
    second = (await make(ann, "two")).value
    answer = await ann.delete(f"auth/keys/{first['id']}")
    assert (answer.status, answer.value) == (200, {"message": "API key revoked"})
    assert closed == [first["id"]]
    with pytest.raises(NotIdentifiedError):
        await service.runtime.accounts.identify_key(first["key"])
    await service.runtime.accounts.identify_key(second["key"])
    listed = (await ann.get("auth/keys")).value
    assert [key["label"] for key in listed] == ["one", "two"]
    assert [key["revoked_at"] is None for key in listed] == [False, True]
    assert (await ann.delete(f"auth/keys/{first['id']}")).is_refused(404, NONE)
    assert closed == [first["id"]]


async def test_keys_of_others_do_not_exist(service: Service) -> None:
    ann, bob = await service.people("ann", "bob")
    key = (await make(ann)).value
    assert (await bob.get("auth/keys")).value == []
    for number in (key["id"], 99, "x", "-1", "1" * 6000, f"0{key['id']}", "%00"):
        assert (await bob.delete(f"auth/keys/{number}")).is_refused(404, NONE)
    await service.runtime.accounts.identify_key(key["key"])


async def test_a_label_is_a_short_text(service: Service) -> None:
    ann = await service.register("ann")
    assert (await make(ann, "x" * 100)).status == 200
    for label in ("", "x" * 101, "a\0"):
        assert (await make(ann, label)).problems() == [("value_error", ["body", "label"])]
    missing = await ann.post("auth/keys", {"current_password": PASSWORD})
    assert missing.problems() == [("missing", ["body", "label"])]
    assert len((await ann.get("auth/keys")).value) == 1
