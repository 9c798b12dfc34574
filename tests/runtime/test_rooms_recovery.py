"""What a room actor makes good after a failure."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from tests.runtime.running import Running, configured, running
from tests.store.ledger import Ledger
from tests.wire.scripted import Gate
from trichat.core import commands as c
from trichat.core import refusals as r
from trichat.core.answers import Done
from trichat.core.model import Kind
from trichat.runtime.intake import Intake
from trichat.store.health import StoreError
from trichat.store.sqlite import SqliteStore


async def test_what_is_not_told_yet_survives_an_unload(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, configured(rooms={"idle_unload": 60.0})) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
        listener = house.listener(alice, room)
        await house.batch(room, (alice, c.Say("x")))
        with monkeypatch.context() as patch:

            def failing(*args: Any, **kwargs: Any) -> None:
                raise RuntimeError("broken")

            patch.setattr(Intake, "publish", failing)
            house.store.reads_fail = StoreError("disk")
            await house.batch(room, (alice, c.Say("y")))
            house.store.reads_fail = None
        await trio.sleep(61)  # told without another command, and only then is it idle
        assert listener.heard == ["said 2 x", "said 3 y"]
        await trio.sleep(61)
        assert house.runtime.directory.working == 0
        await house.batch(room, (alice, c.Say("z")))
        assert listener.heard == ["said 2 x", "said 3 y", "said 4 z"]


async def test_an_event_that_cannot_be_stored_fails_its_own_command_alone(house: Running) -> None:
    alice, bob = await house.ledger.people("alice", "bob")
    room = await house.ledger.room(alice, bob)
    outcomes = await house.batch(room, (alice, c.Say("\ud800")), (bob, c.Say("fine")))
    assert outcomes[0] == r.Failed()
    assert isinstance(outcomes[1], Done)


async def test_all_7_a_batch_tried_in_parts_is_told_in_the_order_of_the_log(
    house: Running,
) -> None:
    """Another node writes between the parts."""
    alice = await house.ledger.person("alice")
    room = await house.ledger.room(alice)
    await house.batch(room, (alice, c.Visit()))
    listener = house.listener(alice, room)
    writes = 0

    async def overtake(batch: Sequence[Any]) -> None:
        nonlocal writes
        writes += 1
        if writes == 3:  # all at once, the first part, the second part
            commit = await Ledger(house.store).commit_of(room, (alice, c.Say("elsewhere")))
            await SqliteStore.write(house.store, [commit])

    house.store.before_write = overtake
    said = [(alice, c.Say(text)) for text in ("x", "\ud800")]
    outcomes = await house.batch(room, *said)
    assert [isinstance(outcome, Done) for outcome in outcomes] == [True, False]
    assert listener.heard == ["said 2 x", "said 3 elsewhere"]


@pytest.mark.promise("all-24")
async def test_a_room_whose_end_gave_no_answer_has_ended_all_the_same(house: Running) -> None:
    """The commit is there; the log says so."""
    alice, bob = await house.ledger.people("alice", "bob")
    room = await house.ledger.room(alice, kind=Kind.PRIVATE, handle="plan")
    listener = house.listener(alice, room)
    house.store.forgets = StoreError("disk")
    (left,) = await house.batch(room, (alice, c.Leave()))
    house.store.forgets = None
    assert isinstance(left, Done)
    assert listener.heard == ["left 2 alice", "roomchanged 3"]
    directory = house.runtime.directory
    assert await directory.find(room.uuid) is None
    for command in (c.Leave(), c.Say("x"), c.Add(bob), c.Visit()):
        assert await directory.request(room, command, alice) == r.NoSuchRoom()
    assert await house.runtime.room_factory.room_named("plan", alice) == r.RoomEnded()


@pytest.mark.promise("all-24")
async def test_a_room_that_ended_untold_is_told_of_and_its_actor_ends(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, configured(rooms={"idle_unload": 60.0})) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice, kind=Kind.PRIVATE)
        listener = house.listener(alice, room)
        await house.batch(room, (alice, c.Say("x")))
        with monkeypatch.context() as patch:

            def failing(*args: Any, **kwargs: Any) -> None:
                raise RuntimeError("broken")

            patch.setattr(Intake, "publish", failing)
            house.store.reads_fail = StoreError("disk")
            await house.batch(room, (alice, c.Leave()))
            house.store.reads_fail = None
        await trio.sleep(200)
        assert listener.heard == ["said 2 x", "left 3 alice", "roomchanged 4"]
        assert house.runtime.directory.working == 0


async def test_what_is_asked_while_a_gap_is_read_is_answered_before_it_is_told(
    house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not in the log yet when that is read for what was missing."""
    alice = await house.ledger.person("alice")
    room = await house.ledger.room(alice)
    journal: list[str] = []
    house.listener(alice, room, journal=journal)
    await house.batch(room, (alice, c.Visit()))
    reading = Gate(house.store, "log")
    with monkeypatch.context() as patch:
        patch.setattr(Intake, "publish", _failing)
        await house.batch(room, (alice, c.Say("lost")), journal=journal)
    async with trio.open_nursery() as nursery:
        for word in ("one", "two"):
            nursery.start_soon(partial(house.batch, room, (alice, c.Say(word)), journal=journal))
            await trio.testing.wait_all_tasks_blocked()
        reading.opened.set()
    assert journal == [
        *("answer 1", "answer 1", "alice: said 2 lost", "alice: said 3 one"),
        *("answer 1", "alice: said 4 two"),
    ]


def _failing(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("broken")
