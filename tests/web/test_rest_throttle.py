"""Login throttling (channels-23): distinct attempts per user name, repeats are free."""

from pathlib import Path

import pytest
import trio

from tests.web.conftest import PASSWORD, Answer, Service, configured, serving
from trichat.web.rest.throttle import LoginThrottle

pytestmark = pytest.mark.promise("channels-23")

SLOW_DOWN = "Too many login attempts, try again later"


async def test_distinct_guesses_are_counted_and_repeats_are_not(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 3})) as service:
        await service.people("ann", "bob")
        for guess in ("one", "one", "one", "two", "two", "three"):
            assert (await _login(service, "ann", guess)).status == 401
        refused = await _login(service, "ann", "four")
        assert refused.is_refused(429, SLOW_DOWN)
        assert 1 <= int(refused.headers["Retry-After"]) <= 300
        assert (await _login(service, "ann", PASSWORD)).status == 429
        # what was refused once is answered as before, and others are not concerned
        assert (await _login(service, "ann", "two")).status == 401
        assert (await _login(service, "bob", PASSWORD)).status == 200


async def test_the_right_password_begins_anew(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        await service.register("ann")
        for _ in range(3):
            assert (await _login(service, "ann", "one")).status == 401
            assert (await _login(service, "ann", PASSWORD)).status == 200


async def test_many_guesses_at_once_are_many(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 3})) as service:
        await service.register("ann")
        answers: list[int] = []

        async def guess(number: int) -> None:
            answers.append((await _login(service, "ann", f"guess {number}")).status)

        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(guess, number)
        assert sorted(answers) == [401] * 3 + [429] * 7


async def test_a_name_nobody_bears_is_throttled_alike(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 1})) as service:
        assert (await _login(service, "ghost", "one")).status == 401
        assert (await _login(service, "ghost", "two")).status == 429


async def test_the_window_slides(autojump_clock: trio.testing.MockClock) -> None:
    throttle = LoginThrottle(2, 300)
    assert throttle.begin("ann", "one") is None
    await trio.sleep(100)
    assert throttle.begin("ann", "two") is None
    assert throttle.begin("ann", "three") == 200
    await trio.sleep(200)
    assert throttle.begin("ann", "three") is None
    assert throttle.begin("ann", "one") == 100


async def test_names_are_forgotten_with_their_window(
    autojump_clock: trio.testing.MockClock,
) -> None:
    throttle = LoginThrottle(2, 300)
    for number in range(100):
        throttle.begin(f"user {number}", "x")
    await trio.sleep(301)
    throttle.begin("ann", "x")
    assert len(throttle._tried) == 1


async def test_a_name_and_a_password_are_not_mixed_up() -> None:
    throttle = LoginThrottle(1, 300)
    assert throttle.begin("a", "b c") is None
    assert throttle.begin("a b", "c") is None
    assert throttle.begin("a", "c") is not None


async def _login(service: Service, username: str, password: str) -> Answer:
    body = {"username": username, "password": password}
    return await service.nobody.post("auth/login", body)
