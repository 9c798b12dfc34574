"""Reactions are a switch; marks ask for a member and a message that is there."""

from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.core.cast import ALICE, BOB, CAROL, NOW, draft, found, message, room, state
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.ids import uuid_at
from trichat.core.model import Reaction, User
from trichat.core.reactions import Bounds

OLD = message(ALICE)


def test_a_reaction_comes_and_its_event_leaves_out_all_others() -> None:
    other = Reaction("o", "-", CAROL, 6)
    reaction = Reaction(uuid_at(NOW, bytes(10)), "+", BOB, 0)
    old = evolve(OLD, reactions=(other,))
    react = c.React(OLD.uuid, "+", nonce=bytes(10))
    outcome = draft(state(members=[BOB]), found(old)).decide(react, BOB, NOW)
    assert outcome == (e.Reacted(room(), OLD, reaction),)


def test_the_same_again_takes_it_back() -> None:
    reaction = Reaction("r", "+", BOB, 6)
    old = evolve(OLD, reactions=(reaction,))
    outcome = draft(state(members=[BOB]), found(old)).decide(c.React(OLD.uuid, "+"), BOB, NOW)
    assert outcome == (e.Unreacted(room(), OLD, reaction),)


def test_two_switches_in_one_batch_cancel_out() -> None:
    batch = draft(state(members=[BOB]), found(OLD))
    first = batch.decide(c.React(OLD.uuid, "+"), BOB, NOW)
    second = batch.decide(c.React(OLD.uuid, "+"), BOB, NOW)
    third = batch.decide(c.React(OLD.uuid, "+"), BOB, NOW)
    kinds = [type(event) for outcome in (first, second, third) for event in _events(outcome)]
    assert kinds == [e.Reacted, e.Unreacted, e.Reacted]


def reacting(bounds: Bounds, *held: Reaction) -> Callable[[User, str], object]:
    """A message that bears these; what comes of further ones, in one batch."""
    batch = state(members=[ALICE, BOB, CAROL]).draft(
        found(evolve(OLD, reactions=held)), frozenset, bounds
    )

    def react(by: User, emoji: str) -> object:
        outcome = batch.decide(c.React(OLD.uuid, emoji), by, NOW)
        return type(outcome[0]) if isinstance(outcome, tuple) else outcome

    return react


@pytest.mark.promise("all-23")
def test_a_user_has_so_many_reactions_on_a_message_and_no_more() -> None:
    react = reacting(Bounds(own=2), Reaction("r", "a", BOB, 6))
    assert react(BOB, "b") is e.Reacted
    assert react(BOB, "c") == r.TooManyReactions("own")
    assert react(CAROL, "c") is e.Reacted  # another's allowance is their own
    assert react(BOB, "a") is e.Unreacted
    assert react(BOB, "c") is e.Reacted
    assert react(BOB, "a") == r.TooManyReactions("own")


@pytest.mark.promise("all-23")
def test_a_message_has_so_many_different_reactions_and_no_more() -> None:
    react = reacting(Bounds(emojis=2), Reaction("r", "a", BOB, 6))
    assert react(CAROL, "b") is e.Reacted
    assert react(ALICE, "c") == r.TooManyReactions("emojis")
    assert react(ALICE, "b") is e.Reacted  # which is there already
    assert react(BOB, "a") is e.Unreacted
    assert react(ALICE, "c") is e.Reacted


@pytest.mark.promise("all-23")
def test_what_stands_beyond_the_bounds_is_taken_back_all_the_same() -> None:
    long = "x" * 100
    held = [Reaction(emoji, emoji, BOB, 6) for emoji in ("a", "b", long, " ")]
    react = reacting(Bounds(emojis=1, own=1), *held)
    assert react(BOB, "c") == r.TooManyReactions("own")
    for emoji in (long, " ", "b", "a"):
        assert react(BOB, emoji) is e.Unreacted
    assert react(BOB, "c") is e.Reacted


@pytest.mark.promise("all-23")
@pytest.mark.parametrize(
    ("emoji", "outcome"),
    [
        ("x" * 32, e.Reacted),
        ("x" * 33, r.Invalid("emoji", "long")),
        ("\U0001f469" * 32, e.Reacted),
        ("\u200b", r.Invalid("emoji", "blank")),
    ],
)
def test_an_emoji_has_at_most_32_code_points_and_shows(emoji: str, outcome: object) -> None:
    react = reacting(Bounds())
    assert react(BOB, emoji) == outcome


@given(st.lists(st.tuples(st.sampled_from((ALICE, BOB, CAROL)), st.sampled_from("abcd"))))
def test_whatever_comes_and_goes_the_bounds_hold(asked: list[tuple[User, str]]) -> None:
    bounds = Bounds(emojis=3, own=2)
    react, held = reacting(bounds), set[tuple[int, str]]()
    for by, emoji in asked:
        outcome, key = react(by, emoji), (by.id, emoji)
        own = sum(user_id == by.id for user_id, _ in held)
        emojis = {each for _, each in held}
        if key in held:
            assert outcome is e.Unreacted
            held.remove(key)
        elif own == bounds.own:
            assert outcome == r.TooManyReactions("own")
        elif emoji not in emojis and len(emojis) == bounds.emojis:
            assert outcome == r.TooManyReactions("emojis")
        else:
            assert outcome is e.Reacted
            held.add(key)


def test_a_reaction_is_taken_back_by_its_id_and_only_ones_own() -> None:
    own, other = Reaction("r1", "+", BOB, 6), Reaction("r2", "+", CAROL, 7)
    old = evolve(OLD, reactions=(own, other))
    batch = draft(state(members=[BOB, CAROL]), found(old))
    assert batch.decide(c.Unreact(OLD.uuid, "r2"), BOB, NOW) == r.NoSuchReaction()
    expected = e.Unreacted(room(), OLD, own)
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
