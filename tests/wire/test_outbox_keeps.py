"""What is kept on purpose: answers for one write, paced ones, pushes before a gate that waits."""

import weakref

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.kernel import LIMIT, Desk, batch, of, working
from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch, Part
from trichat.runtime.subscription import Gate, Step
from trichat.wire.link import Taken, unnoticed
from trichat.wire.outbox import HARD_LIMIT

# -- gathered


async def test_gathered_answers_go_out_in_one_write_with_what_comes_next(desk: Desk) -> None:
    given: list[bytes] = []
    take = desk.link.write_now

    def write_now(wire: bytes | memoryview) -> int:
        given.append(bytes(wire))
        return take(wire)

    desk.link.write_now = write_now  # type: ignore[method-assign]
    desk.outbox.cork(b"first")
    desk.outbox.cork(b"second")
    assert given == []
    desk.put("push")
    desk.outbox.uncork()
    assert len(given) == 1
    assert desk.link.texts == ["first", "second", "push"]


@pytest.mark.parametrize("end", ["uncork", "seal"])
async def test_gathered_answers_that_nothing_follows_are_written_at_last(
    desk: Desk, end: str
) -> None:
    desk.outbox.cork(b"answer")
    getattr(desk.outbox, end)()
    assert desk.link.texts == ["answer"]


async def test_nothing_overtakes_gathered_answers(desk: Desk) -> None:
    desk.link.space = 0
    desk.put("before")
    desk.outbox.cork(b"gathered")
    desk.put("passing", ephemeral=True)
    desk.outbox.cork(b"again")
    desk.link.reads(None)
    await desk.outbox.answer_with_backpressure(b"paced")
    assert desk.link.texts == ["before", "gathered", "passing", "again", "paced"]


async def test_a_gathered_answer_is_not_dropped_with_a_passing_frame(desk: Desk) -> None:
    desk.link.space = 0
    desk.put(of(LIMIT // 2))
    desk.outbox.cork(b"gathered")
    desk.put("passing", ephemeral=True)
    desk.link.reads(None)
    await desk.outbox.flush()
    assert "gathered" in desk.link.texts


async def test_sealed_it_gathers_nothing(desk: Desk) -> None:
    desk.outbox.seal()
    desk.outbox.cork(b"late")
    desk.outbox.uncork()
    assert desk.link.texts == []


async def test_who_overflows_while_a_gate_waits_is_told_so_once_whatever_was_gathered() -> None:
    desk = Desk()
    desk.link.space = 0
    async with working(desk):
        desk.outbox.cork(of(HARD_LIMIT * LIMIT + 1).encode())
        desk.offer(of(HARD_LIMIT * LIMIT + 1))
        desk.offer("one more")
        desk.offer("and one")
        assert desk.said == ["overflow"]


# -- paced


async def test_a_paced_answer_waits_for_the_peer_and_counts_for_nothing(desk: Desk) -> None:
    desk.link.space = 0
    done = []

    async def history() -> None:
        for letter in "abc":
            await desk.outbox.answer_with_backpressure(of(3 * LIMIT, letter).encode())
            done.append(letter)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(history)
        await wait_all_tasks_blocked()
        assert (done, desk.outbox.waiting) == ([], 0)
        desk.put("live")
        desk.link.reads(3 * LIMIT)
        await wait_all_tasks_blocked()
        assert done == ["a"]
        desk.link.reads(None)
    assert [text[0] for text in desk.link.texts] == ["a", "l", "b", "c"]
    assert desk.said == []


async def test_a_busy_room_does_not_hold_a_paced_answer_back(
    autojump_clock: MockClock, desk: Desk
) -> None:
    """The outbox need not be empty for it: there may always be a push that came meanwhile."""
    write = desk.link.write

    async def in_a_busy_room(outgoing: Outgoing, taken: Taken = unnoticed) -> None:
        desk.put("push")
        await trio.sleep(0.001)
        await write(outgoing, taken)

    desk.link.write = in_a_busy_room  # type: ignore[method-assign]
    with trio.fail_after(1):
        await desk.outbox.answer_with_backpressure(b"answer")
    assert desk.link.texts[0] == "answer"


async def test_a_paced_answer_does_not_wait_for_a_peer_that_is_lost(desk: Desk) -> None:
    desk.link.lost = True
    with trio.fail_after(1):
        await desk.outbox.answer_with_backpressure(b"x")
        await desk.outbox.answer_with_backpressure(b"y")
    assert desk.said == ["lost"]


# -- holding


def let_go(desk: Desk) -> None:
    desk.gate.take(Step.CAUGHT_UP)


def told(desk: Desk, upto: int) -> None:
    """By history, which was further than what has been fanned out."""
    desk.gate.upto = upto
    desk.gate.take(Step.AHEAD)


async def test_pushes_wait_until_they_are_let_go_and_answers_do_not(desk: Desk) -> None:
    desk.offer("push")
    desk.outbox.answer(b"answer")
    desk.put("from another room")
    assert desk.link.texts == ["answer", "from another room"]
    assert desk.outbox.waiting == len(b"push") + 2
    let_go(desk)
    desk.offer("live")
    assert desk.link.texts == ["answer", "from another room", "push", "live"]
    assert desk.outbox.waiting == 0


async def test_of_what_history_has_told_nothing_comes_behind_it(desk: Desk) -> None:
    """What has a number does not even wait: the history has it, or it is told from the log."""
    desk.offer("4", seq=4)
    desk.offer("joined")
    desk.offer("5", seq=5)
    assert desk.outbox.waiting == len(b"joined") + 2
    told(desk, 5)
    desk.offer("6", seq=6)
    assert desk.link.texts == ["joined", "6"]


async def test_what_history_has_told_is_dropped_also_when_it_is_fanned_out_later(
    desk: Desk,
) -> None:
    """Committed and read, it may not have been delivered yet."""
    desk.offer("4", seq=4)
    told(desk, 6)
    desk.offer("5", seq=5)
    desk.offer("passing")
    numbered = {b"6": 6, b"so": None, b"7": 7}
    desk.gate.offer(Batch([Part(seq, frames.text(word)) for word, seq in numbered.items()]))
    desk.offer("8", seq=8)
    assert desk.link.texts == ["passing", "so", "7", "8"]


async def test_what_waits_with_numbered_ones_is_kept_without_them(desk: Desk) -> None:
    numbered = {b"6": 6, b"so": None, b"7": 7}
    desk.gate.offer(Batch([Part(seq, frames.text(word)) for word, seq in numbered.items()]))
    assert desk.outbox.waiting == len(b"so") + 2
    let_go(desk)
    assert (desk.link.texts, desk.outbox.waiting) == (["so"], 0)


async def test_what_is_held_is_bounded_too(desk: Desk) -> None:
    for _ in range(HARD_LIMIT):
        desk.offer(of(LIMIT, "a"))
    desk.offer("b")
    assert desk.said == []
    desk.offer("")
    assert desk.said == ["overflow"]
    desk.offer("too late")
    let_go(desk)
    assert desk.said == ["overflow"]
    assert (desk.link.texts, desk.outbox.waiting) == ([], 0)


async def test_what_waits_before_several_gates_counts_together(desk: Desk) -> None:
    other = Gate(desk.outbox)
    for _ in range(HARD_LIMIT // 2):
        desk.offer(of(LIMIT, "a"))
        other.offer(batch(of(LIMIT, "b")))
    desk.offer("c")
    assert desk.said == []
    other.offer(batch("d"))
    assert desk.said == ["overflow"]


async def test_an_answer_that_is_half_out_is_ended_however_much_is_held(desk: Desk) -> None:
    for _ in range(HARD_LIMIT + 1):
        desk.offer(of(LIMIT, "a"))
    desk.link.space = 1
    desk.outbox.answer(b"pong")
    assert (desk.link.wire, desk.said) == (b"\x81", [])
    desk.offer("too much")
    assert desk.said == ["overflow"]
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert desk.link.texts == ["pong"]


async def test_passing_frames_are_the_first_to_be_dropped_where_much_is_held(desk: Desk) -> None:
    desk.offer(of(LIMIT // 2 + 1, "a"))
    for _ in range(100):
        desk.offer(of(50), ephemeral=True)
    desk.offer(of(LIMIT // 2, "b"))
    let_go(desk)
    assert [text[:1] for text in desk.link.texts] == ["a", "b"]
    assert desk.said == []


async def test_what_is_let_go_into_a_full_kernel_is_kept(desk: Desk) -> None:
    desk.link.space = 3
    desk.offer(of(LIMIT // 2, "a"))
    desk.offer(of(LIMIT // 2, "b"))
    let_go(desk)
    await wait_all_tasks_blocked()
    assert desk.outbox.waiting == LIMIT - 3
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert [text[0] for text in desk.link.texts] == ["a", "b"]
    assert (desk.outbox.waiting, desk.said) == (0, [])


@pytest.mark.parametrize("end", ["seal", "end_pushes"])
async def test_whose_pushes_have_ended_nothing_is_held_for_and_nothing_let_go(
    desk: Desk, end: str
) -> None:
    desk.offer("held")
    getattr(desk.outbox, end)()
    waiting = desk.outbox.waiting
    desk.offer("too late")
    assert desk.outbox.waiting == waiting
    let_go(desk)
    assert (desk.link.texts, desk.outbox.waiting) == ([], 0)
    assert desk.said == []


async def test_of_what_was_held_in_a_room_that_is_left_nothing_comes_and_nothing_stays(
    desk: Desk,
) -> None:
    desk.gate.offer(Batch([part := Part(None, frames.text(b"held"))]))
    dropped = weakref.ref(part)
    del part
    assert dropped() is not None
    desk.gate.take(Step.CLOSED)
    assert dropped() is None
    desk.offer("too late")
    assert (desk.link.texts, desk.outbox.waiting) == ([], 0)
