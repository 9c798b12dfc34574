"""The log of a room: gapless numbers, monotone times, decide on a draft, fold in turn."""

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
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
from trichat.core import roomstate
from trichat.core.lookup import Keyed, Needs, needs
from trichat.core.model import Membership, Reaction, RoomRole, User
from trichat.core.roomstate import RoomState

SAY = c.Say("x")


def test_numbers_go_on_where_the_log_stands() -> None:
    batch = draft(state(members=[ALICE]))
    events = [_only(batch.decide(SAY, ALICE, NOW)) for _ in range(3)]
    assert [event.seq for event in events] == [11, 12, 13]


def test_times_rise_even_when_the_clock_stands_or_goes_back() -> None:
    of = state(members=[ALICE])
    of.last_at = NOW + 100
    batch = draft(of)
    times = [_only(batch.decide(SAY, ALICE, now)).at for now in (NOW, NOW + 100, NOW + 500, NOW)]
    assert times == [NOW + 101, NOW + 102, NOW + 500, NOW + 501]


def test_a_refusal_takes_no_number_and_no_time() -> None:
    batch = draft(state(members=[ALICE]))
    assert batch.decide(SAY, BOB, NOW + 1000) == r.NotMember()
    said = _only(batch.decide(SAY, ALICE, NOW))
    assert (said.seq, said.at) == (11, NOW)


def test_a_rule_that_raises_takes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(batch: Any, command: Any, by: User, at: int) -> Any:
        batch._next(at)
        raise RuntimeError("broken")

    monkeypatch.setitem(roomstate._RULES, c.Join, broken)
    batch = draft(state(members=[ALICE]))
    with pytest.raises(RuntimeError):
        batch.decide(c.Join(), BOB, NOW + 1000)
    said = _only(batch.decide(SAY, ALICE, NOW))
    assert (said.seq, said.at) == (11, NOW)


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
    assert _only(draft(of).decide(c.Join(), CAROL, NOW)).seq == 11


def test_fold_keeps_members_number_and_time() -> None:
    of = state(members=[ALICE])
    of.fold(e.Admitted(room(), 11, NOW, BOB, ALICE, RoomRole.OWNER))
    of.fold(e.Left(room(), 12, NOW + 1, ALICE, ALICE))
    assert of.members == {BOB.id: Membership(BOB.id, RoomRole.OWNER, NOW)}
    assert (of.seq, of.last_at) == (12, NOW + 1)


def test_fold_keeps_what_a_room_has_become() -> None:
    of = state(room(max_users=2), [ALICE])
    larger = evolve(room(max_users=2), max_users=5, title="another")
    of.fold(e.RoomChanged(larger, 11, NOW, ALICE, {"max_users": 5, "title": "another"}))
    assert (of.room, of.seq, of.ended) == (larger, 11, False)
    (said,) = decided(draft(of).decide(SAY, ALICE, NOW))
    assert said.room == larger
    assert isinstance(draft(of, present={BOB.id}).decide(c.Join(), CAROL, NOW), tuple)


def test_nothing_happens_in_a_room_that_was_archived() -> None:
    of = state(members=[ALICE])
    of.fold(e.RoomChanged(room().archived(NOW), 11, NOW, None, {"archived_at": NOW}))
    assert of.ended
    for command in (SAY, c.Join(), c.Leave(), c.Visit(), c.MarkRead()):
        assert draft(of).decide(command, ALICE, NOW) == r.NoSuchRoom()


def test_fold_passes_over_what_it_does_not_know() -> None:
    of = state(members=[ALICE])
    of.fold(e.Unknown(room(), 11, NOW))
    assert (of.seq, of.last_at, [*of.members]) == (11, NOW, [ALICE.id])


@pytest.mark.parametrize("seq", [10, 12, 9])
def test_fold_out_of_turn_raises_and_changes_nothing(seq: int) -> None:
    of = state(members=[ALICE])
    before = deepcopy(vars(of))
    with pytest.raises(ValueError, match=f"event {seq} after 10"):
        of.fold(e.Admitted(room(), seq, NOW, BOB, ALICE))
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
    of = RoomState(room(max_users=seats), {}, 0, NOW)
    members: set[int] = set()
    reacted: dict[int, Reaction] = {}
    log: list[e.Numbered] = []
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
                of.fold(event)
            log += [event for event in pending if isinstance(event, e.Numbered)]
            pending.clear()
            seated.clear()
            batch = draft(of, found(last))
            assert set(of.members) == members
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert all(one.at < next_.at for one, next_ in pairwise(log))
    assert of.seq == len(log)


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
