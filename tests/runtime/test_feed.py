"""A room's stream: order, one encode per dialect, one put per listener, and who is meant."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import trio.lowlevel
import trio.testing
from attrs import evolve

from tests.core.cast import ALICE, BOB, CAROL, NOW, room
from tests.rounds import Rounds, rounds
from tests.runtime.listeners import Plain, Recorder, plainly
from tests.runtime.staging import ROOM, Stage, said
from trichat.core import events as e
from trichat.core.model import Kind
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Push
from trichat.runtime.audience import Group, Row
from trichat.runtime.fanout import WRITES_PER_STEP, WRITES_PER_YIELD, YIELD_AFTER
from trichat.runtime.listener import Batch


async def test_a_batch_is_encoded_once_per_dialect_and_put_once_per_listener(
    nursery: trio.Nursery,
) -> None:
    one, two = Plain("one"), Plain("two")
    stage = Stage(nursery, one, two)
    listeners = [stage.listener(user, dialect) for user in (ALICE, BOB) for dialect in (one, two)]
    await stage.deliver(said(1, "a"), said(2, "b"), said(3, "c"))
    for listener in listeners:
        assert listener.heard == ["said 1 a", "said 2 b", "said 3 c"]
        (batch,) = listener.batches
        assert [part.seq for part in batch.parts] == [1, 2, 3]
    assert (one.encoded, two.encoded) == (3, 3)
    assert listeners[0].batches[0] is listeners[2].batches[0]


async def test_nothing_is_encoded_for_a_dialect_that_nobody_listens_in(
    nursery: trio.Nursery,
) -> None:
    one, two = Plain("one"), Plain("two")
    stage = Stage(nursery, one, two)
    stage.listener(ALICE, one)
    await stage.deliver(said(1))
    assert two.encoded == 0
    await stage.deliver()
    assert one.encoded == 1


async def test_who_is_elsewhere_hears_nothing(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    listener = stage.listener(ALICE, here=False)
    await stage.deliver(said(1))
    assert listener.heard == []


async def test_without_only_and_anywhere(nursery: trio.Nursery) -> None:
    def encode(event: e.Event) -> Iterable[Push]:
        yield Push(b"all")
        yield Push(b"not alice", without=ALICE.id)
        yield Push(b"bob here", only=frozenset({BOB.id}))
        everywhere = frozenset({BOB.id, CAROL.id})
        yield Push(b"both anywhere", only=everywhere, anywhere=True)

    stage = Stage(nursery, Plain(encode=encode))
    alice, bob = stage.listener(ALICE), stage.listener(BOB)
    absent, carol = stage.listener(BOB, here=False), stage.listener(CAROL, here=False)
    await stage.deliver(said(1, notified=(BOB, CAROL)))
    assert alice.heard == ["all"]
    assert bob.heard == ["all", "not alice", "bob here", "both anywhere"]
    assert absent.heard == carol.heard == ["both anywhere"]


async def test_anywhere_stays_within_its_dialect(nursery: trio.Nursery) -> None:
    def encode(event: e.Event) -> Iterable[Push]:
        yield Push(b"you", only=frozenset({BOB.id}), anywhere=True)

    one, two = Plain("one", encode), Plain("two", lambda event: ())
    stage = Stage(nursery, one, two)
    bobs = stage.listener(BOB, one, here=False), stage.listener(BOB, two, here=False)
    await stage.deliver(said(1, notified=(BOB,)))
    assert [bob.heard for bob in bobs] == [["you"], []]


async def test_an_encoder_that_raises_hurts_its_dialect_alone(
    nursery: trio.Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: e.Event) -> Iterable[Push]:
        if isinstance(event, e.Said) and event.seq == 2:
            raise RuntimeError("broken")
        return plainly(event)

    one, two = Plain("one", broken), Plain("two")
    stage = Stage(nursery, one, two)
    in_one, in_two = stage.listener(ALICE, one), stage.listener(ALICE, two)
    await stage.deliver(said(1), said(2), said(3))
    assert in_one.heard == ["said 1 hi", "said 3 hi"]
    assert in_two.heard == ["said 1 hi", "said 2 hi", "said 3 hi"]
    assert "one cannot encode Said" in caplog.text


async def test_a_listener_that_raises_costs_nobody_else_a_frame(
    nursery: trio.Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Recorder):
        def put(self, batch: Batch) -> None:
            raise RuntimeError("broken")

    stage = Stage(nursery)
    first = stage.listener(ALICE)
    failing = Failing(BOB, stage.dialects[0], feeds=stage.feeds)
    stage.connections.connect(failing)
    failing.enter(ROOM)
    last = stage.listener(CAROL)
    await stage.deliver(said(1))
    await stage.add(e.Typed(ROOM, ALICE, NOW, True))
    stage.notices.notify(e.StatusChanged(ALICE, NOW, True), [first, failing, last])
    for listener in (first, last):
        assert listener.heard == ["said 1 hi", "typed alice True", "statuschanged alice True"]
    assert set(failing.causes) == {DisconnectReason.FAILED}


async def test_who_is_admitted_hears_that_and_what_follows(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    stage.listener(ALICE)
    bob = stage.listener(BOB, here=False, follows=True)
    await stage.deliver(
        said(1, "before"), e.Admitted(ROOM, BOB, ALICE, seq=2, at=NOW), said(3, "after")
    )
    assert bob.heard == ["admitted 2 bob", "said 3 after"]


async def test_who_left_hears_what_was_before_and_no_more(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    alice = stage.listener(ALICE)
    bob = stage.listener(BOB, follows=True)
    await stage.deliver(said(1, "before"), e.Left(ROOM, BOB, BOB, seq=2, at=NOW), said(3, "after"))
    assert bob.heard == ["said 1 before"]
    assert alice.heard == ["said 1 before", "left 2 bob", "said 3 after"]


async def test_who_leaves_and_comes_back_in_one_batch_is_there_again(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    bob = stage.listener(BOB, follows=True)
    await stage.deliver(
        e.Left(ROOM, BOB, BOB, seq=1, at=NOW),
        said(2),
        e.Admitted(ROOM, BOB, BOB, seq=3, at=NOW),
        said(4),
    )
    assert bob.heard == ["admitted 3 bob", "said 4 hi"]
    assert bob.changes == ["expelled the room", "admitted the room", "put out of the room"]


async def test_a_large_audience_is_told_in_chunks(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    listeners = [stage.listener(ALICE) for _ in range(2 * WRITES_PER_YIELD + 10)]
    with trio.testing.assert_checkpoints():
        await stage.deliver(said(1))
    assert all(listener.heard == ["said 1 hi"] for listener in listeners)


class Slow(Recorder):
    """Each put takes a while: a long frame, into buffers that are nearly full."""

    def __init__(self, clock: trio.testing.MockClock, counting: Rounds, stage: Stage) -> None:
        super().__init__(ALICE, stage.dialects[0], feeds=stage.feeds)
        self._clock, self._counting = clock, counting

    def put(self, batch: Batch) -> None:
        self._clock.jump(0.4 * YIELD_AFTER)
        self._counting.happened()


async def test_where_a_put_takes_long_the_chunks_are_short(
    nursery: trio.Nursery, mock_clock: trio.testing.MockClock
) -> None:
    stage = Stage(nursery)
    with rounds() as counting:
        listeners = [Slow(mock_clock, counting, stage) for _ in range(WRITES_PER_YIELD)]
        for listener in listeners:
            listener.enter(ROOM)
        await stage.deliver(said(1))
        assert counting.in_each.total() == WRITES_PER_YIELD
        assert (
            counting.most == 2 * WRITES_PER_STEP
        )  # the first ones in a room are told without a look


async def test_of_puts_that_take_long_few_are_in_one_round(
    nursery: trio.Nursery, mock_clock: trio.testing.MockClock
) -> None:
    stage, batch = Stage(nursery), Batch([])
    with rounds() as counting:
        listeners = [Slow(mock_clock, counting, stage) for _ in range(10)]
        await stage.notices.notify_each((listener, batch) for listener in listeners)
    assert (counting.in_each.total(), counting.most) == (10, 3)


async def test_who_leaves_between_two_chunks_gets_nothing_more(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    listeners = [stage.listener(ALICE) for _ in range(WRITES_PER_YIELD)]
    last = stage.listener(BOB)

    class Leaver(Recorder):
        def put(self, batch: Batch) -> None:
            last.leave(ROOM)

    leaver = Leaver(CAROL, stage.dialects[0], feeds=stage.feeds)
    last.leave(ROOM)
    leaver.enter(ROOM)
    last.enter(ROOM)
    await stage.deliver(said(1))
    assert last.heard == []
    assert all(listener.heard for listener in listeners)


async def test_passing_frames_are_marked_and_have_no_number(nursery: trio.Nursery) -> None:
    stage = Stage(nursery)
    alice = stage.listener(ALICE)
    await stage.add(e.Typed(ROOM, BOB, NOW, True))
    await stage.add(e.Entered(ROOM, BOB, NOW, "plain", True))
    typed, entered = alice.batches
    assert (typed.ephemeral, entered.ephemeral) == (True, False)
    assert [part.seq for part in typed.parts] == [None]
    await stage.add(e.Typed(ROOM, BOB, NOW, True), where=evolve(ROOM, id=99))
    assert len(alice.batches) == 2


@pytest.mark.parametrize(
    ("kind", "told"), [(Kind.PUBLIC, {"bob", "carol"}), (Kind.PRIVATE, {"bob"}), (Kind.DIRECT, ())]
)
async def test_a_new_room_is_told_to_whom_it_concerns(
    nursery: trio.Nursery, kind: Kind, told: Iterable[str]
) -> None:
    stage = Stage(nursery)
    listeners = [stage.listener(user, here=False) for user in (ALICE, BOB, CAROL)]
    opened = e.RoomOpened(room(kind), ALICE, NOW)
    await stage.notices.opened(opened, {ALICE.id, BOB.id})
    heard = {listener.user.username for listener in listeners if listener.heard}
    assert heard == set(told)


def changed(number: int, **fields: Any) -> e.RoomChanged:
    room = evolve(ROOM, **fields)
    return e.RoomChanged(room, ALICE, fields, seq=number, at=NOW + number)


async def test_a_room_that_changed_is_another_for_everyone_who_is_in_it(
    nursery: trio.Nursery,
) -> None:
    stage = Stage(nursery)
    bob, rooms = stage.listener(BOB), stage.changed
    await stage.deliver(said(1), changed(2, title="new"), said(3))
    assert [room.title for room in rooms] == ["new"]
    carol = stage.listener(CAROL)
    audience = stage.audiences.of(ROOM.id)
    assert audience is not None
    kept = [audience.room, stage.feed.room]
    kept += [each.subscriptions[ROOM.id].room for each in (bob, carol)]
    assert {room.title for room in kept} == {"new"}


def mentioning(event: e.Event) -> Iterable[Push]:
    yield from plainly(event)
    if isinstance(event, e.Said) and event.notified:
        named = frozenset(user.id for user in event.notified)
        yield Push(f"mention {event.seq}".encode(), only=named, anywhere=True)


async def _while_told(stage: Stage, *events: e.Said) -> None:
    """The first of these is being fanned out to many."""
    for _ in range(3 * WRITES_PER_YIELD):
        stage.listener(ALICE)
    stage.log.commit(*events)
    stage.feed.publish(events)
    stage.feed.draining.wake()
    while stage.feed._delivery.delivered < events[0].seq:
        await trio.lowlevel.checkpoint()


async def test_what_a_log_has_told_to_who_resumes_is_not_told_as_a_mention_again(
    nursery: trio.Nursery,
) -> None:
    stage = Stage(nursery, Plain(encode=mentioning))
    bob = stage.listener(BOB, here=False)
    plain = stage.listener(BOB, here=False)
    await _while_told(stage, said(1, notified=(CAROL,)), said(2, notified=(BOB,)))
    subscription = bob.enter(ROOM, waiting=True, placed=True)
    assert stage.feed.reached(subscription, 2)  # by the log, the mention included
    plain.enter(ROOM)
    await trio.testing.wait_all_tasks_blocked()
    assert bob.heard == []
    assert plain.heard == ["mention 2"]


async def test_who_leaves_before_their_turn_has_their_mention_all_the_same(
    nursery: trio.Nursery,
) -> None:
    stage = Stage(nursery, Plain(encode=mentioning))
    bobs = [stage.listener(BOB) for _ in range(2)]
    await _while_told(stage, said(1, notified=(BOB,)))
    bobs[0].leave(ROOM)
    await trio.testing.wait_all_tasks_blocked()
    assert [bob.heard[-1] for bob in bobs] == ["mention 1", "mention 1"]
    assert [bob.heard.count("mention 1") for bob in bobs] == [1, 1]


async def test_while_a_log_is_read_what_is_there_already_is_told(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    stage = Stage(nursery)
    bob = stage.listener(BOB)
    stage.log.slow = 60.0
    stage.feed.suspect()
    await trio.sleep(1)
    await stage.deliver(said(1))
    stage.feeds.add(ROOM, e.Typed(ROOM, ALICE, NOW, True))
    await trio.sleep(1)
    assert bob.heard == ["said 1 hi", "typed alice True"]
    await trio.sleep(60)
    assert not stage.feed.draining.busy


async def test_a_crowd_that_comes_while_many_are_told_costs_no_row_of_slots_for_each(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, rows = Stage(nursery), 0
    make: Callable[[Group], Row] = Group.row.fget  # type: ignore[attr-defined]

    def row(group: Group) -> Row:
        nonlocal rows
        rows += 1
        return make(group)

    monkeypatch.setattr(Group, "row", property(row))
    await _while_told(stage, said(1))
    while stage.feed.draining.busy:
        stage.listener(BOB)
        await trio.lowlevel.checkpoint()
    assert rows == 1


async def test_a_dialect_may_tell_of_those_alone_who_come_by_it(nursery: trio.Nursery) -> None:
    """What it said of another dialect's is not taken for its own."""

    def own(event: e.Event) -> Iterable[Push]:
        return plainly(event) if isinstance(event, e.Entered) and event.dialect == "own" else ()

    stage = Stage(nursery, Plain("own", own), Plain("other", lambda event: ()))
    hears = stage.listener(ALICE)
    stage.listener(BOB, stage.dialects[1], here=False).enter(ROOM, asked=True)
    stage.listener(CAROL, here=False).enter(ROOM, asked=True)
    await trio.testing.wait_all_tasks_blocked()
    assert hears.heard == ["entered carol"]


async def test_a_coming_that_no_dialect_has_a_frame_for_wakes_nobody(
    nursery: trio.Nursery,
) -> None:
    silent = Plain("silent", lambda event: ())
    stage = Stage(nursery, silent, Plain())
    stage.listener(ALICE, silent)
    bobs = [stage.listener(BOB, silent, here=False) for _ in range(2)]
    bobs[0].enter(ROOM, asked=True)
    busy = [stage.feed.draining.busy]
    bobs[0].leave(ROOM)
    hears = stage.listener(CAROL, stage.dialects[1])
    bobs[0].enter(ROOM, asked=True)
    busy.append(stage.feed.draining.busy)
    bobs[1].enter(ROOM, asked=True)
    await trio.testing.wait_all_tasks_blocked()
    assert busy == [False, True]
    assert hears.heard == ["entered bob"]
