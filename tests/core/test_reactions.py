"""Reactions are a switch; marks ask for a member and a message that is there."""

from attrs import evolve

from tests.core.cast import ALICE, BOB, CAROL, NOW, draft, found, message, room, state
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.model import Reaction

OLD = message(ALICE)


def test_a_reaction_comes_and_the_message_holds_it() -> None:
    reaction = Reaction("r", "+", BOB, NOW)
    outcome = draft(state(members=[BOB]), found(OLD)).decide(c.React(OLD.uuid, "+", "r"), BOB, NOW)
    expected = e.Reacted(room(), 11, NOW, evolve(OLD, reactions=(reaction,)), reaction)
    assert outcome == (expected,)


def test_the_same_again_takes_it_back() -> None:
    reaction = Reaction("r", "+", BOB, 6)
    old = evolve(OLD, reactions=(reaction,))
    outcome = draft(state(members=[BOB]), found(old)).decide(c.React(OLD.uuid, "+"), BOB, NOW)
    assert outcome == (e.Unreacted(room(), 11, NOW, OLD, reaction),)


def test_two_switches_in_one_batch_cancel_out() -> None:
    batch = draft(state(members=[BOB]), found(OLD))
    first = batch.decide(c.React(OLD.uuid, "+"), BOB, NOW)
    second = batch.decide(c.React(OLD.uuid, "+"), BOB, NOW)
    third = batch.decide(c.React(OLD.uuid, "+"), BOB, NOW)
    kinds = [type(event) for outcome in (first, second, third) for event in _events(outcome)]
    assert kinds == [e.Reacted, e.Unreacted, e.Reacted]


def test_reactions_of_several_add_up_in_order() -> None:
    batch = draft(state(members=[BOB, CAROL]), found(OLD))
    batch.decide(c.React(OLD.uuid, "+", "r1"), BOB, NOW)
    batch.decide(c.React(OLD.uuid, "+", "r2"), CAROL, NOW)
    (last,) = _events(batch.decide(c.React(OLD.uuid, "-", "r3"), BOB, NOW))
    assert isinstance(last, e.Reacted)
    held = [(held.uuid, held.user, held.emoji) for held in last.message.reactions]
    assert held == [("r1", BOB, "+"), ("r2", CAROL, "+"), ("r3", BOB, "-")]
    times = [held.created_at for held in last.message.reactions]
    assert times == sorted(set(times))


def test_a_reaction_is_taken_back_by_its_id_and_only_ones_own() -> None:
    own, other = Reaction("r1", "+", BOB, 6), Reaction("r2", "+", CAROL, 7)
    old = evolve(OLD, reactions=(own, other))
    batch = draft(state(members=[BOB, CAROL]), found(old))
    assert batch.decide(c.Unreact(OLD.uuid, "r2"), BOB, NOW) == r.NoSuchReaction()
    expected = e.Unreacted(room(), 11, NOW, evolve(OLD, reactions=(other,)), own)
    assert batch.decide(c.Unreact(OLD.uuid, "r1"), BOB, NOW) == (expected,)
    assert batch.decide(c.Unreact(OLD.uuid, "r1"), BOB, NOW) == r.NoSuchReaction()


def test_reacting_takes_a_message_and_membership() -> None:
    batch = draft(state(members=[BOB]), found(OLD))
    for command in (c.React("elsewhere", "+"), c.Unreact("elsewhere", "r")):
        assert batch.decide(command, BOB, NOW) == r.NoSuchMessage()
    for command in (c.React(OLD.uuid, "+"), c.Unreact(OLD.uuid, "r")):
        assert batch.decide(command, CAROL, NOW) == r.NotMember()


def test_a_member_marks_the_room_read_without_a_number() -> None:
    batch = draft(state(members=[ALICE]))
    assert batch.decide(c.MarkRead(), ALICE, NOW) == (e.ReadUpTo(room(), ALICE, NOW),)
    (said,) = _events(batch.decide(c.Say("x"), ALICE, NOW))
    assert isinstance(said, e.Said)
    assert said.seq == 11


def test_only_a_member_marks() -> None:
    batch = draft(state(members=[ALICE]), found(OLD))
    assert batch.decide(c.MarkRead(), BOB, NOW) == r.NotMember()
    assert batch.decide(c.MarkDelivered(OLD.id), BOB, NOW) == r.NoSuchMessage()


def test_a_member_acknowledges_anothers_message() -> None:
    batch = draft(state(members=[ALICE, BOB]), found(OLD))
    assert batch.decide(c.MarkDelivered(OLD.id), BOB, NOW) == (
        e.DeliveredTo(room(), BOB, NOW, OLD),
    )
    assert batch.decide(c.MarkDelivered(OLD.id), ALICE, NOW) == r.Yourself()
    assert batch.decide(c.MarkDelivered(99), BOB, NOW) == r.NoSuchMessage()


def _events(outcome: object) -> tuple[object, ...]:
    assert isinstance(outcome, tuple), outcome
    return outcome
