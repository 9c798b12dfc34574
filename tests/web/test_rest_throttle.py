"""Login throttling (channels-23): distinct attempts per user name and address, repeats are free;
and what one address may try in all.
"""

import logging
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.web.conftest import PASSWORD, Answer, Service, configured, serving
from trichat.settings.addresses import UNIX
from trichat.web.rest.throttle import LoginThrottle

pytestmark = pytest.mark.promise("channels-23")

SLOW_DOWN = "Too many login attempts, try again later"
TOO_MANY = "Too many registrations, try again later"
HOME, AWAY = "192.0.2.1", "192.0.2.2"


async def test_distinct_guesses_are_counted_and_repeats_are_not(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 3})) as service:
        await service.people("ann", "bob")
        for guess in ("one", "one", "one", "two", "two", "three"):
            assert (await login(service, "ann", guess)).status == 401
        refused = await login(service, "ann", "four")
        assert refused.is_refused(429, SLOW_DOWN)
        assert 1 <= int(refused.headers["Retry-After"]) <= 300
        assert (await login(service, "ann", PASSWORD)).status == 429
        # what was refused once is answered as before, and others are not concerned
        assert (await login(service, "ann", "two")).status == 401
        assert (await login(service, "bob", PASSWORD)).status == 200


async def test_the_right_password_begins_anew(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        await service.register("ann")
        for _ in range(3):
            assert (await login(service, "ann", "one")).status == 401
            assert (await login(service, "ann", PASSWORD)).status == 200


async def test_many_guesses_at_once_are_many(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 3})) as service:
        await service.register("ann")
        answers: list[int] = []

        async def guess(number: int) -> None:
            answers.append((await login(service, "ann", f"guess {number}")).status)

        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(guess, number)
        assert sorted(answers) == [401] * 3 + [429] * 7


async def test_a_name_nobody_bears_is_throttled_alike(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 1})) as service:
        assert (await login(service, "ghost", "one")).status == 401
        assert (await login(service, "ghost", "two")).status == 429


async def test_the_window_slides(autojump_clock: trio.testing.MockClock) -> None:
    throttle = LoginThrottle(2, 300)
    assert throttle.begin("ann", "one", HOME) is None
    await trio.sleep(100)
    assert throttle.begin("ann", "two", HOME) is None
    assert throttle.begin("ann", "three", HOME) == 200
    await trio.sleep(200)
    assert throttle.begin("ann", "three", HOME) is None
    assert throttle.begin("ann", "one", HOME) == 100


async def test_names_are_forgotten_with_their_window(
    autojump_clock: trio.testing.MockClock,
) -> None:
    throttle = LoginThrottle(2, 300)
    for number in range(100):
        throttle.begin(f"user {number}", "x", HOME)
    await trio.sleep(301)
    throttle.begin("ann", "x", HOME)
    assert len(throttle) == 1


async def test_what_was_not_looked_at_is_not_remembered() -> None:
    throttle = LoginThrottle(1, 300, per_address=1)
    for number in range(100):
        attempt = f"user {number}", "x", AWAY
        assert throttle.begin(*attempt) is None
        throttle.not_looked_at(*attempt)
    assert len(throttle) == 0


async def test_a_name_and_a_password_are_not_mixed_up() -> None:
    throttle = LoginThrottle(1, 300)
    assert throttle.begin("a", "b c", HOME) is None
    assert throttle.begin("a b", "c", HOME) is None
    assert throttle.begin("a", "c", HOME) is not None


async def test_a_stranger_cannot_keep_somebody_out(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        await service.register("ann")
        for guess in ("one", "two"):
            assert (await login(service, "ann", guess, AWAY)).status == 401
        assert (await login(service, "ann", PASSWORD, AWAY)).is_refused(429, SLOW_DOWN)
        assert (await login(service, "ann", PASSWORD, HOME)).status == 200
        assert (await login(service, "ann", PASSWORD, AWAY)).status == 429


async def test_an_address_guesses_so_often_whatever_the_names(tmp_path: Path) -> None:
    auth = {"login_attempts": 2, "login_attempts_per_address": 3}
    async with serving(tmp_path, configured(auth=auth)) as service:
        await service.people("ann", "bob", "cy")
        for _ in range(5):  # who is right does not guess
            assert (await login(service, "ann", PASSWORD, AWAY)).status == 200
        for name in ("ann", "bob", "cy"):
            assert (await login(service, name, "guess", AWAY)).status == 401
        refused = await login(service, "ann", PASSWORD, AWAY)
        assert refused.is_refused(429, SLOW_DOWN)
        assert 1 <= int(refused.headers["Retry-After"]) <= 300
        assert (await login(service, "bob", "guess", AWAY)).status == 401  # a repeat
        assert (await login(service, "ann", PASSWORD, HOME)).status == 200


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", UNIX, "192.0.2.80"])
async def test_a_stranger_behind_a_proxy_locks_nobody_out(
    tmp_path: Path, proxy: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it is not named, or is and says nothing of its clients; and the log says so once."""
    caplog.set_level(logging.WARNING, "trichat")
    named = ("192.0.2.80",)
    settings = configured(auth={"login_attempts": 2}, server={"trusted_proxies": named})
    async with serving(tmp_path, settings) as service:
        await service.register("ann")
        for guess in range(6):
            assert (await login(service, "ann", f"guess {guess}", proxy)).status == 401
        assert (await login(service, "ann", PASSWORD, proxy)).status == 200
    (told,) = warned(caplog)
    assert "auth.login_attempts" in told
    assert "set server.trusted_proxies" in told


async def test_what_is_within_the_bound_is_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "trichat")
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        for guess in ("one", "two", "one", "two"):
            assert (await login(service, "ann", guess, "127.0.0.1")).status == 401
    assert not warned(caplog)


async def test_this_machine_has_no_bound_for_all_names_together(tmp_path: Path) -> None:
    """It may be a proxy, with everybody behind it."""
    async with serving(tmp_path, configured(auth={"login_attempts_per_address": 1})) as service:
        for number in range(3):
            assert (await login(service, f"user {number}", "guess", "127.0.0.1")).status == 401


async def test_behind_a_proxy_the_clients_are_told_apart(tmp_path: Path) -> None:
    settings = configured(auth={"login_attempts": 1}, server={"trusted_proxies": ("127.0.0.1",)})
    async with serving(tmp_path, settings) as service:
        for client, status in ((AWAY, 401), (AWAY, 429), (HOME, 401)):
            number = f"{client} {status}"
            # what the client wrote themselves stands before
            headers = {"X-Forwarded-For": f"198.51.100.9, {client}"}
            answer = await login(service, "ann", number, "127.0.0.1", headers=headers)
            assert answer.status == status


async def test_a_header_of_the_askers_own_is_not_his_address(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 1})) as service:
        statuses = []
        for number in range(2):
            headers = dict.fromkeys(("X-Forwarded-For", "Remote-Addr"), f"192.0.2.{number}")
            answer = await login(service, "ann", f"guess {number}", AWAY, headers=headers)
            statuses.append(answer.status)
        assert statuses == [401, 429]


async def test_an_address_registers_so_often(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"registrations_per_address": 2})) as service:
        assert (await register(service, "ann", AWAY)).status == 200
        assert (await register(service, "ann", AWAY)).status == 400  # a try is one
        refused = await register(service, "bob", AWAY)
        assert refused.is_refused(429, TOO_MANY)
        assert 3500 <= int(refused.headers["Retry-After"]) <= 3600
        assert (await register(service, "bob", HOME)).status == 200
        for name in ("cy", "dee", "eve"):
            assert (await register(service, name, "127.0.0.1")).status == 200


async def test_who_would_wait_behind_too_many_hashes_is_sent_away(tmp_path: Path) -> None:
    auth = {"login_attempts": 1, "password_queue": 3}
    async with serving(tmp_path, configured(auth=auth)) as service:
        await service.register("ann")
        slots = service.runtime.accounts._passwords._limiter
        for _ in range(slots.limit):
            await slots.acquire("")
        answers: list[int] = []

        async def guess(number: int) -> None:
            answers.append((await login(service, f"user {number}", "x")).status)

        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(guess, number)
            with trio.fail_after(5):
                while slots.waiting < 3:
                    await trio.lowlevel.checkpoint()
            for path in ("login", "register"):
                body = {"username": "ann", "password": PASSWORD, "email": "a@example.com"}
                refused = await service.nobody.post(f"auth/{path}", body)
                assert refused.is_refused(503, "The server is busy, try again later")
                assert int(refused.headers["Retry-After"]) >= 1
            for _ in range(slots.limit):
                slots.release("")
        assert answers == [401] * 3
        # what was not looked at was no attempt
        assert (await login(service, "ann", "other")).status == 401


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the throttle said; that a login failed is told by another."""
    throttle = "trichat.web.rest.throttle"
    return [record.getMessage() for record in caplog.records if record.name == throttle]


async def login(
    service: Service, username: str, password: str, address: str = HOME, **request: Any
) -> Answer:
    body = {"username": username, "password": password}
    return await service.nobody.post("auth/login", body, **_from(address), **request)


async def register(service: Service, username: str, address: str) -> Answer:
    body = {"username": username, "email": f"{username}@example.com", "password": PASSWORD}
    return await service.nobody.post("auth/register", body, **_from(address))


def _from(address: str) -> dict[str, Any]:
    return {"scope_base": {"client": (address, 50000)}}
