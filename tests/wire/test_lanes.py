"""A fan-out by lanes over real sockets: the same bytes in the same order as by puts."""

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
from trichat.runtime.fanout import CHUNK
from trichat.runtime.listener import Batch, Part
from trichat.wire.direct import DirectLink, LinkLimits


async def test_who_waits_for_nothing_is_told_by_his_lane() -> None:
    async with seated() as (hall, seat, peer):
        hall.say("one", "two")
        hall.say("three")
        assert await hears(peer, 3) == ["one", "two", "three"]
        assert seat.went == []


async def test_what_the_kernel_did_not_take_follows_and_closes_the_lane() -> None:
    async with seated() as (hall, seat, peer):
        big = "x" * 3_000_000
        hall.say(big)
        assert seat.went == ["rest"]
        assert seat.lane.descriptor is None
        hall.say("after")
        assert seat.went == ["rest", "put"]
        assert await hears(peer, 2) == [big, "after"]
        await wait_all_tasks_blocked()
        hall.say("by the lane again")
        assert await hears(peer, 1) == ["by the lane again"]
        assert seat.went == ["rest", "put"]


async def test_of_a_passing_frame_that_has_begun_all_follows() -> None:
    """Otherwise the next frame would begin within it."""
    async with seated(limit=4_000_000) as (hall, seat, peer):
        big = "x" * 3_000_000  # more than half of the limit: as a put it would be dropped
        hall.fan_out(Push(big.encode(), passing=True)).run()
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
        assert seat.lane.descriptor is None


@pytest.mark.parametrize("state", ["held", "told", "gathered", "sealed", "closed", "lost"])
async def test_whom_a_put_would_not_write_to_as_it_is_has_no_clear_lane(state: str) -> None:
    async with seated(held=state in ("held", "told")) as (_, seat, peer):
        outbox = seat.outbox
        if state == "told":
            outbox.release(7)
        elif state == "gathered":
            outbox.gather(b"x")
        elif state == "sealed":
            outbox.seal()
        elif state == "closed":
            outbox.close_lane()
        elif state == "lost":
            peer.drop()
            while not seat.lost:
                outbox.answer(b"x")
        assert seat.lane.descriptor is None


async def test_the_lane_is_clear_again_when_nothing_waits_any_more() -> None:
    async with seated(held=True) as (hall, seat, peer):
        hall.say("held")
        seat.outbox.release()
        hall.say("after")
        seat.outbox.gather(b"answer")
        hall.say("push")
        hall.say("next")
        seat.outbox.gather(b"alone")
        seat.outbox.write_gathered()
        hall.say("end")
        words = ["held", "after", "answer", "push", "next", "alone", "end"]
        assert await hears(peer, 7) == words
        assert seat.went == ["put", "put"]  # while it was held, and with the answer


async def test_what_goes_out_while_pushes_are_held_opens_no_lane() -> None:
    async with seated(held=True) as (hall, seat, peer):
        seat.outbox.gather(b"answer")
        seat.outbox.write_gathered()
        assert seat.lane.descriptor is None
        hall.say("held")
        seat.outbox.answer(b"history")
        seat.outbox.release()
        assert await hears(peer, 3) == ["answer", "history", "held"]


async def test_a_release_while_the_writer_waits_opens_no_lane() -> None:
    async with seated(held=True) as (hall, seat, peer):
        history = "x" * 3_000_000
        seat.outbox.answer(history.encode())
        await wait_all_tasks_blocked()
        seat.outbox.release()
        assert seat.lane.descriptor is None
        hall.say("fresh")
        assert await hears(peer, 2) == [history, "fresh"]


async def test_nor_does_a_release_before_the_writer_has_begun() -> None:
    async with seated(held=True) as (hall, seat, peer):
        history = "x" * 3_000_000
        seat.outbox.answer(history.encode())
        seat.outbox.release()
        assert seat.lane.descriptor is None
        hall.say("fresh")
        assert await hears(peer, 2) == [history, "fresh"]


async def test_an_answer_gathered_while_the_writer_writes_is_not_overtaken() -> None:
    async with seated() as (hall, seat, peer):
        big = "x" * 3_000_000
        hall.say(big)
        seat.outbox.gather(b"answer")
        assert await hears(peer, 1) == [big]
        await wait_all_tasks_blocked()
        hall.say("push")
        assert await hears(peer, 2) == ["answer", "push"]


async def test_nor_one_gathered_while_pushes_are_held() -> None:
    async with seated(held=True) as (hall, seat, peer):
        seat.outbox.gather(b"answer")
        seat.outbox.release()
        hall.say("push")
        assert await hears(peer, 2) == ["answer", "push"]


async def test_who_is_sealed_while_the_writer_writes_is_told_nothing_behind_it() -> None:
    async with seated() as (hall, seat, peer):
        big = "x" * 3_000_000
        hall.say(big)
        seat.outbox.seal()
        assert await hears(peer, 1) == [big]
        await wait_all_tasks_blocked()
        hall.say("late")
        seat.link.write_now(frames.text(b"end").wire)
        assert await hears(peer, 1) == ["end"]


async def test_who_was_told_by_history_has_his_lane_from_the_first_fresh_event_on() -> None:
    async with seated(held=True) as (_, seat, peer):
        seat.outbox.release(2)
        for number in (1, 2, 3):
            seat.outbox.put(Batch([Part(number, frames.text(b"%d" % number))]))
            assert (seat.lane.descriptor is not None) is (number == 3)
        assert await hears(peer, 1) == ["3"]


async def test_a_lane_that_was_closed_is_never_clear_again() -> None:
    async with seated() as (_, seat, peer):
        seat.outbox.close_lane()
        seat.outbox.gather(b"x")
        seat.outbox.write_gathered()
        assert await hears(peer, 1) == ["x"]
        assert seat.lane.descriptor is None


async def test_links_without_a_socket_of_their_own_have_no_lane(desk: Desk) -> None:
    assert desk.outbox.lane.descriptor is None
    async with linked(LinkLimits(), tls=True) as (link, _):
        seat = Seat(link)
        seat.outbox.release()
        assert seat.lane.descriptor is None


async def test_who_inflates_has_no_lane() -> None:
    async with linked(LinkLimits()) as (link, _):
        link.window = 15
        seat = Seat(link)
        seat.outbox.release()
        assert seat.lane.descriptor is None


async def test_who_goes_between_two_chunks_is_not_written_to() -> None:
    """Another connection may have his descriptor by then."""
    async with seated() as (_, last, peer):
        hall = Hall(*[Recorder(BOB, PLAIN) for _ in range(CHUNK)], last)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hall.fan_out(Push(b"late")).run_in_chunks)
            nursery.start_soon(_leave, hall, last)
        hall.add(last)
        hall.say("back")
        assert await hears(peer, 1) == ["back"]


async def _leave(hall: Hall, seat: Seat) -> None:
    hall.group.remove(seat)


_sizes = st.integers(1, 5000)
_steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["say", "answer", "gather", "flood"]), _sizes),
        st.tuples(st.sampled_from(["write gathered", "release", "yield"]), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 40_000)),
    ),
    min_size=20,
    max_size=120,
)


@asynccontextmanager
async def paired() -> AsyncIterator[tuple[DirectLink, Client]]:
    """As `linked`, over a socket whose kernel is soon full and soon empty again."""
    ours, his = trio.socket.socketpair()
    with ours, his:
        ours.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, 8192)
        yield DirectLink(trio.SocketStream(ours), b"", LinkLimits()), Client(trio.SocketStream(his))


@given(_steps)
def test_whatever_happens_beside_it_the_peer_reads_all_in_order(
    steps: Sequence[tuple[str, int]],
) -> None:
    trio.run(_all_in_order, steps)


async def _all_in_order(steps: Sequence[tuple[str, int]]) -> None:
    async with seated(paired(), held=True) as (hall, seat, peer):
        told: list[str] = []
        held: list[str] | None = []
        for number, (step, size) in enumerate(steps):
            word = of(size, chr(ord("a") + number % 26))
            match step:
                case "say":
                    hall.say(word)
                    (told if held is None else held).append(word)
                case "flood":  # many at once, so that the kernel is full
                    hall.say(*[word] * 30)
                    (told if held is None else held).extend([word] * 30)
                case "answer":
                    seat.outbox.answer(word.encode())
                    told.append(word)
                case "gather":
                    seat.outbox.gather(word.encode())
                    told.append(word)
                case "write gathered":
                    seat.outbox.write_gathered()
                case "release":
                    seat.outbox.release()
                    told, held = told + (held or []), None
                case "read":
                    peer._take_in(bytes(await _some(peer, size)))
                case _:
                    await trio.lowlevel.checkpoint()
        seat.outbox.release()
        told += held or []
        seat.outbox.write_gathered()
        assert await hears(peer, len(told)) == told
        assert seat.lost == seat.overflows == 0


async def _some(peer: Client, size: int) -> bytes:
    with trio.move_on_after(0.001):
        return bytes(await peer.stream.receive_some(size))
    return b""


async def test_what_waits_behind_a_lane_counts_against_the_limit() -> None:
    async with linked(LinkLimits()) as (link, _):
        seat = Seat(link, limit=LIMIT)
        seat.outbox.release()
        hall = Hall(seat)
        while not seat.overflows:
            hall.say("x" * 20_000)
        assert seat.lane.descriptor is None
        assert seat.overflows == 1
