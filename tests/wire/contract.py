"""What every link keeps, and what every taken one keeps besides.

A suite of the links subclasses one of these and says how to get a link with its peer.
"""

from contextlib import AbstractAsyncContextManager

import pytest
import trio
import trio.testing
from wsproto.events import CloseConnection
from wsproto.events import Ping as PingEvent
from wsproto.events import Pong as PongEvent

from tests.wire.client import Client
from trichat.runtime import frames
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Binary, Broken, Closed, Link, LinkLostError, Ping, Pong, Text

LIMITS = LinkLimits(max_message=1000)
BIG = b"x" * 1_000_000  # more than the kernel takes for a peer that does not read


async def write_on(link: Link) -> None:
    while True:
        await link.write(frames.text(b"x"))


async def talk_on(peer: Client) -> None:
    while True:
        await peer.send(peer.text("and"))
        await trio.sleep(0.1)


class LinkContract:
    def connect(self, limits: LinkLimits) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        raise NotImplementedError

    async def test_messages_come_whole_and_in_order(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                text = peer.text("first") + peer.text("") + peer.text("żółw")
                await peer.send(text + peer.binary(b"\x00\xff") + peer.binary(b""))
                expected = [Text("first"), Text(""), Text("żółw"), Binary(b"\x00\xff"), Binary(b"")]
                assert [await link.receive() for _ in expected] == expected

    @pytest.mark.promise("all-12")
    async def test_a_message_over_the_limit_is_broken(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await peer.send(peer.text("x" * 1000) + peer.text("x" * 1001))
                assert await link.receive() == Text("x" * 1000)
                assert await link.receive() == Broken(1009)

    async def test_the_limit_counts_bytes(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await peer.send(peer.text("ż" * 501))
                assert await link.receive() == Broken(1009)

    async def test_so_many_frames_come_in_a_second_and_not_one_more(
        self, clock: trio.testing.MockClock
    ) -> None:
        async with self.connect(LinkLimits(max_frames=5)) as (link, peer):
            for _ in range(2):
                await peer.send(b"".join(peer.text(str(number)) for number in range(5)))
                assert [await link.receive() for _ in range(5)] == [Text(x) for x in "01234"]
                await trio.sleep(1)  # a second begins with its first frame
            await peer.send(b"".join(peer.text(str(number)) for number in range(6)))
            assert [await link.receive() for _ in range(5)] == [Text(x) for x in "01234"]
            assert await link.receive() == Broken(1008)

    async def test_what_is_written_arrives_in_order(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await link.write(frames.join([frames.text(b"one"), frames.text("dwą".encode())]))
                await link.write(frames.text(b"three"))
                assert [await peer.message() for _ in range(3)] == ["one", "dwą", "three"]

    async def test_write_now_takes_a_part_and_says_how_much(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                outgoing = frames.text(b"at once")
                taken = link.write_now(outgoing.wire)
                assert taken == (len(outgoing.wire) if type(link).__name__ == "DirectLink" else 0)
                if not taken:
                    await link.write(outgoing)
                assert await peer.message() == "at once"

    async def test_close_says_code_and_reason_and_does_not_wait_for_a_silent_peer(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await link.write(frames.text(b"last"))
                await link.close(4001, "enough")
                assert await peer.message() == "last"
                event = await peer.event()
                assert isinstance(event, CloseConnection)
                assert (event.code, event.reason) == (4001, "enough")

    async def test_close_costs_the_peer_nothing_that_was_written_before(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                unread = b"".join(peer.text("unread" * 20) for _ in range(50))
                await peer.send(unread)
                await link.write(frames.text(b"last"))
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(link.close, 1001)
                    await peer.send(unread)
                    assert await peer.message() == "last"
                    assert await peer.close_code() == 1001

    async def test_close_is_finished_although_it_is_cancelled(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                with trio.CancelScope() as scope:
                    scope.cancel()
                    await link.close(1001)
                assert await peer.close_code() == 1001

    async def test_after_abort_nothing_is_received_and_nothing_can_be_written(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, _):
                async with trio.open_nursery() as nursery:

                    async def receive() -> None:
                        assert await link.receive() == Closed(1006)

                    nursery.start_soon(receive)
                    await trio.testing.wait_all_tasks_blocked()
                    link.abort()
                assert await link.receive() == Closed(1006)
                with pytest.raises(LinkLostError):
                    await link.write(frames.text(b"lost"))
                await link.close(1000)
                link.abort()


class TakenContract(LinkContract):
    """A link that has its socket for itself."""

    async def test_pings_and_pongs_are_the_sessions(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                assert link.pings
                await peer.send(peer.ping(b"are you there"))
                assert await link.receive() == Ping(b"are you there")
                await link.write(frames.pong(b"are you there"))
                event = await peer.event()
                assert isinstance(event, PongEvent)
                assert bytes(event.payload) == b"are you there"
                await link.write(frames.ping(b"you?"))
                event = await peer.event()
                assert isinstance(event, PingEvent)
                await peer.send(peer.frames.send(event.response()))
                assert await link.receive() == Pong()

    @pytest.mark.parametrize("code", [1000, 1001, 4999])
    async def test_the_peers_close_code_comes_behind_its_messages(self, code: int) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await peer.send(peer.text("bye") + peer.closing(code))
                assert await link.receive() == Text("bye")
                assert await link.receive() == Closed(code)
                assert await link.receive() == Closed(code)
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(link.close, code)
                    assert await peer.close_code() == code

    async def test_a_close_without_a_code_is_answered_without_one(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await peer.send(b"\x88\x80\x00\x00\x00\x00")
                assert await link.receive() == Closed(1005)
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(link.close, 1005)
                    assert await peer.close_code() == 1005

    async def test_an_end_without_a_close_is_1006(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                await peer.send(peer.text("bye"))
                peer.drop()
                assert await link.receive() == Text("bye")
                assert await link.receive() == Closed(1006)
                await link.close(1000)

    async def test_a_peer_that_is_gone_loses_the_link(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                peer.drop()
                with pytest.raises(LinkLostError):
                    await write_on(link)
                with pytest.raises(LinkLostError):
                    await link.write(frames.text(b"x"))
                await link.close(1000)

    async def test_abort_is_no_close(self) -> None:
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer):
                link.abort()
                assert await peer.close_code() == 1006

    async def test_close_ends_as_soon_as_the_peer_does_whatever_they_broke_before(
        self, clock: trio.testing.MockClock
    ) -> None:
        """They wait for the end of what we send: it comes at once, and not when we stop reading."""
        async with self.connect(LinkLimits(linger=1)) as (link, peer):
            await peer.send(b"\x88\x82\x00\x00\x00\x00\x03\xec")  # 1004 is nobody's to send
            assert await link.receive() == Broken(1002)
            started = trio.current_time()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(link.close, 1002)
                assert await peer.close_code() == 1002
                assert await peer.event() is None
                peer.drop()
            assert trio.current_time() - started < 0.5

    async def test_what_was_held_comes_first(self) -> None:
        with trio.fail_after(20):
            held = Client(trio.testing.memory_stream_pair()[0]).text("early")
            async with self.connect_holding(held) as (link, peer):
                await peer.send(peer.text("late"))
                assert [await link.receive(), await link.receive()] == [Text("early"), Text("late")]

    async def test_frames_that_end_no_message_count_too(
        self, clock: trio.testing.MockClock
    ) -> None:
        empty = b"\x00\x80abcd"  # a fragment without a byte
        async with self.connect(LinkLimits(max_frames=5)) as (link, peer):
            await peer.send(b"\x01\x80abcd" + 3 * empty + b"\x80\x80abcd")
            assert await link.receive() == Text("")
            await trio.sleep(1)
            await peer.send(b"\x01\x80abcd" + 5 * empty)
            assert await link.receive() == Broken(1008)

    def connect_holding(self, held: bytes) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        raise NotImplementedError

    @pytest.mark.promise("lobby-15")
    async def test_a_peer_that_takes_no_byte_is_lost_after_the_write_timeout(
        self, clock: trio.testing.MockClock
    ) -> None:
        async with self.connect(LinkLimits(write_timeout=5)) as (link, _):
            started = trio.current_time()
            with pytest.raises(LinkLostError):
                await link.write(frames.text(BIG))
            assert 5 <= trio.current_time() - started <= 10
            started = trio.current_time()
            await link.close(1001)
            assert trio.current_time() == started

    async def test_a_peer_that_takes_a_little_at_a_time_is_not(
        self, clock: trio.testing.MockClock
    ) -> None:
        async with self.connect(LinkLimits(write_timeout=5)) as (link, peer):
            started = trio.current_time()
            async with trio.open_nursery() as nursery:
                outgoing = frames.text(BIG[:200_000])
                nursery.start_soon(link.write, outgoing)
                missing = len(outgoing.wire)
                while missing > 0:
                    await trio.sleep(3)
                    missing -= len(await peer.stream.receive_some(20_000))
            assert trio.current_time() - started > 15

    @pytest.mark.promise("all-23")
    async def test_what_a_peer_takes_out_of_a_full_buffer_is_acknowledged(self) -> None:
        """Also while nothing more can be handed to our kernel."""
        with trio.fail_after(20):
            async with self.connect(LIMITS) as (link, peer), trio.open_nursery() as nursery:
                handed: list[int] = []
                nursery.start_soon(link.write, frames.text(BIG), handed.append)
                before = -1
                while link.acknowledged() > before:  # until its own kernel is full
                    before = link.acknowledged()
                    await trio.sleep(0.3)
                taken, given = 0, sum(handed)
                while link.acknowledged() == before:
                    taken += len(await peer.stream.receive_some(1000))
                    await trio.sleep(0.01)
                assert sum(handed) == given  # so our kernel took nothing more
                assert 0 < link.acknowledged() - before <= taken + 65_536
                nursery.cancel_scope.cancel()

    @pytest.mark.promise("all-2")
    async def test_close_ends_in_time_for_a_peer_that_does_not_read(
        self, clock: trio.testing.MockClock
    ) -> None:
        async with self.connect(LinkLimits(close_timeout=2)) as (link, _):
            with trio.move_on_after(1):
                await link.write(frames.text(BIG))
            started = trio.current_time()
            await link.close(1001)
            assert trio.current_time() - started <= 2

    async def test_close_lingers_for_a_peer_that_goes_on_talking(
        self, clock: trio.testing.MockClock
    ) -> None:
        async with self.connect(LinkLimits(linger=1)) as (link, peer):
            started = trio.current_time()
            async with trio.open_nursery() as nursery:

                async def close() -> None:
                    await link.close(1001)
                    nursery.cancel_scope.cancel()

                nursery.start_soon(close)
                await talk_on(peer)
            assert 0.9 < trio.current_time() - started < 1.1
            assert await peer.close_code() == 1001
