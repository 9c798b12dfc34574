"""Fan-outs of frames that name somebody, beside slots that are clear."""

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
from trichat.runtime.fanout import WRITES_PER_YIELD
from trichat.wire.direct import LinkLimits


@asynccontextmanager
async def sockets(*users: User) -> AsyncIterator[tuple[list[Seat], list[Client]]]:
    """One each, with a clear slot, and its peer."""
    seats, peers = [], []
    async with AsyncExitStack() as stack:
        stack.enter_context(trio.fail_after(30))
        for user in users:
            link, peer = await stack.enter_async_context(linked(LinkLimits()))
            seats.append(Seat(link, user))
            peers.append(peer)
        yield seats, peers


async def test_who_is_named_gets_their_own_and_the_others_get_another() -> None:
    async with sockets(ALICE, BOB) as ((alice, bob), (to_alice, to_bob)):
        hall = Hall(alice, bob)
        hall.say("not for alice", without=ALICE.id)
        hall.tell(Push(b"for bob", only=frozenset({BOB.id})))
        hall.say("all")
        assert await hears(to_alice, 1) == ["all"]
        assert await hears(to_bob, 3) == ["not for alice", "for bob", "all"]
        assert alice.went == []


async def test_so_does_each_of_their_sockets_that_hears_the_room() -> None:
    async with sockets(ALICE, BOB, BOB, BOB) as ((alice, one, two, elsewhere), peers):
        hall = Hall(alice, one, two)
        hall.expect(elsewhere)
        pushes = [Push(b"for bob", only=frozenset({BOB.id})), Push(b"of bob", without=BOB.id)]
        hall.tell(*pushes, Push(b"for all"))
        hall.add(elsewhere)
        hall.say("end")
        to_alice, *to_bob = peers
        assert await hears(to_alice, 3) == ["of bob", "for all", "end"]
        for peer in to_bob[:2]:
            assert await hears(peer, 3) == ["for bob", "for all", "end"]
        assert await hears(to_bob[2], 1) == ["end"]


async def test_in_a_large_room_too_whenever_their_turn_comes() -> None:
    async with sockets(BOB, ALICE, BOB) as ((first, alice, last), peers):
        hall = Hall(first, *[Recorder(ALICE, PLAIN) for _ in range(WRITES_PER_YIELD)], alice, last)
        for pushes in ([Push(b"of bob", without=BOB.id), Push(b"for all")], [Push(b"end")]):
            fan_out = hall.fan_out(*pushes)
            fan_out.begin()
            await fan_out.finish()
        assert await hears(peers[0], 2) == ["for all", "end"]
        assert await hears(peers[1], 3) == ["of bob", "for all", "end"]
        assert await hears(peers[2], 2) == ["for all", "end"]


async def test_what_only_they_get_waits_too_for_who_waits_in_the_room() -> None:
    async with sockets(ALICE, BOB, BOB) as ((alice, live, waiting), peers):
        hall = Hall(alice, live)
        hall.add(waiting, waiting=True)
        hall.tell(Push(b"for bob", only=frozenset({BOB.id})), Push(b"of bob", without=BOB.id))
        hall.say("for all")
        assert waiting.went == []
        hall.go_live(waiting)
        hall.say("end")
        assert await hears(peers[0], 3) == ["of bob", "for all", "end"]
        for peer in peers[1:]:
            assert await hears(peer, 3) == ["for bob", "for all", "end"]
