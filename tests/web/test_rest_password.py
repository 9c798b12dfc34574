"""Changing one's password over REST (ours, beside the contract)."""

from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.conftest import (
    PASSWORD,
    Answer,
    BreakableWrites,
    Caller,
    Service,
    configured,
    serving,
)
from tests.web.test_rest_logins import by, is_in, refreshed, signed_in
from trichat.auth.passwords import Passwords
from trichat.runtime.accounts import Accounts

NEXT = "Another-2"
WRONG = "Current password is incorrect"


async def change(caller: Caller, current: str = PASSWORD, new: str = NEXT) -> Answer:
    return await caller.put("auth/password", {"current_password": current, "new_password": new})


async def login(service: Service, password: str) -> Answer:
    return await service.nobody.post("auth/login", {"username": "ann", "password": password})


async def login_amid_a_change(
    service: Service, mine: Answer, looked: trio.Event, changed: trio.Event
) -> Answer:
    """By the old password, which is changed when `looked` is set, and before `changed` is."""
    answers: list[Answer] = []

    async def request() -> None:
        answers.append(await login(service, PASSWORD))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(request)
        await looked.wait()
        assert (await change(by(service, mine))).status == 200
        changed.set()
    return answers[0]


async def test_every_other_login_ends(service: Service) -> None:
    mine, other = await signed_in(service), await signed_in(service)
    user = await service.runtime.store.user_by_name("ann")
    assert user is not None
    bare = Caller(service.client, service.runtime.accounts.token(user))
    answer = await change(by(service, mine))
    assert (answer.status, answer.value) == (200, {"message": "Password changed"})
    assert await is_in(service, mine)
    assert (await refreshed(service, mine.value["refresh_token"])).status == 200
    assert not await is_in(service, other)
    assert (await refreshed(service, other.value["refresh_token"])).status == 401
    assert (await bare.get("auth/me")).status == 401
    assert (await login(service, PASSWORD)).is_refused(401, "Incorrect username or password")
    assert await is_in(service, await login(service, NEXT))


async def test_it_takes_the_old_one(service: Service) -> None:
    mine, other = await signed_in(service), await signed_in(service)
    for wrong in ("", "wrong", PASSWORD + " ", "x" * 2000):
        assert (await change(by(service, mine), wrong)).is_refused(400, WRONG)
    assert await is_in(service, other)
    assert (await login(service, PASSWORD)).status == 200


async def test_guessing_it_is_guessing_a_password(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        mine = await signed_in(service)
        for guess in ("one", "two"):
            assert (await change(by(service, mine), guess)).is_refused(400, WRONG)
        refused = await change(by(service, mine), "three")
        assert refused.is_refused(429, "Too many login attempts, try again later")
        assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("missing", ["body", "current_password"]), ("missing", ["body", "new_password"])]),
        (
            {"current_password": PASSWORD, "new_password": "eight\0ch"},
            [("value_error", ["body", "new_password"])],
        ),
        (
            {"current_password": 1, "new_password": NEXT},
            [("string_type", ["body", "current_password"])],
        ),
    ],
)
async def test_what_is_no_password(service: Service, body: Any, wrong: list[Any]) -> None:
    ann = await service.register("ann")
    answer = await ann.put("auth/password", body)
    assert answer.problems() == wrong
    assert "Correct" not in str(answer.value)  # no answer repeats one


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("", "Password must have at least 8 characters"),
        ("Short-7", "Password must have at least 8 characters"),
        ("x" * 1025, "Password must have at most 1024 bytes"),
        ("Iloveyou", "Password is too common, choose another one"),
    ],
)
async def test_all_20_a_weak_password_takes_no_other_s_place(
    service: Service, weak: str, why: str
) -> None:
    mine, other = await signed_in(service), await signed_in(service)
    assert (await change(by(service, mine), new=weak)).is_refused(400, why)
    assert await is_in(service, other)
    assert (await login(service, PASSWORD)).status == 200


async def test_storage_that_fails_changes_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path, store_class=BreakableWrites) as service:
        mine, other = await signed_in(service), await signed_in(service)
        service.store.broken = True
        assert (await change(by(service, mine))).status == 503
        service.store.broken = False
        assert await is_in(service, other)
        assert (await login(service, PASSWORD)).status == 200


async def test_of_two_changes_at_once_one_is_late(service: Service) -> None:
    mine = await signed_in(service)
    answers: list[Answer] = []

    async def request(new: str) -> None:
        answers.append(await change(by(service, mine), new=new))

    async with trio.open_nursery() as nursery:
        for number in range(3):
            nursery.start_soon(request, f"new word {number}")
    assert sorted(answer.status for answer in answers) == [200, 400, 400]
    found = [(await login(service, f"new word {number}")).status for number in range(3)]
    assert sorted(found) == [200, 401, 401]


async def test_a_login_by_the_old_password_that_comes_to_its_end_behind_the_change(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the right one when it was looked at."""
    mine = await signed_in(service)
    looked, changed = trio.Event(), trio.Event()
    stock = Accounts.prove

    async def slow(self: Accounts, *args: Any) -> Any:
        known = await stock(self, *args)
        if not looked.is_set():
            looked.set()
            await changed.wait()
        return known

    monkeypatch.setattr(Accounts, "prove", slow)
    answer = await login_amid_a_change(service, mine, looked, changed)
    assert answer.is_refused(401, "Incorrect username or password")


async def test_an_old_password_is_not_brought_back_by_a_new_hash_of_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parameters are of yesterday: the login stores it anew, behind the change."""
    mine = await signed_in(service)
    looked, changed = trio.Event(), trio.Event()
    stock = Passwords.hash

    async def slow(self: Passwords, password: str, source: str = "") -> str:
        if password == PASSWORD:
            looked.set()
            await changed.wait()
        return await stock(self, password, source)

    monkeypatch.setattr(Passwords, "needs_rehash", lambda self, hashed: not looked.is_set())
    monkeypatch.setattr(Passwords, "hash", slow)
    assert (await login_amid_a_change(service, mine, looked, changed)).status == 401
    assert (await login(service, PASSWORD)).status == 401
    assert (await login(service, NEXT)).status == 200


async def test_two_logins_at_once_may_both_store_the_hash_anew(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.register("ann")
    monkeypatch.setattr(Passwords, "needs_rehash", lambda self, hashed: True)
    answers: list[Answer] = []

    async def request(username: str) -> None:
        body = {"username": username, "password": PASSWORD}
        answers.append(await service.nobody.post("auth/login", body))

    async with trio.open_nursery() as nursery:
        for username in ("ann", "ANN"):  # written alike they would be one look
            nursery.start_soon(request, username)
    assert [answer.status for answer in answers] == [200, 200]
