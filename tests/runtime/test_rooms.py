"""The room actor: decide, commit, fold, answer, fan out; and what a failure at each step costs."""

from collections.abc import Sequence
from typing import Any

import pytest
import trio
import trio.testing
from attrs import evolve

from tests.runtime.running import Running
from tests.store.ledger import Ledger, numbers
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core import roomstate
from trichat.core.answers import Done
from trichat.core.model import Room, User
from trichat.runtime.intake import Intake
from trichat.runtime.rooms import STALE_TRIES, Envelope
from trichat.store.health import StoreError
from trichat.store.port import Write
from trichat.store.sqlite import SqliteStore

People = tuple[User, User, Room]
DISK = StoreError("disk I/O error")


@pytest.fixture
async def people(house: Running) -> People:
    """Alice owns the room, Bob is nobody yet."""
    alice, bob = await house.ledger.people("alice", "bob")
    return alice, bob, await house.ledger.room(alice)


def seqs(outcomes: Sequence[Done | r.Refusal]) -> list[int]:
    """The numbers of all that was done."""
    return [
        seq for outcome in outcomes if isinstance(outcome, Done) for seq in numbers(outcome.events)
    ]


@pytest.mark.promise("chats-11")
async def test_answers_come_before_pushes(house: Running, people: People) -> None:
    alice, bob, room = people
    journal: list[str] = []
    for user in (alice, bob):
        house.listener(user, room, journal=journal)
    await house.batch(room, (alice, c.Say("one")), (alice, c.Say("two")), journal=journal)
    assert journal == [
        "answer 1",
        "answer 2",
        "alice: said 2 one",
        "alice: said 3 two",
        "bob: said 2 one",
        "bob: said 3 two",
    ]


@pytest.mark.promise("all-7")
async def test_nobody_is_answered_or_told_before_the_commit(house: Running, people: People) -> None:
    alice, _, room = people
    journal: list[str] = []
    house.listener(alice, room, journal=journal)
    house.store.close_gate()
    async with trio.open_nursery() as nursery:

        async def say() -> None:
            await house.batch(room, (alice, c.Say("one")), journal=journal)

        nursery.start_soon(say)
        await trio.testing.wait_all_tasks_blocked()
        assert journal == []
        house.store.gate.set()
    assert journal == ["answer 1", "alice: said 2 one"]


async def test_a_refusal_takes_no_commit(house: Running, people: People) -> None:
    _, bob, room = people
    house.store.groups.clear()
    assert await house.batch(room, (bob, c.Say("x")), (bob, c.Visit())) == [r.NotMember(), Done()]
    assert house.store.groups == []


async def test_a_rule_that_raises_refuses_that_command_alone(
    house: Running, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, room = people

    def broken(draft: Any, command: Any, by: User, at: int) -> Any:
        draft._next(at)
        raise RuntimeError("broken")

    monkeypatch.setitem(roomstate._RULES, c.Join, broken)
    outcomes = await house.batch(
        room, (alice, c.Say("one")), (bob, c.Join()), (alice, c.Say("two"))
    )
    assert outcomes[1] == r.Failed()
    assert seqs(outcomes) == [2, 3]
    assert numbers(await house.store.log(room.id, 0, 10)) == [1, 2, 3]


async def test_a_failed_commit_fails_those_with_events_and_nobody_is_told(
    house: Running, people: People
) -> None:
    alice, bob, room = people
    listener = house.listener(alice, room)
    house.store.write_fails = DISK
    outcomes = await house.batch(
        room, (alice, c.Say("x")), (alice, c.Join()), (bob, c.Visit()), (bob, c.Join())
    )
    assert outcomes == [r.Failed(), r.AlreadyMember(), Done(), r.Failed()]
    assert listener.heard == []
    house.store.write_fails = None
    assert seqs(await house.batch(room, (alice, c.Say("again")))) == [2]
    assert listener.heard == ["said 2 again"]


async def test_a_commit_whose_answer_was_lost_is_answered_and_told_once(
    house: Running, people: People
) -> None:
    alice, _, room = people
    listener = house.listener(alice, room)
    house.store.forgets = DISK
    assert seqs(await house.batch(room, (alice, c.Say("x")))) == [2]
    house.store.forgets = None
    assert seqs(await house.batch(room, (alice, c.Say("y")))) == [3]
    assert listener.heard == ["said 2 x", "said 3 y"]


async def test_what_was_stored_unknown_to_anyone_is_answered_when_it_is_known(
    house: Running, people: People
) -> None:
    """The store says nothing at all after the commit: nobody hears of a failure, and the room hears
    the message once.
    """
    alice, _, room = people
    await house.batch(room, (alice, c.Visit()))
    listener = house.listener(alice, room)
    house.store.forgets = house.store.mute = DISK
    answers: list[Sequence[object]] = []

    async def say() -> None:
        answers.append(seqs(await house.batch(room, (alice, c.Say("x")))))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(say)
        await trio.sleep(5)
        assert (answers, listener.heard) == ([], [])
        house.store.forgets = house.store.mute = None
    assert answers == [[2]]
    assert seqs(await house.batch(room, (alice, c.Say("y")))) == [3]
    assert listener.heard == ["said 2 x", "said 3 y"]


async def test_what_another_node_wrote_is_folded_told_and_decided_upon(
    house: Running, people: People
) -> None:
    alice, bob, room = people
    await house.batch(room, (alice, c.Visit()))
    listener = house.listener(alice, room)
    await house.ledger.do(room, (alice, c.Say("elsewhere")), (bob, c.Join()))
    outcomes = await house.batch(room, (alice, c.Say("here")), (bob, c.Join()))
    assert outcomes[1] == r.AlreadyMember()
    assert seqs(outcomes) == [4]
    assert listener.heard == ["said 2 elsewhere", "admitted 3 bob", "said 4 here"]


async def test_after_too_many_stale_commits_it_begins_anew(house: Running, people: People) -> None:
    alice, _, room = people
    listener = house.listener(alice, room)
    await house.batch(room, (alice, c.Visit()))
    again = Ledger(house.store)

    async def overtake(writes: Sequence[Write]) -> None:
        commit = await again.commit_of(room, (alice, c.Say("first")))
        await SqliteStore.write(house.store, [commit])

    house.store.before_write = overtake
    assert await house.batch(room, (alice, c.Say("late"))) == [r.Failed()]
    house.store.before_write = None
    told = STALE_TRIES
    assert listener.heard == [f"said {seq} first" for seq in range(2, told + 2)]
    assert seqs(await house.batch(room, (alice, c.Say("now")))) == [told + 2]


@pytest.mark.parametrize("error", [DISK, RuntimeError("a bug")])
async def test_a_failure_in_the_loop_answers_all_and_loads_anew(
    house: Running, people: People, error: Exception
) -> None:
    alice, bob, room = people
    listener = house.listener(alice, room)
    await house.batch(room, (alice, c.Say("x")))
    house.store.reads_fail = error
    assert await house.batch(room, (alice, c.Delete("x")), (bob, c.Join())) == [r.Failed()] * 2
    house.store.reads_fail = None
    await house.ledger.do(room, (bob, c.Join()))
    assert seqs(await house.batch(room, (bob, c.Say("y")))) == [4]
    assert listener.heard == ["said 2 x", "admitted 3 bob", "said 4 y"]


async def test_a_fault_in_folding_costs_the_state_and_no_answer(
    house: Running, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _, room = people
    listener = house.listener(alice, room)
    await house.batch(room, (alice, c.Visit()))
    with monkeypatch.context() as patch:
        patch.setattr(roomstate.RoomState, "fold", _broken)
        assert seqs(await house.batch(room, (alice, c.Say("x")), (alice, c.Say("y")))) == [2, 3]
    assert seqs(await house.batch(room, (alice, c.Say("z")))) == [4]
    assert listener.heard == ["said 2 x", "said 3 y", "said 4 z"]


async def test_what_was_committed_but_not_told_is_told_from_the_cursor(
    house: Running, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _, room = people
    listener = house.listener(alice, room)
    await house.batch(room, (alice, c.Say("x")))
    with monkeypatch.context() as patch:
        _fail_once(patch, house)
        assert seqs(await house.batch(room, (alice, c.Say("y")), (alice, c.Say("z")))) == [3, 4]
    assert listener.heard == ["said 2 x", "said 3 y", "said 4 z"]


async def test_even_when_the_store_cannot_be_read_at_that_moment(
    house: Running, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _, room = people
    listener = house.listener(alice, room)
    await house.batch(room, (alice, c.Say("x")))
    with monkeypatch.context() as patch:
        _fail_once(patch, house)
        house.store.reads_fail = DISK
        assert seqs(await house.batch(room, (alice, c.Say("y")))) == [3]
        assert listener.heard == ["said 2 x"]
        house.store.reads_fail = None
    assert seqs(await house.batch(room, (alice, c.Say("z")))) == [4]
    assert listener.heard == ["said 2 x", "said 3 y", "said 4 z"]


async def test_an_answer_that_cannot_be_given_costs_nobody_else_his(
    house: Running, people: People
) -> None:
    alice, _, room = people
    listener = house.listener(alice, room)
    await house.runtime.directory.send(room, Envelope(c.Say("x"), alice, _unanswerable))
    assert seqs(await house.batch(room, (alice, c.Say("y")))) == [3]
    assert listener.heard == ["said 2 x", "said 3 y"]


async def test_a_room_that_is_not_there_answers_so(house: Running, people: People) -> None:
    alice, _, room = people
    nowhere = evolve(room, id=999)
    assert await house.batch(nowhere, (alice, c.Say("x")), (alice, c.Visit())) == [
        r.NoSuchRoom(),
        r.NoSuchRoom(),
    ]


async def test_who_joins_in_a_batch_hears_what_follows_in_it(
    house: Running, people: People
) -> None:
    alice, bob, room = people
    listener = house.listener(bob, follows=True)
    await house.batch(
        room, (alice, c.Say("before")), (bob, c.Join()), (bob, c.Say("after")), (bob, c.Leave())
    )
    assert listener.heard == ["admitted 3 bob", "said 4 after"]
    assert listener.subscriptions == {}
    assert house.runtime.audiences.of(room.id) is None


@pytest.mark.promise("lobby-21")
async def test_the_last_seat_goes_to_the_first_who_asks(house: Running) -> None:
    alice, bob, carol = await house.ledger.people("alice", "bob", "carol")
    room = await house.ledger.room(alice, max_users=2)
    for _ in range(2):  # in one batch, and when they are there
        outcomes = await house.batch(room, (bob, c.Visit()), (carol, c.Visit()))
        assert outcomes == [Done(), r.RoomFull()]
    house.listener(bob, room)
    assert await house.batch(room, (carol, c.Visit())) == [r.RoomFull()]


async def test_marks_are_told_as_they_were_stored(house: Running, people: People) -> None:
    alice, bob, room = people
    listener = house.listener(alice, room)
    await house.batch(room, (bob, c.Join()), (alice, c.Say("x")))
    (outcome,) = await house.batch(room, (bob, c.MarkRead()))
    assert isinstance(outcome, Done)
    (mark,) = outcome.events
    assert isinstance(mark, e.ReadUpTo)
    assert [author for _, author in mark.newly] == [alice.id]
    assert listener.heard[-1] == "readupto bob"


def _broken(*args: object) -> Any:
    raise RuntimeError("broken")


def _unanswerable(outcome: Done | r.Refusal) -> None:
    raise RuntimeError("broken")


def _fail_once(patch: pytest.MonkeyPatch, house: Running) -> None:
    """What is committed next is not published."""
    publish = Intake.publish

    def failing(*args: Any, **kwargs: Any) -> None:
        patch.setattr(Intake, "publish", publish)
        raise RuntimeError("broken")

    patch.setattr(Intake, "publish", failing)
