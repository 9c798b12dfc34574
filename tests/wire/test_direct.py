from contextlib import AbstractAsyncContextManager

import pytest
import trio
import trio.testing

from tests.wire.client import Client
from tests.wire.contract import BIG, LIMITS, TakenContract
from tests.wire.linked import linked
from trichat.runtime import frames
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Link, LinkLostError


class TestDirectLink(TakenContract):
    def connect(self, limits: LinkLimits) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        return linked(limits)

    def connect_holding(self, held: bytes) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        return linked(LIMITS, held=held)


async def test_write_now_stops_where_the_kernel_does() -> None:
    with trio.fail_after(20):
        async with linked(LIMITS) as (link, peer):
            wire = frames.text(BIG).wire
            taken = link.write_now(wire)
            assert 0 < taken < len(wire)
            while more := link.write_now(wire[taken:]):
                taken += more
            received = 0
            while received < taken:
                received += len(await peer.stream.receive_some())
            assert received == taken


def write_on(link: Link) -> None:
    while True:
        link.write_now(frames.text(b"x").wire)


async def test_write_now_to_a_peer_that_is_gone_loses_the_link() -> None:
    with trio.fail_after(20):
        async with linked(LIMITS) as (link, peer):
            peer.drop()
            with pytest.raises(LinkLostError):
                write_on(link)
            link.abort()
            with pytest.raises(LinkLostError):
                link.write_now(b"x")


async def test_close_first_ends_the_frame_of_a_cancelled_write() -> None:
    with trio.fail_after(20):
        async with linked(LIMITS) as (link, peer):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(link.write, frames.text(BIG))
                await trio.testing.wait_all_tasks_blocked()
                nursery.cancel_scope.cancel()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(link.close, 1001)
                assert await peer.message() == BIG.decode()
                assert await peer.close_code() == 1001


async def test_close_ends_our_half_at_once(clock: trio.testing.MockClock) -> None:
    """So a peer that only waits for the end need not wait for the linger."""
    async with linked(LIMITS) as (link, peer), trio.open_nursery() as nursery:
        started = trio.current_time()
        nursery.start_soon(link.close, 1001)
        while await peer.stream.receive_some():
            pass
        assert trio.current_time() == started
