"""The outbox: order whatever the kernel takes, bounds in bytes, holds, and the end."""

import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from trichat.runtime import frames
from trichat.runtime.frames import Outgoing
from trichat.runtime.listener import Batch, Part
from trichat.wire.link import Closed, LinkLostError, Received
from trichat.wire.outbox import Outbox

LIMIT = 1000


class Kernel:
    """A link whose kernel takes `space` bytes and then waits for the peer; None: any number.

    wire: what it took, as the peer reads it. writes: how many it was given to wait for.
    """

    pings = True
    window = None

    def __init__(self) -> None:
        self.space: int | None = None
        self.wire = b""
        self.writes = 0
        self.lost = False
        self._room = trio.Event()

    @property
    def texts(self) -> list[str]:
        """The whole frames that reached the peer."""
        texts, rest = [], self.wire
        while rest:
            size, head = rest[1], 2
            if size == 126:
                size, head = int.from_bytes(rest[2:4], "big"), 4
            assert len(rest) >= head + size, "a frame is cut off"
            assert rest[0] == 0x81, "a frame begins within another"
            texts.append(rest[head : head + size].decode())
            rest = rest[head + size :]
        return texts

    def reads(self, count: int | None) -> None:
        """The peer reads so many bytes, or from now on all of them."""
        self.space = count
        self._room.set()

    def write_now(self, wire: bytes) -> int:
        if self.lost:
            raise LinkLostError("gone")
        taken = len(wire) if self.space is None else min(self.space, len(wire))
        self.wire += wire[:taken]
        if self.space is not None:
            self.space -= taken
        return taken

    async def write(self, outgoing: Outgoing) -> None:
        self.writes += 1
        wire = outgoing.wire
        while wire := wire[self.write_now(wire) :]:
            self._room = trio.Event()
            await self._room.wait()
        await trio.lowlevel.checkpoint()

    async def receive(self) -> Received:
        return Closed(1006)

    async def close(self, code: int, reason: str = "") -> None: ...

    def abort(self) -> None: ...


class Desk:
    """An outbox at work. said: what it told its session."""

    def __init__(self, *, held: bool = False) -> None:
        self.link = Kernel()
        self.said: list[str] = []
        self.outbox = Outbox(
            self.link,
            LIMIT,
            on_lost=lambda: self.said.append("lost"),
            on_overflow=lambda: self.said.append("overflow"),
        )
        if not held:
            self.outbox.release()

    def put(self, *words: str, seq: int | None = None, passing: bool = False) -> None:
        self.outbox.put(Batch([Part(seq, frames.text(w.encode()), passing) for w in words]))


@asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.outbox.run)
        await wait_all_tasks_blocked()
        yield
        nursery.cancel_scope.cancel()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    async with working(desk):
        yield desk


def of(size: int, letter: str = "x") -> str:
    """A text whose frame has so many bytes."""
    return letter * (size - (2 if size < 128 else 4))


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


async def test_as_much_may_wait_as_the_limit_says_and_not_a_byte_more(desk: Desk) -> None:
    desk.link.space = 0
    desk.put(of(LIMIT // 2, "a"))
    await wait_all_tasks_blocked()  # the writer has it now, and it counts still
    desk.put(of(LIMIT // 2, "b"))
    assert desk.said == []
    desk.put("")
    assert desk.said == ["overflow"]
    desk.put("too late")
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


async def test_passing_frames_are_dropped_when_half_of_the_bound_waits(desk: Desk) -> None:
    desk.link.space = 0
    desk.put(of(LIMIT // 2 - 10, "a"))
    desk.put(of(10, "t"), passing=True)
    desk.put(of(2), passing=True)
    desk.put(of(LIMIT // 2, "b"))
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert [text[:1] for text in desk.link.texts] == ["a", "t", "b"]
    assert desk.said == []


async def test_a_passing_frame_half_out_is_not_dropped(desk: Desk) -> None:
    desk.link.space = 1
    desk.put(of(LIMIT, "t"), passing=True)
    desk.link.reads(None)
    await wait_all_tasks_blocked()
    assert len(desk.link.texts) == 1


async def test_who_overflows_reads_whole_frames_to_the_end(desk: Desk) -> None:
    """A close frame comes after it, and is one only behind a whole frame."""
    desk.link.space = 5
    desk.put("begun and not ended")
    desk.put(of(LIMIT))
    assert desk.said == ["overflow"]
    desk.link.reads(None)
    await desk.outbox.flush()
    assert desk.link.texts == ["begun and not ended"]


async def test_one_batch_that_is_too_long_by_itself_overflows_between_frames(desk: Desk) -> None:
    desk.link.space = 5
    desk.put("begun", of(LIMIT))
    assert desk.said == ["overflow"]
    desk.link.reads(None)
    await desk.outbox.flush()
    assert desk.link.texts[0] == "begun"


# -- gathered


async def test_gathered_answers_go_out_in_one_write_with_what_comes_next(desk: Desk) -> None:
    given: list[bytes] = []
    take = desk.link.write_now

    def write_now(wire: bytes) -> int:
        given.append(wire)
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
        desk.outbox.gather(of(LIMIT + 1).encode())
        desk.put(of(LIMIT + 1))
        assert desk.said == ["overflow"]


async def test_what_was_held_for_who_overflows_is_dropped_at_once() -> None:
    desk = Desk(held=True)
    frame = frames.text(of(LIMIT).encode())
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

    async def in_a_busy_room(outgoing: Outgoing) -> None:
        desk.put("push")
        await trio.sleep(0.001)
        await write(outgoing)

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
        desk.put(of(LIMIT, "a"))
        assert desk.said == []
        desk.put("")
        assert desk.said == ["overflow"]
        desk.outbox.release()
        assert desk.link.texts == []


async def test_passing_frames_are_the_first_to_be_dropped_from_a_hold() -> None:
    desk = Desk(held=True)
    async with working(desk):
        desk.put(of(LIMIT // 2, "a"))
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


# -- the end


async def test_sealed_it_takes_nothing_and_writes_what_it_has(desk: Desk) -> None:
    desk.link.space = 2
    desk.put("queued")
    desk.outbox.seal()
    desk.put("late")
    desk.outbox.answer(b"late")
    await desk.outbox.answer_paced(b"late")
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
    await desk.outbox.answer_paced(b"b")
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
