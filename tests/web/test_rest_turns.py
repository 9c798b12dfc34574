"""Of one user one large answer is made at a time, and who has had their share rests (all-23)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.web.conftest import Caller, Service, serving
from tests.web.test_rest_lists import LISTS
from trichat.runtime import rests
from trichat.runtime.shares import Shares
from trichat.web.rest import turns
from trichat.web.rest.turns import PATIENCE, UntilSent

pytestmark = pytest.mark.promise("all-23")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as service:
        yield service


async def test_of_one_user_one_large_answer_is_made_at_a_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await service.people("ann", "bob")
    made: list[str] = []
    go_on = trio.Event()
    read = service.runtime.store.all_users

    async def all_users(**given: Any) -> Any:
        made.append("list")
        await go_on.wait()
        return await read(**given)

    monkeypatch.setattr(service.runtime.store, "all_users", all_users)
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(ann.get, "users/")
        nursery.start_soon(bob.get, "users/")
        await wait_all_tasks_blocked(0.05)
        assert len(made) == 2  # one of each
        assert (await ann.get("auth/me")).status == 200  # what is small waits for nobody
        go_on.set()
    assert len(made) == 6
    assert len(service.runtime.answers) == 0


@pytest.mark.parametrize("path", [*LISTS, "messages/channel/{}?limit=1", "users/search/a"])
async def test_who_has_had_their_share_rests_and_others_do_not(
    service: Service, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        rests, "LONGEST_REST", 1.0
    )  # also on a slow machine Bob is answered by then
    ann, bob = await service.people("ann", "bob")
    room = await ann.channel("tea")
    await bob.post("channels/join", {"channel_id": room})
    await ann.post("messages/", {"content": "hello", "channel_id": room})
    service.runtime.rests.charge((await service.account(ann)).id, 3600)
    answered: list[Caller] = []

    async def request(caller: Caller) -> None:
        assert len((await caller.get(path.format(room))).value) > 0
        answered.append(caller)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(request, ann)
        await trio.sleep(0.05)
        nursery.start_soon(request, bob)
    assert answered == [bob, ann]


async def test_of_one_user_one_search_is_made_at_a_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may take a look at all users."""
    ann, bob = await service.people("ann", "bob")
    read, go_on = service.runtime.store.search_users, trio.Event()
    made: list[None] = []

    async def search_users(*args: Any, **given: Any) -> Any:
        made.append(None)
        await go_on.wait()
        return await read(*args, **given)

    monkeypatch.setattr(service.runtime.store, "search_users", search_users)
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(ann.get, "users/search/n")
        nursery.start_soon(bob.get, "users/search/n")
        await wait_all_tasks_blocked(0.05)
        assert len(made) == 2  # one of each
        go_on.set()
    assert len(made) == 6
    assert len(service.runtime.shares) == 0


async def test_who_waits_too_long_for_themselves_is_told_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real time: the store works in threads, which a mocked clock does not wait for."""
    monkeypatch.setattr(turns, "PATIENCE", 0.2)
    (ann,) = await service.people("ann")
    number = (await service.account(ann)).id
    async with service.runtime.answers.turn(number):
        began = trio.current_time()
        answer = await ann.get("users/")
        assert 0.19 <= trio.current_time() - began < 5
    assert answer.is_refused(429, "Too many large answers under way, try again later")
    assert answer.headers["Retry-After"] == "1"
    assert (await ann.get("users/")).status == 200


async def test_a_turn_lasts_until_the_answer_is_taken(autojump_clock: MockClock) -> None:
    """And ends however the request does."""
    shares, sent = Shares(), trio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await scope["trichat.held"].enter_async_context(shares.turn(1))
        await send("answer")
        if scope["fails"]:
            raise OSError("the peer has gone")

    async def send(message: str) -> None:
        await sent.wait()

    for fails in (False, True):
        sent = trio.Event()
        async with trio.open_nursery() as nursery:

            async def request(fails: bool = fails) -> None:
                try:
                    await UntilSent(app)({"type": "http", "fails": fails}, None, send)
                except OSError:
                    assert fails

            nursery.start_soon(request)
            nursery.start_soon(request)
            await wait_all_tasks_blocked()
            assert len(shares) == 1
            sent.set()
        assert len(shares) == 0
    assert PATIENCE > 1
