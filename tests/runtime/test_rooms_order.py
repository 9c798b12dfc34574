"""The order of answers and pushes of a room whose events others fan out, too."""

from functools import partial

import pytest
import trio
import trio.testing

from tests.runtime.running import Running
from tests.wire.scripted import Gate
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Room, User
from trichat.runtime.rooms import Envelope

People = tuple[User, User, Room]


@pytest.fixture
async def people(house: Running) -> People:
    """Alice owns the room, Bob is nobody yet."""
    alice, bob = await house.ledger.people("alice", "bob")
    return alice, bob, await house.ledger.room(alice)


async def test_a_crowd_that_comes_while_something_is_committed_does_not_hear_it_before_its_answer(
    house: Running, people: People
) -> None:
    """The room's log has it before its sender is answered."""
    alice, _, room = people
    journal: list[str] = []
    reading = Gate(house.store, "heads")

    async def follow() -> None:
        listener = house.listener(alice, journal=journal)
        async with house.runtime.feeds.begun([room]):
            listener.enter(room)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow)
        nursery.start_soon(follow)
        await reading.reached.wait()
        committed = Gate(house.store, "write", behind=True)
        nursery.start_soon(partial(house.batch, room, (alice, c.Say("x")), journal=journal))
        await committed.reached.wait()
        reading.opened.set()
        await trio.testing.wait_all_tasks_blocked()
        committed.opened.set()
    assert journal == ["answer 1", "alice: said 2 x", "alice: said 2 x"]


@pytest.mark.promise("all-11")
@pytest.mark.parametrize("crowd", [0, 3000])
async def test_no_later_answer_comes_before_a_push_that_others_fan_out(
    house: Running, people: People, crowd: int
) -> None:
    """The feed's own task: it reads whether something is missing, or tells a large audience who
    came.
    """
    alice, bob, room = people
    journal: list[str] = []
    for _ in range(crowd):
        house.listener(alice, room)
    house.listener(alice, room, journal=journal)
    await house.batch(room, (alice, c.Visit()))
    feed, send = house.runtime.feeds.open(room), house.runtime.directory.send
    reading, committed = Gate(house.store, "heads"), Gate(house.store, "write", behind=True)

    def journaled(word: str) -> Envelope:
        edit = c.Edit("no message", "x")
        command = c.Say("x") if word == "said" else edit
        return Envelope(command, alice, lambda outcome: journal.append(word))

    await send(room, journaled("said"))
    await committed.reached.wait()
    if crowd:
        feed.add(e.Entered(room, bob, 0, "plain", True))
    else:
        feed.suspect()
    committed.opened.set()
    while "said" not in journal:
        await trio.lowlevel.checkpoint()
    await send(room, journaled("refused"))
    await trio.testing.wait_all_tasks_blocked()
    reading.opened.set()
    await trio.testing.wait_all_tasks_blocked()
    assert [line for line in journal if "entered" not in line] == [
        "said", "alice: said 2 x", "refused",
    ]  # fmt: skip


async def test_who_fails_to_be_told_costs_nobody_else_their_turn(
    house: Running, people: People
) -> None:
    alice, _, room = people
    told: list[str] = []

    def fail() -> None:
        raise RuntimeError("broken")

    await house.batch(room, (alice, c.Visit()))
    for then in (fail, lambda: told.append("told")):
        envelope = Envelope(c.Say("x"), alice, lambda outcome: None, then)
        await house.runtime.directory.send(room, envelope)
    await trio.testing.wait_all_tasks_blocked()
    assert told == ["told"]
