"""The states of a subscription, without a feed: its table, and what becomes of each frame."""

import pytest

from tests.core.cast import ALICE, NOW, message, room
from tests.runtime.listeners import Plain, Recorder
from trichat.core import events as e
from trichat.runtime import frames
from trichat.runtime.listener import Batch, Part
from trichat.runtime.subscription import (
    FATES,
    TRANSITIONS,
    Fate,
    State,
    Step,
    Subscription,
    WrongStepError,
)

ROOM = room()

# The steps that lead to a state from the beginning.
WAYS = {
    State.WAITING: (),
    State.REPLAYING: (Step.FALLEN_BEHIND,),
    State.SKIPPING: (Step.AHEAD,),
    State.LIVE: (Step.CAUGHT_UP,),
    State.CLOSED: (Step.CLOSED,),
}


def subscription(state: State = State.WAITING, upto: int = 0) -> tuple[Subscription, Recorder]:
    listener = Recorder(ALICE, Plain())
    made = Subscription(listener, ROOM, placed=False)
    for step in WAYS[state]:
        made.take(step)
    made.upto = upto
    return made, listener


def numbered(*numbers: int) -> list[Part]:
    events = [e.Said(ROOM, message(ALICE, "x"), seq=number, at=NOW) for number in numbers]
    return [Part(each.seq, frames.text(b"said %d" % each.seq), False, each) for each in events]


def other(word: str, *, ephemeral: bool = False) -> Part:
    return Part(None, frames.text(word.encode()), ephemeral)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_every_step_leads_where_the_table_says_or_nowhere(state: State, step: Step) -> None:
    made, _ = subscription(state)
    expected = TRANSITIONS[state].get(step)
    if expected is None:
        with pytest.raises(WrongStepError, match=f"{step.name} in {state.name}"):
            made.take(step)
        assert made.state is state
    else:
        made.take(step)
        assert made.state is expected


def test_the_table_has_every_state_and_each_can_be_left_but_the_last() -> None:
    assert set(TRANSITIONS) == set(FATES) == set(State)
    reachable = {to for steps in TRANSITIONS.values() for to in steps.values()}
    assert reachable == set(State) - {State.WAITING}
    assert all(steps[Step.CLOSED] is State.CLOSED for steps in TRANSITIONS.values())
    assert set(TRANSITIONS[State.CLOSED].values()) == {State.CLOSED}


def test_no_numbered_frame_is_ever_held() -> None:
    assert Fate.HOLD not in {numbered for numbered, _ in FATES.values()}


@pytest.mark.parametrize(
    ("upto", "delivered", "step"),
    [(3, 4, Step.FALLEN_BEHIND), (4, 4, Step.CAUGHT_UP), (5, 4, Step.AHEAD)],
)
def test_where_it_stands_is_judged_by_numbers(upto: int, delivered: int, step: Step) -> None:
    made, _ = subscription(upto=upto)
    assert made.step_at(delivered) is step


@pytest.mark.parametrize(
    ("state", "heard", "later"),
    [
        (State.WAITING, [], ["typed", "said 9"]),
        (State.REPLAYING, [], ["typed", "said 9"]),
        (State.SKIPPING, ["said 8", "typed"], ["said 8", "typed", "said 9"]),
        (State.LIVE, ["said 7", "said 8", "typed"], ["said 7", "said 8", "typed", "said 9"]),
    ],
)
def test_what_becomes_of_a_frame(state: State, heard: list[str], later: list[str]) -> None:
    """The connection was told up to 7."""
    made, listener = subscription(state, upto=7)
    made.offer(Batch([*numbered(7, 8), other("typed", ephemeral=True)]))
    assert listener.heard == heard
    if state is not State.LIVE:
        made.take(Step.CAUGHT_UP)
    made.offer(Batch(numbered(9)))
    assert listener.heard == later
    assert listener.held == 0


def test_what_is_held_is_counted_and_let_go_in_order_when_it_skips() -> None:
    made, listener = subscription()
    for word in ("entered", "read"):
        made.offer(Batch([other(word)]))
    assert listener.heard == []
    assert listener.held == sum(len(other(word).frame.wire) for word in ("entered", "read"))
    made.upto = 8
    made.take(Step.AHEAD)
    assert listener.heard == ["entered", "read"]
    assert listener.held == 0


def test_what_is_held_goes_with_who_closes() -> None:
    made, listener = subscription()
    made.offer(Batch([other("entered")]))
    made.take(Step.CLOSED)
    made.offer(Batch([*numbered(8), other("typed")]))
    assert listener.heard == []
    assert listener.held == 0
    assert made.closed


def test_what_cannot_be_held_is_dropped() -> None:
    class Full(Recorder):
        def hold(self, size: int, *, ephemeral: bool) -> bool:
            return not ephemeral

    listener = Full(ALICE, Plain())
    made = Subscription(listener, ROOM, placed=False)
    made.offer(Batch([other("typed", ephemeral=True)]))
    made.offer(Batch([other("read")]))
    made.take(Step.CAUGHT_UP)
    assert listener.heard == ["read"]


def test_a_room_left_and_entered_again_is_another_subscription() -> None:
    (one, listener), another = subscription(), subscription()[0]
    assert one != another
    assert one != Subscription(listener, ROOM, placed=False)
