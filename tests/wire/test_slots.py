"""A fan-out by slots over real sockets: the same bytes in the same order as by puts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked

from tests.core.cast import BOB
from tests.runtime.listeners import Recorder
from tests.wire.client import Client
from tests.wire.kernel import LIMIT, Desk, of
from tests.wire.linked import linked
from tests.wire.seats import PLAIN, Hall, Seat, hears, seated
from trichat.dialects.port import Push
from trichat.runtime import frames
from trichat.runtime.fanout import WRITES_PER_YIELD
from trichat.wire.direct import DirectLink, LinkLimits


async def test_who_waits_for_nothing_is_written_to_directly() -> None:
    async with seated() as (hall, seat, peer):
        hall.say("one", "two")
        hall.say("three")
        assert await hears(peer, 3) == ["one", "two", "three"]
        assert seat.went == []


async def test_what_the_kernel_did_not_take_follows_and_closes_the_slot() -> None:
    async with seated() as (hall, seat, peer):
        big = "x" * 3_000_000
        hall.say(big)
        assert seat.went == ["rest"]
        assert seat.slot.descriptor is None
        hall.say("after")
        assert seat.went == ["rest", "put"]
        assert await hears(peer, 2) == [big, "after"]
        await wait_all_tasks_blocked()
        hall.say("directly again")
        assert await hears(peer, 1) == ["directly again"]
        assert seat.went == ["rest", "put"]


async def test_of_a_passing_frame_that_has_begun_all_follows() -> None:
    """Otherwise the next frame would begin within it."""
    async with seated(limit=4_000_000) as (hall, seat, peer):
        big = "x" * 3_000_000  # more than half of the limit: as a put it would be dropped
        hall.tell(Push(big.encode(), ephemeral=True))
        assert seat.went == ["rest"]
        hall.say("after")
        assert await hears(peer, 2) == [big, "after"]


async def test_a_full_kernel_takes_nothing_and_all_is_queued() -> None:
    async with seated() as (hall, seat, peer):
        words = [f"{number:04d}" + "x" * 4000 for number in range(1000)]
        for word in words:
            hall.say(word)
        assert seat.went.count("put") > 100
        assert await hears(peer, 1000) == words


async def test_who_is_gone_is_lost_once() -> None:
    async with seated() as (hall, seat, peer):
        peer.drop()
        for _ in range(3):
            hall.say("x")
            await wait_all_tasks_blocked(0.01)
        assert seat.lost == 1
        assert seat.slot.descriptor is None


@pytest.mark.parametrize("state", ["queued", "gathered", "sealed", "no pushes", "lost"])
async def test_whom_a_put_would_not_write_to_as_it_is_has_no_clear_slot(state: str) -> None:
    async with seated() as (_, seat, peer):
        outbox = seat.outbox
        assert seat.slot.descriptor is not None
        if state == "queued":
            outbox.answer(b"x" * 3_000_000)
        elif state == "gathered":
            outbox.cork(b"x")
        elif state == "sealed":
            outbox.seal()
        elif state == "no pushes":
            outbox.end_pushes()
        elif state == "lost":
            peer.drop()
            while not seat.lost:
                outbox.answer(b"x")
        assert seat.slot.descriptor is None


async def test_the_slot_is_clear_again_when_nothing_waits_any_more() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        hall.say("held")
        hall.go_live(seat)
        hall.say("after")
        seat.outbox.cork(b"answer")
        hall.say("push")
        hall.say("next")
        seat.outbox.cork(b"alone")
        seat.outbox.uncork()
        hall.say("end")
        words = ["held", "after", "answer", "push", "next", "alone", "end"]
        assert await hears(peer, 7) == words
        assert seat.went == ["put", "put"]  # what was held, and with the answer


async def test_a_clear_slot_lets_nothing_pass_of_a_room_that_waits() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        other = Hall(seat)
        seat.outbox.cork(b"answer")
        seat.outbox.uncork()
        hall.say("held")
        assert seat.slot.descriptor is not None
        other.say("from another room")
        seat.outbox.answer(b"history")
        assert seat.went == []
        hall.go_live(seat)
        assert await hears(peer, 4) == ["answer", "from another room", "history", "held"]


async def test_who_goes_live_while_the_writer_waits_has_no_clear_slot() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        history = "x" * 3_000_000
        seat.outbox.answer(history.encode())
        await wait_all_tasks_blocked()
        hall.say("held")
        hall.go_live(seat)
        assert seat.slot.descriptor is None
        hall.say("fresh")
        assert await hears(peer, 3) == [history, "held", "fresh"]


async def test_nor_who_does_before_the_writer_has_begun() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        history = "x" * 3_000_000
        seat.outbox.answer(history.encode())
        hall.go_live(seat)
        assert seat.slot.descriptor is None
        hall.say("fresh")
        assert await hears(peer, 2) == [history, "fresh"]


async def test_what_was_held_and_is_not_taken_closes_the_slot() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        held = "x" * 3_000_000
        hall.say(held)
        hall.go_live(seat)
        assert seat.slot.descriptor is None
        hall.say("fresh")
        assert await hears(peer, 2) == [held, "fresh"]


async def test_an_answer_gathered_while_the_writer_writes_is_not_overtaken() -> None:
    async with seated() as (hall, seat, peer):
        big = "x" * 3_000_000
        hall.say(big)
        seat.outbox.cork(b"answer")
        assert await hears(peer, 1) == [big]
        await wait_all_tasks_blocked()
        hall.say("push")
        assert await hears(peer, 2) == ["answer", "push"]


async def test_nor_one_gathered_while_a_room_waits() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        seat.outbox.cork(b"answer")
        hall.go_live(seat)
        hall.say("push")
        assert await hears(peer, 2) == ["answer", "push"]


async def test_nor_by_what_was_held() -> None:
    async with seated(waiting=True) as (hall, seat, peer):
        hall.say("held")
        seat.outbox.cork(b"answer")
        hall.go_live(seat)
        hall.say("push")
        assert await hears(peer, 3) == ["answer", "held", "push"]


@pytest.mark.parametrize("end", ["seal", "end_pushes"])
async def test_whose_pushes_end_while_the_writer_writes_is_told_nothing_behind_it(end: str) -> None:
    async with seated() as (hall, seat, peer):
        big = "x" * 3_000_000
        hall.say(big)
        getattr(seat.outbox, end)()
        assert await hears(peer, 1) == [big]
        await wait_all_tasks_blocked()
        hall.say("late")
        seat.link.write_now(frames.text(b"end").wire)
        assert await hears(peer, 1) == ["end"]


async def test_who_was_told_by_history_is_written_to_directly_once_the_others_were_told_it() -> (
    None
):
    async with seated(waiting=True) as (hall, seat, peer):
        hall.skip(seat, upto=2)
        for number in (1, 2):
            hall.tell(Push(b"%d" % number), seq=number)
        hall.say("of no number")
        hall.tell(Push(b"3"), seq=3)
        assert seat.went == ["put", "put"]
        hall.go_live(seat)
        hall.tell(Push(b"4"), seq=4)
        assert seat.went == ["put", "put"]
        assert await hears(peer, 3) == ["of no number", "3", "4"]


async def test_the_slot_of_whom_no_push_reaches_any_more_is_never_clear_again() -> None:
    async with seated() as (_, seat, peer):
        seat.outbox.end_pushes()
        seat.outbox.cork(b"x")
        seat.outbox.uncork()
        big = b"x" * 3_000_000
        seat.outbox.answer(big)
        assert await hears(peer, 2) == ["x", big.decode()]
        await wait_all_tasks_blocked()
        assert seat.slot.descriptor is None


async def test_links_without_a_socket_of_their_own_have_no_slot(desk: Desk) -> None:
    assert desk.outbox.slot.descriptor is None
    async with linked(LinkLimits(), tls=True) as (link, _):
        assert Seat(link).slot.descriptor is None


async def test_who_inflates_has_no_slot() -> None:
    async with linked(LinkLimits()) as (link, _):
        link.window = 15
        assert Seat(link).slot.descriptor is None


def _behind_a_crowd(last: Seat, *, waiting: bool = False) -> Hall:
    """So many others that the last one's turn comes only behind a checkpoint."""
    hall = Hall(*[Recorder(BOB, PLAIN) for _ in range(WRITES_PER_YIELD)])
    hall.add(last, waiting=waiting)
    return hall


@pytest.mark.parametrize("comes_back", [False, True])
async def test_who_goes_between_two_chunks_is_not_written_to(comes_back: bool) -> None:
    """Another connection may have their descriptor by then; and who comes back comes behind it."""
    async with seated() as (_, last, peer):
        hall = _behind_a_crowd(last)
        fan_out = hall.fan_out(Push(b"late"))
        fan_out.begin()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fan_out.finish)
            nursery.start_soon(_leave, hall, last, comes_back)
        assert fan_out.done
        if not comes_back:
            hall.add(last)
        await _say_to_all(hall, "back")
        assert await hears(peer, 1) == ["back"]


async def _leave(hall: Hall, seat: Seat, comes_back: bool) -> None:
    hall.remove(seat)
    if comes_back:
        hall.add(seat)


async def _say_to_all(hall: Hall, word: str) -> None:
    fan_out = hall.fan_out(Push(word.encode()))
    fan_out.begin()
    await fan_out.finish()


async def test_who_goes_live_between_two_chunks_is_told_once() -> None:
    """It was held for them at the beginning."""
    async with seated() as (_, last, peer):
        hall = _behind_a_crowd(last, waiting=True)
        fan_out = hall.fan_out(Push(b"once"))
        fan_out.begin()
        hall.go_live(last)
        await fan_out.finish()
        await _say_to_all(hall, "end")
        assert await hears(peer, 2) == ["once", "end"]


_sizes = st.integers(1, 5000)
_steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["say", "elsewhere", "answer", "gather", "flood"]), _sizes),
        st.tuples(st.sampled_from(["write gathered", "go live", "yield"]), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 40_000)),
    ),
    min_size=20,
    max_size=120,
)


@asynccontextmanager
async def paired() -> AsyncIterator[tuple[DirectLink, Client]]:
    """As `linked`, over a socket whose kernel is soon full and soon empty again."""
    ours, theirs = trio.socket.socketpair()
    with ours, theirs:
        ours.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, 8192)
        link = DirectLink(trio.SocketStream(ours), b"", LinkLimits())
        yield link, Client(trio.SocketStream(theirs))


@given(_steps)
def test_whatever_happens_beside_it_the_peer_reads_all_in_order(
    steps: Sequence[tuple[str, int]],
) -> None:
    trio.run(_all_in_order, steps)


async def _all_in_order(steps: Sequence[tuple[str, int]]) -> None:
    async with seated(paired(), waiting=True) as (hall, seat, peer):
        other = Hall(seat)  # a room that does not wait
        told: list[str] = []
        held: list[str] | None = []
        for number, (step, size) in enumerate(steps):
            word = of(size, chr(ord("a") + number % 26))
            match step:
                case "say":
                    hall.say(word)
                    (told if held is None else held).append(word)
                case "elsewhere":
                    other.say(word)
                    told.append(word)
                case "flood":  # many at once, so that the kernel is full
                    hall.say(*[word] * 30)
                    (told if held is None else held).extend([word] * 30)
                case "answer":
                    seat.outbox.answer(word.encode())
                    told.append(word)
                case "gather":
                    seat.outbox.cork(word.encode())
                    told.append(word)
                case "write gathered":
                    seat.outbox.uncork()
                case "go live" if held is not None:
                    hall.go_live(seat)
                    told, held = told + held, None
                case "read":
                    peer._take_in(bytes(await _some(peer, size)))
                case _:
                    await trio.lowlevel.checkpoint()
        if held is not None:
            hall.go_live(seat)
            told += held
        seat.outbox.uncork()
        assert await hears(peer, len(told)) == told
        assert seat.lost == seat.overflows == 0


async def _some(peer: Client, size: int) -> bytes:
    with trio.move_on_after(0.001):
        return bytes(await peer.stream.receive_some(size))
    return b""


async def test_what_waits_behind_a_direct_write_counts_against_the_limit() -> None:
    async with linked(LinkLimits()) as (link, _):
        seat = Seat(link, limit=LIMIT)
        hall = Hall(seat)
        while not seat.overflows:
            hall.say("x" * 20_000)
        assert seat.slot.descriptor is None
        assert seat.overflows == 1
