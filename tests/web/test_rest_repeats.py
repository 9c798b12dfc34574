"""What waits for passwords (all-25): a share of the places for each address, and refusals that are
remembered, so that a repeat costs no hash.
"""

from pathlib import Path

import pytest
import trio
import trio.testing

from tests.web.conftest import PASSWORD, Service, configured, serving
from tests.web.test_rest_throttle import AWAY, HOME, SLOW_DOWN, login, register
from trichat.auth.passwords import Passwords
from trichat.runtime.clock import new_uuid
from trichat.store.external import AddExternalUser
from trichat.web.rest.remembered import Remembered
from trichat.web.rest.throttle import Guesses, LoginThrottle

pytestmark = pytest.mark.promise("all-25")

CROWDED = "Too many requests with passwords from your address, try again later"


async def test_who_waits_has_a_share_of_the_places(tmp_path: Path) -> None:
    auth = {"password_queue": 5, "password_queue_per_address": 2}
    async with serving(tmp_path, configured(auth=auth)) as service:
        await service.register("ann")
        slots = service.runtime.accounts._passwords._limiter
        for _ in range(slots.limit):
            await slots.acquire("")
        answers: list[int] = []

        async def request(number: int, address: str, password: str = "x") -> None:
            answer = await login(service, f"user {number}", password, address)
            answers.append(answer.status)

        async with trio.open_nursery() as nursery:
            for number in range(2):
                nursery.start_soon(request, number, AWAY)
            with trio.fail_after(5):
                while slots.waiting < 2:
                    await trio.lowlevel.checkpoint()
            for refused in (
                await login(service, "ann", PASSWORD, AWAY),
                await register(service, "bob", AWAY),
            ):
                assert refused.is_refused(429, CROWDED)
                assert int(refused.headers["Retry-After"]) >= 1
            nursery.start_soon(request, 3, HOME)
            with trio.fail_after(5):
                while slots.waiting < 3:
                    await trio.lowlevel.checkpoint()
            for _ in range(slots.limit):
                slots.release("")
        assert answers == [401] * 3
        assert (await login(service, "ann", PASSWORD, AWAY)).status == 200


class Hashing:
    """How many passwords have been held against a hash."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = 0
        stock = Passwords._matches

        def counted(passwords: Passwords, stored: str, secret: bytes) -> bool:
            self.made += 1
            return stock(passwords, stored, secret)

        monkeypatch.setattr(Passwords, "_matches", counted)


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Hashing:
    return Hashing(monkeypatch)


@pytest.mark.parametrize("name", ["ann", "nobody", "provided"])
@pytest.mark.parametrize("address", [AWAY, "127.0.0.1"])
async def test_what_was_refused_is_refused_again_without_a_hash(
    service: Service, hashing: Hashing, name: str, address: str, mock_clock: trio.testing.MockClock
) -> None:
    """Three times, as the web client repeats it, and for a name nobody bears alike."""
    await service.register("ann")
    outsider = AddExternalUser(new_uuid(), "https://id.example", "7", "provided", None, 1)
    await service.runtime.storage.submit(outsider)
    for _ in range(4):
        assert (await login(service, name, "guess", address)).status == 401
    assert hashing.made == 1
    for _ in range(3):
        refused = await login(service, name, "guess", address)
        assert refused.is_refused(429, SLOW_DOWN)
        assert refused.headers["Retry-After"] == "300"
    assert hashing.made == 1
    # another password, or one from elsewhere, is no repeat
    assert (await login(service, name, "other", address)).status == 401
    assert (await login(service, name, "guess", HOME)).status == 401
    assert (await login(service, "ann", PASSWORD, address)).status == 200
    assert hashing.made == 4
    mock_clock.jump(300)
    assert (await login(service, name, "guess", address)).status == 401
    assert hashing.made == 5


async def test_what_was_refused_is_looked_at_anew_when_the_password_has_changed(
    service: Service, hashing: Hashing
) -> None:
    ann = await service.register("ann")
    for _ in range(6):
        await login(service, "ann", "Another-2", AWAY)
    assert (await login(service, "ann", "Another-2", AWAY)).status == 429
    # by the operator, beside the server
    account = await service.account(ann)
    await service.runtime.accounts.set_password(account, "Another-2")
    assert (await login(service, "ann", "Another-2", AWAY)).status == 200
    assert (await login(service, "ann", PASSWORD, AWAY)).status == 401
    # by registering the name
    for _ in range(6):
        await login(service, "bob", PASSWORD, AWAY)
    await service.register("bob")
    assert (await login(service, "bob", PASSWORD, AWAY)).status == 200


async def test_repeats_at_once_are_one_look(service: Service, hashing: Hashing) -> None:
    await service.register("ann")
    slots = service.runtime.accounts._passwords._limiter
    answers: list[int] = []

    async def request(password: str) -> None:
        answers.append((await login(service, "ann", password)).status)

    for password, expected in (("guess", [401] * 4 + [429] * 6), (PASSWORD, [200] * 10)):
        answers.clear()
        before = hashing.made
        for _ in range(slots.limit):  # nobody hashes until all have asked
            await slots.acquire("")
        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(request, password)
            await trio.testing.wait_all_tasks_blocked(0.3)
            for _ in range(slots.limit):
                slots.release("")
        assert sorted(answers) == expected
        assert hashing.made == before + 1


async def test_who_hangs_up_leaves_the_look_to_the_next(service: Service) -> None:
    await service.register("ann")
    slots = service.runtime.accounts._passwords._limiter
    for _ in range(slots.limit):
        await slots.acquire("")
    answers: list[int] = []

    async def request() -> None:
        answers.append((await login(service, "ann", PASSWORD)).status)

    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as first:
            first.start_soon(request)
            with trio.fail_after(5):
                while slots.waiting < 1:
                    await trio.lowlevel.checkpoint()
            for _ in range(2):
                nursery.start_soon(request)
            await trio.sleep(0.05)
            assert slots.waiting == 1
            first.cancel_scope.cancel()
        with trio.fail_after(5):
            while slots.waiting < 1:
                await trio.lowlevel.checkpoint()
        for _ in range(slots.limit):
            slots.release("")
    assert answers == [200, 200]


@pytest.mark.promise("channels-23")
async def test_a_name_is_one_name_however_it_is_written(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(auth={"login_attempts": 2})) as service:
        await service.register("ann")
        assert (await login(service, "ann", "one")).status == 401
        assert (await login(service, "ANN", "two")).status == 401
        for name in ("ann", "Ann", "\uff41nn", " ann"):
            assert (await login(service, name, "three")).status == 429


async def test_what_is_remembered_is_bounded_and_goes_with_its_window(
    mock_clock: trio.testing.MockClock,
) -> None:
    remembered, guesses = Remembered(300, most=3), Guesses(1, 300, most=3)
    for number in range(10):
        key = bytes([number])
        assert remembered.repeat(key) is None
        remembered.add(key)
        guesses.add(key, b"x")
        assert remembered.repeat(key) == 0
        assert len(remembered) == len(guesses) == min(3, number + 1)
    assert [remembered.repeat(bytes([number])) for number in (6, 7, 8, 9)] == [None, 0, 0, 0]
    assert guesses.wait(bytes([6])) is None
    assert guesses.wait(bytes([9])) == 300
    mock_clock.jump(299)
    assert [remembered.repeat(bytes([9])) for _ in range(2)] == [0, 1]
    mock_clock.jump(1)
    assert remembered.repeat(bytes([9])) is None
    assert len(remembered) == 0


def test_neither_names_nor_passwords_are_kept() -> None:
    """What an attempt is remembered by differs from one server to the next."""
    one, other = LoginThrottle(1, 300), LoginThrottle(1, 300)
    attempt = ("ann", PASSWORD, HOME, "$argon2id$...")
    assert one.digest(*attempt) == one.digest(*attempt) != other.digest(*attempt)
    changed = {
        one.digest("bob", PASSWORD, HOME, "$argon2id$..."),
        one.digest("ann", "other", HOME, "$argon2id$..."),
        one.digest("ann", PASSWORD, AWAY, "$argon2id$..."),
        one.digest("ann", PASSWORD, HOME, "another hash"),
    }
    assert len(changed | {one.digest(*attempt)}) == 5
    assert one.digest("a", "b", "c", "d") != one.digest("a", "bc", "", "d")
