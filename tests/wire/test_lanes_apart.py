"""Fan-outs of frames that name somebody, beside lanes that are clear."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import trio

from tests.core.cast import ALICE, BOB
from tests.runtime.listeners import Recorder
from tests.wire.client import Client
from tests.wire.linked import linked
from tests.wire.seats import PLAIN, Hall, Seat, hears
from trichat.core.model import User
from trichat.dialects.port import Push
from trichat.runtime.fanout import CHUNK
from trichat.wire.direct import LinkLimits


@asynccontextmanager
async def sockets(*users: User) -> AsyncIterator[tuple[list[Seat], list[Client]]]:
    """One each, with a clear lane, and its peer."""
    seats, peers = [], []
    async with AsyncExitStack() as stack:
        stack.enter_context(trio.fail_after(30))
        for user in users:
            link, peer = await stack.enter_async_context(linked(LinkLimits()))
            seats.append(Seat(link, user))
            peers.append(peer)
            seats[-1].outbox.release()
        yield seats, peers


async def test_who_is_named_gets_his_own_and_the_others_theirs() -> None:
    async with sockets(ALICE, BOB) as ((him, her), (his, hers)):
        hall = Hall(him, her)
        hall.say("not for alice", without=ALICE.id)
        hall.fan_out(Push(b"for bob", only=frozenset({BOB.id}))).run()
        hall.say("all")
        assert await hears(his, 1) == ["all"]
        assert await hears(hers, 3) == ["not for alice", "for bob", "all"]
        assert him.went == []


async def test_so_does_each_of_his_sockets_that_is_in_the_room() -> None:
    async with sockets(ALICE, BOB, BOB, BOB) as ((alice, one, two, elsewhere), peers):
        hall = Hall(alice, one, two)
        hall.connections.connect(elsewhere)
        pushes = [Push(b"for bob", only=frozenset({BOB.id})), Push(b"of bob", without=BOB.id)]
        hall.fan_out(*pushes, Push(b"for all")).run()
        hall.add(elsewhere)
        hall.say("end")
        hers, *his = peers
        assert await hears(hers, 3) == ["of bob", "for all", "end"]
        for peer in his[:2]:
            assert await hears(peer, 3) == ["for bob", "for all", "end"]
        assert await hears(his[2], 1) == ["end"]


async def test_in_a_large_room_too_whenever_his_turn_comes() -> None:
    async with sockets(BOB, ALICE, BOB) as ((first, alice, last), peers):
        hall = Hall(first, *[Recorder(ALICE, PLAIN) for _ in range(CHUNK)], alice, last)
        await hall.fan_out(Push(b"of bob", without=BOB.id), Push(b"for all")).run_in_chunks()
        hall.say("end")
        assert await hears(peers[0], 2) == ["for all", "end"]
        assert await hears(peers[1], 3) == ["of bob", "for all", "end"]
        assert await hears(peers[2], 2) == ["for all", "end"]
