"""What becomes of a login over REST: refresh tokens, logout, tickets (ours, not the contract's)."""

from pathlib import Path
from typing import Any

import jwt
import pytest
import trio

from tests.web.conftest import (
    PASSWORD,
    SECRET,
    Answer,
    BreakableWrites,
    Caller,
    Service,
    configured,
    serving,
)
from tests.web.test_rest_auth import suspend
from trichat.core.model import Status

BAD = "Could not validate credentials"
NEW = {"email": "ann@example.com", "username": "ann", "password": PASSWORD}


async def signed_in(service: Service, **fields: Any) -> Answer:
    """A login of ann's with a refresh token; she is registered if need be."""
    if await service.runtime.store.user_by_name("ann") is None:
        await service.register("ann")
    body = {"username": "ann", "password": PASSWORD, "refresh": True, **fields}
    answer = await service.nobody.post("auth/login", body)
    assert answer.status == 200, answer
    return answer


async def refreshed(service: Service, token: str) -> Answer:
    return await service.nobody.post("auth/refresh", {"refresh_token": token})


def by(service: Service, answer: Answer) -> Caller:
    return Caller(service.client, answer.value["access_token"])


async def is_in(service: Service, answer: Answer) -> bool:
    """Whether the access token of this answer is good."""
    me = await by(service, answer).get("auth/me")
    if me.status == 200:
        return True
    assert me.is_refused(401, BAD)
    assert me.headers["WWW-Authenticate"] == "Bearer"
    return False


# -- asking for a refresh token


@pytest.mark.promise("all-4", "rest-3")
async def test_who_asks_for_none_gets_the_documented_answer(service: Service) -> None:
    registered = await service.nobody.post("auth/register", NEW)
    login = {"username": "ann", "password": PASSWORD}
    asked = [login, {**login, "refresh": False}]
    answers = [registered, *[await service.nobody.post("auth/login", body) for body in asked]]
    for answer in answers:
        assert set(answer.value) == {"access_token", "token_type", "user"}


async def test_who_asks_gets_one_at_either_door(service: Service) -> None:
    registered = await service.nobody.post("auth/register", {**NEW, "refresh": True})
    for answer in (registered, await signed_in(service)):
        assert set(answer.value) == {
            "access_token", "token_type", "user", "refresh_token", "expires_in",
        }  # fmt: skip
        assert 1799 <= answer.value["expires_in"] <= 1801
        again = await refreshed(service, answer.value["refresh_token"])
        assert again.status == 200
        assert set(again.value) == set(answer.value)
        assert again.value["user"] == answer.value["user"]
        assert again.headers["Cache-Control"] == "no-store"
        assert await is_in(service, again)


async def test_tokens_of_one_login_name_it(service: Service) -> None:
    def login_of(answer: Answer) -> str:
        return str(jwt.decode(answer.value["access_token"], SECRET, ["HS256"])["login"])

    first, other = await signed_in(service), await signed_in(service)
    second = await refreshed(service, first.value["refresh_token"])
    assert login_of(first) == login_of(second)
    assert login_of(first) != login_of(other)


# -- rotation


async def test_a_refresh_token_counts_once(service: Service) -> None:
    first = await signed_in(service)
    second = await refreshed(service, first.value["refresh_token"])
    third = await refreshed(service, second.value["refresh_token"])
    assert len({each.value["refresh_token"] for each in (first, second, third)}) == 3
    stolen = await refreshed(service, first.value["refresh_token"])
    assert stolen.is_refused(401, BAD)
    assert stolen.headers["WWW-Authenticate"] == "Bearer"
    for answer in (first, second, third):  # the whole login has ended
        assert not await is_in(service, answer)
        assert (await refreshed(service, answer.value["refresh_token"])).is_refused(401, BAD)


async def test_other_logins_of_the_user_go_on(service: Service) -> None:
    one, other = await signed_in(service), await signed_in(service)
    await refreshed(service, one.value["refresh_token"])
    await refreshed(service, one.value["refresh_token"][:-1] + "!")  # no form: it ends nothing
    assert await is_in(service, one)
    flipped = "B" if one.value["refresh_token"][-2] == "A" else "A"
    guessed = one.value["refresh_token"][:-2] + flipped + one.value["refresh_token"][-1]
    assert (await refreshed(service, guessed)).is_refused(401, BAD)
    assert not await is_in(service, one)
    assert await is_in(service, other)


async def test_a_lost_answer_is_given_again(service: Service) -> None:
    first = await signed_in(service)
    lost = await refreshed(service, first.value["refresh_token"])
    again = await refreshed(service, first.value["refresh_token"])
    assert again.status == 200
    assert again.value["refresh_token"] == lost.value["refresh_token"]
    assert await is_in(service, again)
    assert (await refreshed(service, again.value["refresh_token"])).status == 200


async def test_two_at_once_get_the_same(service: Service) -> None:
    first = await signed_in(service)
    answers: list[Answer] = []

    async def request() -> None:
        answers.append(await refreshed(service, first.value["refresh_token"]))

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(request)
    assert [answer.status for answer in answers] == [200] * 4
    assert len({answer.value["refresh_token"] for answer in answers}) == 1


async def test_without_grace_the_second_use_ends_it(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"refresh_grace": 0.0})) as service:
        first = await signed_in(service)
        second = await refreshed(service, first.value["refresh_token"])
        assert (await refreshed(service, first.value["refresh_token"])).is_refused(401, BAD)
        assert not await is_in(service, second)


async def test_no_access_token_outlives_its_login(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"refresh_lifetime": 60.0})) as service:
        first = await signed_in(service)
        assert 58 <= first.value["expires_in"] <= 60
        claims = jwt.decode(first.value["access_token"], SECRET, ["HS256"])
        assert 58 <= claims["exp"] - claims["iat"] <= 60


async def test_a_refresh_token_waits_only_so_long(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"refresh_idle": 0.001})) as service:
        first = await signed_in(service)
        assert (await refreshed(service, first.value["refresh_token"])).is_refused(401, BAD)


@pytest.mark.parametrize("text", ["", "nonsense", "tcr_" + "a" * 65, "tcr_" + "é" * 65])
async def test_what_is_no_refresh_token(service: Service, text: str) -> None:
    assert (await refreshed(service, text)).is_refused(401, BAD)
    missing = await service.nobody.post("auth/refresh", {})
    assert missing.problems() == [("missing", ["body", "refresh_token"])]


@pytest.mark.promise("all-5")
async def test_a_refresh_token_is_no_access_token_nor_the_other_way_round(
    service: Service,
) -> None:
    first = await signed_in(service)
    refresh = Caller(service.client, first.value["refresh_token"])
    assert (await refresh.get("auth/me")).is_refused(401, BAD)
    assert (await refreshed(service, first.value["access_token"])).is_refused(401, BAD)


async def test_who_is_suspended_gets_none_and_keeps_his(service: Service, tmp_path: Path) -> None:
    first = await signed_in(service)
    suspend(tmp_path, "ann")
    for _ in range(2):
        refused = await refreshed(service, first.value["refresh_token"])
        assert refused.is_refused(403, "This account is suspended")
    suspend(tmp_path, "ann", Status.ACTIVE.value)
    assert (await refreshed(service, first.value["refresh_token"])).status == 200


async def test_beyond_so_many_logins_the_oldest_ends(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"logins_per_user": 2})) as service:
        one = await signed_in(service)
        two = await signed_in(service)
        plain = await signed_in(service, refresh=False)
        await refreshed(service, one.value["refresh_token"])
        three = await signed_in(service)
        found = [await is_in(service, each) for each in (one, two, plain, three)]
        assert found == [True, False, True, True]


async def test_storage_that_fails_changes_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path, store_class=BreakableWrites) as service:
        first = await signed_in(service)
        service.store.broken = True
        for call in (
            refreshed(service, first.value["refresh_token"]),
            by(service, first).post("auth/logout"),
            by(service, first).post("auth/logout-everywhere"),
            by(service, first).post("auth/ticket"),
        ):
            assert (await call).status == 503
        service.store.broken = False
        assert await is_in(service, first)
        assert (await refreshed(service, first.value["refresh_token"])).status == 200


# -- logging out


async def test_logout_ends_this_login_alone(service: Service) -> None:
    one, other = await signed_in(service), await signed_in(service)
    renewed = await refreshed(service, one.value["refresh_token"])
    answer = await by(service, one).post("auth/logout")
    assert (answer.status, answer.value) == (200, {"message": "Logged out"})
    for each in (one, renewed):
        assert not await is_in(service, each)
    assert (await refreshed(service, renewed.value["refresh_token"])).is_refused(401, BAD)
    assert (await by(service, one).post("auth/logout")).is_refused(401, BAD)
    assert await is_in(service, other)


async def test_logout_everywhere_ends_all_and_nobody_elses(service: Service) -> None:
    one, other = await signed_in(service), await signed_in(service)
    bob = await service.register("bob")
    key = (
        await by(service, one).post("auth/keys", {"label": "bot", "current_password": PASSWORD})
    ).value["key"]
    answer = await by(service, one).post("auth/logout-everywhere")
    assert (answer.status, answer.value) == (200, {"message": "Logged out everywhere"})
    for each in (one, other):
        assert not await is_in(service, each)
        assert (await refreshed(service, each.value["refresh_token"])).is_refused(401, BAD)
    assert (await bob.get("auth/me")).status == 200
    await service.runtime.accounts.identify_key(key)  # it has an end of its own
    assert await is_in(service, await signed_in(service))  # in the very same second


async def test_a_token_that_names_no_login_is_one_by_itself(service: Service) -> None:
    ann = await service.register("ann")
    user = await service.account(ann)
    one, other = (service.runtime.accounts.token(user) for _ in range(2))
    assert (await Caller(service.client, one).post("auth/logout")).status == 200
    assert (await Caller(service.client, one).get("auth/me")).is_refused(401, BAD)
    assert (await Caller(service.client, other).get("auth/me")).status == 200
    assert (await Caller(service.client, other).post("auth/logout-everywhere")).status == 200
    assert (await Caller(service.client, other).get("auth/me")).is_refused(401, BAD)


@pytest.mark.parametrize("path", ["logout", "logout-everywhere", "ticket"])
async def test_that_takes_a_token(service: Service, path: str) -> None:
    assert (await service.nobody.post(f"auth/{path}")).is_refused(401, "Not authenticated")


async def test_what_has_ended_stays_so_after_a_restart(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        one, other = await signed_in(service), await signed_in(service)
        user = await service.runtime.store.user_by_name("ann")
        assert user is not None
        bare = service.runtime.accounts.token(user)
        for token in (one.value["access_token"], bare):
            await Caller(service.client, token).post("auth/logout")
    async with serving(tmp_path) as service:
        assert not await is_in(service, one)
        assert (await Caller(service.client, bare).get("auth/me")).is_refused(401, BAD)
        assert await is_in(service, other)
        assert (await refreshed(service, other.value["refresh_token"])).status == 200


async def test_a_token_that_names_a_login_of_somebody_else_opens_nothing(
    service: Service,
) -> None:
    ann, bob = await service.people("ann", "bob")
    claims = jwt.decode(str(ann.token), SECRET, ["HS256"])
    for login in (claims["login"], "unknown", 1):
        forged = jwt.encode({**claims, "sub": bob.id, "login": login}, SECRET, "HS256")
        assert (await Caller(service.client, forged).get("auth/me")).is_refused(401, BAD)


# -- tickets


async def test_a_ticket_is_a_text_for_one_use(service: Service) -> None:
    ann = await service.register("ann")
    answer = await ann.post("auth/ticket")
    assert answer.status == 200
    assert set(answer.value) == {"ticket", "expires_in"}
    assert answer.value["expires_in"] == 30
    as_token = Caller(service.client, answer.value["ticket"])
    assert (await as_token.get("auth/me")).is_refused(401, BAD)  # it opens sockets alone
    identity = await service.runtime.accounts.identify_ticket(answer.value["ticket"])
    assert identity.user.uuid == ann.id


async def test_only_so_many_tickets_wait(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"tickets_per_user": 2})) as service:
        ann, bob = await service.people("ann", "bob")
        first = (await ann.post("auth/ticket")).value["ticket"]
        assert (await ann.post("auth/ticket")).status == 200
        refused = await ann.post("auth/ticket")
        assert refused.is_refused(429, "Too many unused tickets, try again later")
        assert 1 <= int(refused.headers["Retry-After"]) <= 30
        assert (await bob.post("auth/ticket")).status == 200
        await service.runtime.accounts.identify_ticket(first)
        assert (await ann.post("auth/ticket")).status == 200
