"""User names over REST: who gets which (all-20), and how often they change (all-25)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.web.conftest import PASSWORD, Answer, Caller, Service, configured, serving
from trichat.core.model import Role
from trichat.settings import Settings
from trichat.store.roles import SetRole

TAKEN = (400, "Username already taken")
UNCLEAN = (400, "Username must not contain control, invisible or unknown characters")
ALTERED = (
    400,
    "Username must have no blanks at its ends and none in a row, and only characters in their"
    " usual form",
)
SLOW = (429, "Too many renames, try again later")
RESERVED = [
    "everyone", "here", "channel", "all", "system", "admin", "administrator", "root", "support",
    "deleted user",
]  # fmt: skip


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """With the names that are reserved by default."""
    async with serving(tmp_path, Settings()) as service:
        yield service


async def register(service: Service, name: str) -> Answer:
    number = len(await service.runtime.store.all_users())
    body = {"email": f"{number}@example.com", "username": name, "password": PASSWORD}
    return await service.nobody.post("auth/register", body)


async def rename(caller: Caller, name: str) -> Answer:
    return await caller.put(f"users/{caller.id}", {"username": name})


async def administrator(service: Service, name: str) -> Caller:
    caller = await service.register(name)
    account = await service.account(caller)
    await service.runtime.storage.submit(SetRole(account.id, Role.ADMIN, 1))
    return caller


@pytest.mark.parametrize("name", ["Ann", "ANN", "\uff41nn", "\uff21NN"])
async def test_all_20_a_name_that_looks_like_another_s_is_taken(
    service: Service, name: str
) -> None:
    _, bob = await service.people("ann", "bob")
    # What is no usual form is refused as such, so that nobody learns of others' names by it.
    refusal = TAKEN if name.isascii() else ALTERED
    assert (await register(service, name)).is_refused(*refusal)
    assert (await rename(bob, name)).is_refused(*refusal)
    assert (await bob.get("auth/me")).value["username"] == "bob"


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("ma\u200bria", UNCLEAN), ("ma\u00adria", UNCLEAN), ("\u202emaria", UNCLEAN),
        ("\ufeffmaria", UNCLEAN), ("maria\u0378", UNCLEAN), ("maria ", ALTERED),
        (" maria", ALTERED), ("maria\u00a0", ALTERED),
        ("a  b", ALTERED), ("Zoe\u0308", ALTERED), ("\ufb01ne", ALTERED),
    ],
)  # fmt: skip
async def test_all_20_a_name_that_deceives_is_refused_in_a_sentence(
    service: Service, name: str, refusal: tuple[int, str]
) -> None:
    bob = await service.register("bob")
    assert (await register(service, name)).is_refused(*refusal)
    assert (await rename(bob, name)).is_refused(*refusal)


@pytest.mark.parametrize(
    "name", ["प्रिया", "Zoë", "李雷", "mary-ann", "j.doe", "Ann Lee", "x" * 100]
)
async def test_all_20_honest_names_are_given(service: Service, name: str) -> None:
    bob = await service.register("bob")
    assert (await register(service, name)).status == 200
    assert (await rename(bob, name + "2" if len(name) < 100 else "y" * 100)).status == 200


@pytest.mark.parametrize("name", [*RESERVED, "Admin", "EVERYONE", "Deleted User"])
async def test_all_20_reserved_names_are_for_administrators_to_give(
    service: Service, name: str
) -> None:
    ann = await service.register("ann")
    assert (await register(service, name)).is_refused(*TAKEN)
    assert (await rename(ann, name)).is_refused(*TAKEN)
    assert (await rename(await administrator(service, "cat"), name)).status == 200


async def test_all_20_which_names_are_reserved_is_a_setting(tmp_path: Path) -> None:
    settings = configured(auth={"reserved_names": ("Boss", "the house")})
    async with serving(tmp_path, settings) as service:
        for name in ("boss", "BOSS", "The House"):
            assert (await register(service, name)).is_refused(*TAKEN)
        assert (await register(service, "admin")).status == 200


async def test_all_20_one_logs_in_by_a_name_however_it_is_written(service: Service) -> None:
    ann = await service.register("Ann")
    for name in ("Ann", "ann", "ANN", "\uff41nn"):
        answer = await service.nobody.post("auth/login", {"username": name, "password": PASSWORD})
        assert answer.status == 200
        assert answer.value["user"]["id"] == ann.id
        assert answer.value["user"]["username"] == "Ann"


async def test_all_20_of_many_at_once_one_gets_the_name(service: Service) -> None:
    answers: list[Answer] = []

    async def request(name: str, address: str) -> None:
        body = {"email": address, "username": name, "password": PASSWORD}
        answers.append(await service.nobody.post("auth/register", body))

    async with trio.open_nursery() as nursery:
        for number, name in enumerate(("ann", "Ann", "ANN", "aNN", "anN")):
            nursery.start_soon(request, name, f"a{number}@example.com")
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400, 400]


async def test_all_25_a_user_takes_five_other_names_in_a_day(
    service: Service, mock_clock: trio.testing.MockClock
) -> None:
    ann, bob = await service.people("ann", "bob")
    assert (await rename(ann, "ann")).status == 200  # hers already: no other
    for name in ("bob", "admin", " x"):
        assert (await rename(ann, name)).status == 400  # nothing came of it
    for number in range(5):
        assert (await rename(ann, f"ann{number}")).status == 200
    refused = await rename(ann, "ann5")
    assert refused.is_refused(*SLOW)
    assert refused.headers["Retry-After"] == "86400"
    assert (await rename(ann, "ann4")).status == 200
    assert (await ann.put(f"users/{ann.id}", {"avatar": "a"})).status == 200
    assert (await ann.get("auth/me")).value["username"] == "ann4"
    assert (await rename(bob, "bobby")).status == 200
    mock_clock.jump(86_400)
    assert (await rename(ann, "ann5")).status == 200


async def test_all_25_how_often_is_a_setting(tmp_path: Path) -> None:
    async with serving(tmp_path, configured(limits={"renames_per_day": 1})) as service:
        ann = await service.register("ann")
        assert (await rename(ann, "anna")).status == 200
        assert (await rename(ann, "ann")).is_refused(*SLOW)
    async with serving(tmp_path, configured(limits={"renames_per_day": 0})) as service:
        bob = await service.register("bob")
        for number in range(7):
            assert (await rename(bob, f"bob{number}")).status == 200
