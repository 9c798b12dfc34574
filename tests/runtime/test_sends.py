"""Sends with a key: one message each, and the first answer again, whenever the retry comes."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.runtime.running import Running, running
from tests.store.ledger import numbers
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.answers import Done
from trichat.core.model import Room, User
from trichat.runtime.rooms import Envelope
from trichat.store.health import StoreError

People = tuple[User, User, Room]
DISK = StoreError("disk I/O error")


@pytest.fixture
async def people(house: Running) -> People:
    alice, bob = await house.ledger.people("alice", "bob")
    return alice, bob, await house.ledger.room(alice, bob)


def hi(key: str = "k", text: str = "hi @bob") -> c.Say:
    return c.Say(text, key=key)


def messages(outcomes: Sequence[Done | r.Refusal]) -> list[e.Said]:
    said = []
    for outcome in outcomes:
        assert isinstance(outcome, Done), outcome
        (event,) = outcome.events
        assert isinstance(event, e.Said)
        said.append(event)
    return said


def of_the_message(said: e.Said) -> tuple[object, ...]:
    """All of the first answer that a client of any dialect may be told."""
    return said.seq, said.at, said.message


async def test_a_retry_gets_the_first_answer_and_is_told_to_nobody(
    house: Running, people: People
) -> None:
    alice, bob, room = people
    listener = house.listener(bob, room)
    (first,) = await house.batch(room, (alice, hi()))
    (again,) = await house.batch(room, (alice, hi()))
    assert isinstance(again, Done)
    assert again.again
    one, two = messages([first, again])
    assert of_the_message(one) == of_the_message(two)
    assert listener.heard == ["said 3 hi @bob"]
    assert numbers(await house.store.log(room.id, 0, 10)) == [1, 2, 3]


async def test_in_one_batch_too(house: Running, people: People) -> None:
    alice, bob, room = people
    listener = house.listener(bob, room)
    asked = [(alice, hi()), (alice, c.Say("between")), (alice, hi()), (alice, hi("other"))]
    outcomes = await house.batch(room, *asked)
    first, between, again, other = messages(outcomes)
    assert of_the_message(first) == of_the_message(again)
    assert (first.seq, between.seq, other.seq) == (3, 4, 5)
    assert listener.heard == ["said 3 hi @bob", "said 4 between", "said 5 hi @bob"]


async def test_a_retry_waits_for_the_first_that_is_in_flight(
    house: Running, people: People
) -> None:
    alice, _, room = people
    outcomes: list[Done | r.Refusal] = []

    def reply(outcome: Done | r.Refusal) -> None:
        outcomes.append(outcome)

    house.store.close_gate()
    for _ in range(2):
        await house.runtime.directory.send(room, Envelope(hi(), alice, reply))
        await trio.testing.wait_all_tasks_blocked()
    assert outcomes == []
    house.store.gate.set()
    await trio.testing.wait_all_tasks_blocked()
    first, again = messages(outcomes)
    assert of_the_message(first) == of_the_message(again)


async def test_after_a_restart_and_whatever_has_become_of_the_message(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        alice, bob = await house.ledger.people("alice", "bob")
        room = await house.ledger.room(alice, bob)
        (first,) = messages(await house.batch(room, (alice, hi())))
        uuid = first.message.uuid
        await house.batch(room, (alice, c.Edit(uuid, "edited")), (bob, c.React(uuid, "+")))
    async with running(tmp_path) as house:
        (again,) = messages(await house.batch(room, (alice, hi())))
        assert of_the_message(first) == of_the_message(again)
        await house.batch(room, (alice, c.Delete(uuid)), (alice, c.Leave()))
        (gone,) = messages(await house.batch(room, (alice, hi())))
        assert of_the_message(first) == of_the_message(gone)
        assert await house.store.history(room.id, limit=10) == ([], 7)


async def test_a_key_is_one_user_s_in_one_room(house: Running, people: People) -> None:
    alice, bob, room = people
    elsewhere = await house.ledger.room(alice)
    said = messages(
        [
            *await house.batch(room, (alice, hi()), (bob, hi())),
            *await house.batch(elsewhere, (alice, hi())),
        ]
    )
    assert len({each.message.uuid for each in said}) == 3


async def test_another_text_under_a_used_key_is_refused_and_nothing_is_stored(
    house: Running, people: People
) -> None:
    alice, _, room = people
    outcomes = await house.batch(room, (alice, hi()), (alice, hi(text="ho")))
    assert outcomes[1:] == [r.KeyReused()]
    assert await house.batch(room, (alice, hi(text="ho"))) == [r.KeyReused()]
    # The same text as the server's own word is another message.
    assert await house.batch(room, (alice, c.Say("hi @bob", system=True, key="k"))) == [
        r.KeyReused()
    ]
    assert await house.batch(room, (alice, hi(text="\ud800"))) == [r.KeyReused()]
    assert numbers(await house.store.log(room.id, 0, 10)) == [1, 2, 3]


async def test_a_retry_costs_nothing_of_an_allowance_that_is_used_up(
    house: Running, people: People
) -> None:
    alice, _, room = people
    limited = c.Say("hi @bob", key="k", flaw=r.RateLimited(1.0))
    assert await house.batch(room, (alice, limited)) == [r.RateLimited(1.0)]
    first, again = messages(
        [*await house.batch(room, (alice, hi())), *await house.batch(room, (alice, limited))]
    )
    assert of_the_message(first) == of_the_message(again)


async def test_what_was_refused_or_failed_may_come_again_under_its_key(
    house: Running, people: People
) -> None:
    alice, _, room = people
    house.store.write_fails = DISK
    outcomes = await house.batch(room, (alice, hi()), (alice, hi()))
    assert outcomes == [r.Failed(), r.Failed()]
    house.store.write_fails = None
    (said,) = messages(await house.batch(room, (alice, hi())))
    assert said.seq == 3


async def test_what_was_stored_before_stands_when_the_rest_of_its_batch_fails(
    house: Running, people: People
) -> None:
    alice, _, room = people
    (first,) = messages(await house.batch(room, (alice, hi())))
    house.store.write_fails = DISK
    again, failed = await house.batch(room, (alice, hi()), (alice, c.Say("new")))
    assert failed == r.Failed()
    assert of_the_message(messages([again])[0]) == of_the_message(first)


async def test_what_another_node_stored_under_the_key_is_found(
    house: Running, people: People
) -> None:
    alice, _, room = people
    await house.batch(room, (alice, c.Say("the actor is at work")))
    elsewhere = await house.ledger.do(room, (alice, hi()))
    (again,) = messages(await house.batch(room, (alice, hi())))
    assert isinstance(elsewhere[0], e.Said)
    assert again.message == elsewhere[0].message


async def test_without_a_key_nothing_is_read(
    house: Running, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _, room = people
    await house.batch(room, (alice, c.Say("loaded")))
    house.store.reads_fail = DISK
    (said,) = messages(await house.batch(room, (alice, c.Say("@bob hi"))))
    assert said.seq == 4
