"""The log of a room: decide on a draft, without numbers and times; fold in turn."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.core.cast import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    NOW,
    Asked,
    decided,
    draft,
    found,
    message,
    room,
    state,
)
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.lookup import Keyed, Needs, needs
from trichat.core.model import Membership, Reaction, RoomRole, User
from trichat.core.roomstate import RoomState

SAY = c.Say("x")


def test_what_is_decided_has_neither_number_nor_time() -> None:
    """Its commit gives them."""
    own = Reaction("r", "-", ALICE, 6)
    batch = draft(state(members=[ALICE]), found(message(ALICE, reactions=(own,))))
    uuid = message().uuid
    asked = (
        SAY, c.Edit(uuid, "y"), c.React(uuid, "+"), c.Unreact(uuid, "r"), c.Delete(uuid),
        c.Add(BOB), c.Leave(),
    )  # fmt: skip
    for command in asked:
        event = _only(batch.decide(command, ALICE, NOW))
        assert (event.seq, event.at) == (0, 0)
        stored = event.placed(11, NOW + 5)
        assert (stored.seq, stored.at, type(stored)) == (11, NOW + 5, type(event))


def test_all_times_that_an_event_sets_are_those_of_its_place() -> None:
    batch = draft(state(members=[ALICE]), found(message(ALICE)))
    said = _only(batch.decide(SAY, ALICE, NOW)).placed(11, NOW + 5)
    assert isinstance(said, e.Said)
    assert (said.message.created_at, said.message.updated_at) == (NOW + 5, NOW + 5)
    edited = _only(batch.decide(c.Edit(message().uuid, "y"), ALICE, NOW)).placed(12, NOW + 6)
    assert isinstance(edited, e.Edited)
    assert (edited.message.created_at, edited.message.updated_at) == (5, NOW + 6)
    for kind, number in ((e.Reacted, 13), (e.Unreacted, 14)):
        decided_ = batch.decide(c.React(message().uuid, "+"), ALICE, NOW)
        stored = _only(decided_).placed(number, NOW + number)
        assert isinstance(stored, kind)
        assert stored.reaction.created_at == NOW + number
    renamed = e.RoomChanged(evolve(room(), title="another"), ALICE, {"title": "another"})
    assert renamed.placed(15, NOW).room.updated_at == NOW
    assert renamed.placed(15, 1).room.updated_at == 2  # it rises, whatever was before


def test_deciding_leaves_the_state_alone() -> None:
    of = state(members=[ALICE])
    before = deepcopy(vars(of))
    batch = draft(of, found(message(ALICE)))
    for command in (SAY, c.Leave(), c.Join(), c.Delete(message().uuid)):
        batch.decide(command, ALICE, NOW)
    assert vars(of) == before


def test_a_draft_that_was_dropped_left_no_trace() -> None:
    of = state(room(max_users=2), [ALICE])
    draft(of).decide(c.Join(), BOB, NOW)
    assert isinstance(_only(draft(of).decide(c.Join(), CAROL, NOW)), e.Admitted)


def test_fold_keeps_members_number_and_time() -> None:
    of = state(members=[ALICE])
    of.fold(e.Admitted(room(), BOB, ALICE, RoomRole.OWNER, seq=11, at=NOW))
    of.fold(e.Left(room(), ALICE, ALICE, seq=12, at=NOW + 1))
    assert of.members == {BOB.id: Membership(BOB.id, RoomRole.OWNER, NOW)}
    assert of.seq == 12


def test_fold_keeps_what_a_room_has_become() -> None:
    of = state(room(max_users=2), [ALICE])
    larger = evolve(room(max_users=2), max_users=5, title="another")
    of.fold(e.RoomChanged(larger, ALICE, {"max_users": 5, "title": "another"}, seq=11, at=NOW))
    assert (of.room, of.seq, of.ended) == (larger, 11, False)
    (said,) = decided(draft(of).decide(SAY, ALICE, NOW))
    assert said.room == larger
    assert isinstance(draft(of, present={BOB.id}).decide(c.Join(), CAROL, NOW), tuple)


def test_nothing_happens_in_a_room_that_was_archived() -> None:
    of = state(members=[ALICE])
    of.fold(e.RoomChanged(room().archived(NOW), None, {"archived_at": NOW}, seq=11, at=NOW))
    assert of.ended
    for command in (SAY, c.Join(), c.Leave(), c.Visit(), c.MarkRead()):
        assert draft(of).decide(command, ALICE, NOW) == r.NoSuchRoom()


def test_fold_passes_over_what_it_does_not_know() -> None:
    of = state(members=[ALICE])
    of.fold(e.Unknown(room(), seq=11, at=NOW))
    assert (of.seq, [*of.members]) == (11, [ALICE.id])


@pytest.mark.parametrize("seq", [10, 12, 9])
def test_fold_out_of_turn_raises_and_changes_nothing(seq: int) -> None:
    of = state(members=[ALICE])
    before = deepcopy(vars(of))
    with pytest.raises(ValueError, match=f"event {seq} after 10"):
        of.fold(e.Admitted(room(), BOB, ALICE, seq=seq, at=NOW))
    assert vars(of) == before


def test_marks_pass_through_fold() -> None:
    of = state(members=[ALICE])
    before = deepcopy(vars(of))
    of.fold(e.ReadUpTo(room(), ALICE, NOW))
    of.fold(e.DeliveredTo(room(), ALICE, NOW, message(BOB)))
    assert vars(of) == before


def test_plain_messages_need_no_lookup() -> None:
    plain: list[c.RoomCommand] = [SAY, c.Join(), c.MarkRead(), c.Visit(), c.Leave(), c.Add(BOB)]
    assert not needs([Asked(command) for command in plain])


def test_a_lookup_is_for_all_that_a_batch_names() -> None:
    wanted = needs(
        [
            Asked(c.Say("@dave")),
            Asked(c.Say("with a key", key="k"), BOB),
            Asked(c.Edit("m1", "@carol @bob")),
            Asked(c.Delete("m2")),
            Asked(c.React("m3", "+"), BOB),
            Asked(c.Unreact("m4", "r"), CAROL),
            Asked(c.MarkDelivered(5)),
        ]
    )
    messages = frozenset({"m1", "m2", "m3", "m4"})
    reactions = frozenset({("m3", BOB.id), ("m4", CAROL.id)})
    sends = frozenset({Keyed(BOB.id, "k", "with a key")})
    assert wanted == Needs(messages, frozenset({5}), sends, reactions)
    assert wanted


# -- any sequence of commands

PEOPLE = (ALICE, BOB, CAROL, DAVE)
COMMANDS: tuple[Callable[[], c.RoomCommand], ...] = (
    lambda: c.Say("x"),
    lambda: c.Say("x", visiting=True),
    c.Join,
    c.Leave,
    c.Visit,
    c.MarkRead,
    *((lambda added=added: c.Add(added)) for added in PEOPLE),
    lambda: c.React(message().uuid, "+"),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(COMMANDS), st.sampled_from(PEOPLE), st.integers(-5, 5), st.booleans()
    ),
    max_size=40,
)


@given(STEPS, st.integers(2, 3))
def test_decided_and_folded_in_any_batches_it_is_what_one_would_expect(
    steps: list[tuple[Callable[[], c.RoomCommand], User, int, bool]], seats: int
) -> None:
    """A set of members and a toggle, whatever the clock does and wherever batches end."""
    of = RoomState(room(max_users=seats), {}, 0)
    members: set[int] = set()
    reacted: dict[int, Reaction] = {}
    last = message()
    batch = draft(of, found(last))
    pending: list[Any] = []
    seated: set[int] = set()
    now = NOW
    for make, by, drift, commits in steps:
        now += drift
        command = make()
        outcome = batch.decide(command, by, now)
        happened = _expected(command, by, members, seated, seats)
        if isinstance(outcome, tuple):
            assert happened is not False, (command, by, outcome)
            pending.extend(outcome)
            if isinstance(command, c.React):
                (event,) = outcome
                if by.id in reacted:
                    assert isinstance(event, e.Unreacted)
                    assert event.reaction == reacted.pop(by.id)
                else:
                    assert isinstance(event, e.Reacted)
                    reacted[by.id] = event.reaction
                last = evolve(message(), reactions=tuple(reacted.values()))
        else:
            assert happened is False, (command, by, outcome)
        if commits:
            for event in pending:
                if isinstance(event, e.Numbered):
                    event = event.placed(of.seq + 1, now)
                of.fold(event)
            pending.clear()
            seated.clear()
            batch = draft(of, found(last))
            assert set(of.members) == members


def _expected(
    command: c.RoomCommand, by: User, members: set[int], seated: set[int], seats: int
) -> bool:
    """Whether it is granted; and what comes of it."""
    taken = members | seated
    match command:
        case c.Join() | c.Add():
            who = command.user.id if isinstance(command, c.Add) else by.id
            if who in members or (who not in taken and len(taken) >= seats):
                return False
            members.add(who)
            return True
        case c.Leave():
            if by.id not in members:
                return False
            members.remove(by.id)
            return True
        case c.Visit():
            if by.id not in taken and len(taken) >= seats:
                return False
            seated.add(by.id)
            return True
        case c.Say(visiting=visiting):
            return visiting or by.id in members
    return by.id in members


def _only(outcome: object) -> e.Numbered:
    assert isinstance(outcome, tuple), outcome
    (event,) = outcome
    assert isinstance(event, e.Numbered)
    return event
