"""The outbox: order whatever the kernel takes, bounds in bytes, and the end."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.kernel import LIMIT, Desk, of, working
from trichat.runtime import frames
from trichat.runtime.listener import Batch, Part
from trichat.wire.outbox import HARD_LIMIT, JOINED, PATIENCE

# -- order


async def test_what_the_kernel_takes_is_written_in_the_producers_step(desk: Desk) -> None:
    desk.put("a", "b")
    desk.outbox.answer(b"c")
    assert desk.link.texts == ["a", "b", "c"]
    assert desk.link.writes == 0


@pytest.mark.parametrize("taken", range(12))
async def test_a_frame_half_out_is_ended_before_the_next_one(desk: Desk, taken: int) -> None:
    """Whichever byte it stops at."""
    desk.link.space = taken
    desk.put("aaaa")
    desk.put("bbbb")
    desk.outbox.answer(b"cccc")
    await wait_all_tasks_blocked()
    desk.outbox.answer_frame(frames.text(b"dddd"))  # while the writer waits
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    desk.put("eeee")
    assert desk.link.texts == ["aaaa", "bbbb", "cccc", "dddd", "eeee"]


async def test_what_waits_goes_out_in_one_write(desk: Desk) -> None:
    desk.link.space = 0
    for number in range(50):
        desk.put(str(number))
    await wait_all_tasks_blocked()
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert desk.link.texts == [str(number) for number in range(50)]
    assert desk.link.writes == 1


async def test_nothing_overtakes_what_is_queued_for_a_writer_that_has_not_begun(desk: Desk) -> None:
    desk.link.space = 1
    desk.put("first")
    desk.link.space = None  # the peer reads, the writer has not run yet
    desk.put("second")
    await wait_all_tasks_blocked()
    assert desk.link.texts == ["first", "second"]


# -- bounds


@pytest.mark.promise("all-23")
async def test_a_frame_of_any_size_may_wait_while_no_more_than_the_limit_waits_before_it(
    clock: MockClock,
) -> None:
    desk = Desk()
    async with working(desk):
        desk.link.space = 0
        desk.put(of(LIMIT, "a"))
        desk.put(of(50 * LIMIT, "b"))
        await trio.sleep(PATIENCE + 1)
        assert desk.said == []
        desk.link.reads(None)
        await wait_all_tasks_blocked()
        assert [len(text) for text in desk.link.texts] == [LIMIT - 4, 50 * LIMIT - 4]


@pytest.mark.promise("all-23")
async def test_who_has_more_waiting_than_the_limit_and_takes_nothing_is_ended(
    clock: MockClock,
) -> None:
    desk = Desk()
    async with working(desk):
        desk.link.space = 0
        desk.put(of(LIMIT, "a"))
        desk.put("b")
        await trio.sleep(PATIENCE)
        desk.put("c")
        assert desk.said == []
        await trio.sleep(0.01)
        desk.put("d")
        assert desk.said == ["overflow"]
        desk.put("too late")
        assert desk.said == ["overflow"]


@pytest.mark.promise("all-23")
async def test_who_has_just_the_limit_waiting_is_not(clock: MockClock) -> None:
    desk = Desk()
    async with working(desk):
        desk.link.space = 0
        desk.put(of(LIMIT, "a"))
        await trio.sleep(2 * PATIENCE)
        desk.put("b")
        assert desk.said == []
        desk.put("c")
        assert desk.said == ["overflow"]


@pytest.mark.promise("all-23")
async def test_a_byte_that_is_taken_is_time_won(clock: MockClock) -> None:
    desk = Desk()
    async with working(desk):
        desk.link.space = 0
        desk.put(of(2 * LIMIT, "a"))
        for _ in range(5):
            await trio.sleep(PATIENCE)
            desk.link.reads(1)
            await wait_all_tasks_blocked()
        desk.put("b")
        assert desk.said == []
        await trio.sleep(PATIENCE + 0.01)
        desk.put("c")
        assert desk.said == ["overflow"]


@pytest.mark.promise("all-23")
async def test_who_reads_what_our_kernel_holds_is_not_ended(clock: MockClock) -> None:
    """Ours asks for more only when much of its buffer is free: what theirs confirms counts too."""
    desk = Desk()
    async with working(desk):
        desk.link.space = 0
        desk.put(of(2 * LIMIT, "a"))
        for _ in range(5):
            await trio.sleep(PATIENCE + 0.01)
            desk.link.confirmed += 1
            desk.put("b")
            assert desk.said == []
        await trio.sleep(PATIENCE + 0.01)
        desk.put("c")
        assert desk.said == ["overflow"]


@pytest.mark.promise("all-23")
async def test_so_many_times_the_limit_never_waits_whatever_is_taken(clock: MockClock) -> None:
    desk = Desk()
    async with working(desk):
        desk.link.space = 10
        for _ in range(HARD_LIMIT):
            desk.put(of(LIMIT, "a"))
        desk.put(of(20, "b"))
        assert (desk.said, desk.outbox.waiting) == ([], HARD_LIMIT * LIMIT + 10)
        desk.put("c")
        assert desk.said == ["overflow"]


async def test_what_was_written_waits_no_more(desk: Desk) -> None:
    for letter in "abc":
        desk.link.space = 0
        desk.put(of(LIMIT, letter))
        await wait_all_tasks_blocked()
        assert desk.outbox.waiting == LIMIT
        desk.link.reads(None)
        await wait_all_tasks_blocked()
        assert desk.outbox.waiting == 0
    assert [text[0] for text in desk.link.texts] == ["a", "b", "c"]
    assert desk.said == []


async def test_passing_frames_are_dropped_when_more_than_half_of_the_bound_waits(
    desk: Desk,
) -> None:
    desk.link.space = 0
    desk.put(of(LIMIT // 2, "a"))
    desk.put(of(10, "t"), ephemeral=True)
    desk.put(of(2), ephemeral=True)
    desk.put(of(LIMIT // 2, "b"))
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert [text[:1] for text in desk.link.texts] == ["a", "t", "b"]
    assert desk.said == []


async def test_a_passing_frame_half_out_is_not_dropped(desk: Desk) -> None:
    desk.link.space = 1
    desk.put(of(LIMIT, "t"), ephemeral=True)
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert len(desk.link.texts) == 1


async def test_who_overflows_reads_whole_frames_to_the_end(desk: Desk) -> None:
    """A close frame comes after it, and is one only behind a whole frame."""
    desk.link.space = 5
    desk.put("begun and not ended")
    desk.put(of(HARD_LIMIT * LIMIT))
    desk.put("one too many")
    assert desk.said == ["overflow"]
    desk.link.reads(None)
    await desk.outbox.flush()
    assert desk.link.texts == ["begun and not ended"]


@pytest.mark.promise("all-23")
async def test_a_long_queue_is_written_some_at_a_time_and_a_long_frame_as_it_is() -> None:
    """Who is sent the same long frame shares its bytes: nothing of it is copied."""
    desk = Desk(limit=10 * JOINED)
    long = Batch([Part(None, frames.text(b"l" * (3 * JOINED)))])
    async with working(desk):
        desk.link.space = 0
        desk.put(of(JOINED // 2, "a"))
        desk.put(of(JOINED // 2, "b"))
        desk.outbox.put(long)
        desk.put("c")
        await wait_all_tasks_blocked()
        desk.link.reads(None)
        await wait_all_tasks_blocked()
        assert [text[0] for text in desk.link.texts] == ["a", "b", "l", "c"]
        assert desk.link.given[1] is long.joined.wire


# -- the end


async def test_sealed_it_takes_nothing_and_writes_what_it_has(desk: Desk) -> None:
    desk.link.space = 2
    desk.put("queued")
    desk.outbox.seal()
    desk.put("late")
    desk.outbox.answer(b"late")
    await desk.outbox.answer_with_backpressure(b"late")
    desk.link.reads(None)
    await desk.outbox.flush()
    assert desk.link.texts == ["queued"]


async def test_its_writer_ends_when_it_is_sealed_and_empty() -> None:
    desk = Desk()
    with trio.fail_after(1):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(desk.outbox.run)
            await wait_all_tasks_blocked()
            desk.outbox.seal()


@pytest.mark.parametrize("within", ["producer", "writer"])
async def test_a_lost_peer_is_told_of_once_and_what_waits_is_dropped(
    desk: Desk, within: str
) -> None:
    if within == "writer":
        desk.link.space = 1
        desk.put("waits")
        await wait_all_tasks_blocked()
    desk.link.lost = True
    desk.put("x")
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert desk.said == ["lost"]
    with trio.fail_after(1):
        await desk.outbox.flush()


async def test_no_writer_begins_before_something_has_to_wait() -> None:
    desk = Desk()
    begun: list[str] = []
    desk.outbox.open(lambda: begun.append("writer"))
    desk.put("a")
    await desk.outbox.answer_with_backpressure(b"b")
    assert (desk.link.texts, begun) == (["a", "b"], [])
    desk.link.space = 0
    desk.put("c")
    desk.put("d")
    assert begun == ["writer"]


async def test_what_waited_before_there_was_a_writer_is_written() -> None:
    desk = Desk()
    desk.link.space = 1
    desk.put("early")
    async with trio.open_nursery() as nursery:
        desk.outbox.open(lambda: nursery.start_soon(desk.outbox.run))
        desk.link.reads(None)
        with trio.fail_after(1):
            await desk.outbox.flush()
        desk.outbox.seal()
    assert desk.link.texts == ["early"]
