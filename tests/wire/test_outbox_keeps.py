"""What an outbox keeps on purpose: answers for one write, paced ones, pushes on hold."""

import weakref

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.kernel import LIMIT, Desk, of, working
from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch, Part
from trichat.wire.link import Taken, unnoticed
from trichat.wire.outbox import MOST

# -- gathered


async def test_gathered_answers_go_out_in_one_write_with_what_comes_next(desk: Desk) -> None:
    given: list[bytes] = []
    take = desk.link.write_now

    def write_now(wire: bytes | memoryview) -> int:
        given.append(bytes(wire))
        return take(wire)

    desk.link.write_now = write_now  # type: ignore[method-assign]
    desk.outbox.gather(b"first")
    desk.outbox.gather(b"second")
    assert given == []
    desk.put("push")
    desk.outbox.write_gathered()
    assert len(given) == 1
    assert desk.link.texts == ["first", "second", "push"]


@pytest.mark.parametrize("end", ["write_gathered", "seal"])
async def test_gathered_answers_that_nothing_follows_are_written_at_last(
    desk: Desk, end: str
) -> None:
    desk.outbox.gather(b"answer")
    getattr(desk.outbox, end)()
    assert desk.link.texts == ["answer"]


async def test_nothing_overtakes_gathered_answers(desk: Desk) -> None:
    desk.link.space = 0
    desk.put("before")
    desk.outbox.gather(b"gathered")
    desk.put("passing", passing=True)
    desk.outbox.gather(b"again")
    desk.link.reads(None)
    await desk.outbox.answer_paced(b"paced")
    assert desk.link.texts == ["before", "gathered", "passing", "again", "paced"]


async def test_a_gathered_answer_is_not_dropped_with_a_passing_frame(desk: Desk) -> None:
    desk.link.space = 0
    desk.put(of(LIMIT // 2))
    desk.outbox.gather(b"gathered")
    desk.put("passing", passing=True)
    desk.link.reads(None)
    await desk.outbox.flush()
    assert "gathered" in desk.link.texts


async def test_sealed_it_gathers_nothing(desk: Desk) -> None:
    desk.outbox.seal()
    desk.outbox.gather(b"late")
    desk.outbox.write_gathered()
    assert desk.link.texts == []


async def test_who_overflows_on_hold_is_told_so_once_whatever_was_gathered() -> None:
    desk = Desk(held=True)
    desk.link.space = 0
    async with working(desk):
        desk.outbox.gather(of(MOST * LIMIT + 1).encode())
        desk.put(of(MOST * LIMIT + 1))
        desk.put("one more")
        assert desk.said == ["overflow"]


async def test_what_was_held_for_who_overflows_is_dropped_at_once() -> None:
    desk = Desk(held=True)
    frame = frames.text(of(MOST * LIMIT + 1).encode())
    desk.outbox.put(Batch([part := Part(1, frame)]))
    dropped = weakref.ref(part)
    del part
    assert dropped() is not None
    desk.put("one more")
    assert desk.said == ["overflow"]
    assert dropped() is None


# -- paced


async def test_a_paced_answer_waits_for_the_peer_and_counts_for_nothing(desk: Desk) -> None:
    desk.link.space = 0
    done = []

    async def history() -> None:
        for letter in "abc":
            await desk.outbox.answer_paced(of(3 * LIMIT, letter).encode())
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
        await desk.outbox.answer_paced(b"answer")
    assert desk.link.texts[0] == "answer"


async def test_a_paced_answer_does_not_wait_for_a_peer_that_is_lost(desk: Desk) -> None:
    desk.link.lost = True
    with trio.fail_after(1):
        await desk.outbox.answer_paced(b"x")
        await desk.outbox.answer_paced(b"y")
    assert desk.said == ["lost"]


# -- holding


async def test_pushes_wait_for_the_release_and_answers_do_not() -> None:
    desk = Desk(held=True)
    async with working(desk):
        desk.put("push")
        desk.outbox.answer(b"answer")
        assert desk.link.texts == ["answer"]
        desk.outbox.release()
        desk.put("live")
        assert desk.link.texts == ["answer", "push", "live"]
        assert desk.outbox.waiting == 0


async def test_a_release_drops_what_history_has_told() -> None:
    desk = Desk(held=True)
    async with working(desk):
        desk.put("4", seq=4)
        desk.put("joined")
        desk.put("5", seq=5)
        desk.put("6", seq=6)
        desk.outbox.release(5)
        assert desk.link.texts == ["joined", "6"]


async def test_what_history_has_told_is_dropped_also_when_it_comes_after_the_release() -> None:
    """Committed and read, it may not have been delivered yet."""
    desk = Desk(held=True)
    async with working(desk):
        desk.put("4", seq=4)
        desk.outbox.release(6)
        desk.put("5", seq=5)
        desk.put("passing")
        numbered = {b"6": 6, b"so": None, b"7": 7}
        desk.outbox.put(Batch([Part(seq, frames.text(word)) for word, seq in numbered.items()]))
        desk.put("8", seq=8)
        assert desk.link.texts == ["passing", "so", "7", "8"]


async def test_what_is_held_is_bounded_too() -> None:
    desk = Desk(held=True)
    async with working(desk):
        for _ in range(MOST):
            desk.put(of(LIMIT, "a"))
        desk.put("b")
        assert desk.said == []
        desk.put("")
        assert desk.said == ["overflow"]
        desk.outbox.release()
        assert desk.link.texts == []


async def test_an_answer_that_is_half_out_is_ended_however_much_is_held() -> None:
    desk = Desk(held=True)
    async with working(desk):
        for _ in range(MOST + 1):
            desk.put(of(LIMIT, "a"))
        desk.link.space = 1
        desk.outbox.answer(b"pong")
        assert (desk.link.wire, desk.said) == (b"\x81", [])
        desk.put("too much")
        assert desk.said == ["overflow"]
        desk.link.reads(None)
        await wait_all_tasks_blocked()
        assert desk.link.texts == ["pong"]


async def test_passing_frames_are_the_first_to_be_dropped_from_a_hold() -> None:
    desk = Desk(held=True)
    async with working(desk):
        desk.put(of(LIMIT // 2 + 1, "a"))
        for _ in range(100):
            desk.put(of(50), passing=True)
        desk.put(of(LIMIT // 2, "b"))
        desk.outbox.release()
        assert [text[:1] for text in desk.link.texts] == ["a", "b"]
        assert desk.said == []


async def test_a_release_into_a_full_kernel_keeps_everything() -> None:
    desk = Desk(held=True)
    async with working(desk):
        desk.link.space = 3
        desk.put(of(LIMIT // 2, "a"), seq=1)
        desk.put(of(LIMIT // 2, "b"), seq=2)
        desk.outbox.release()
        await wait_all_tasks_blocked()
        desk.link.reads(None)
        await wait_all_tasks_blocked()
        assert [text[0] for text in desk.link.texts] == ["a", "b"]
        assert (desk.outbox.waiting, desk.said) == (0, [])
