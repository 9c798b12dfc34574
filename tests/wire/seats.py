"""Listeners with real outboxes in a room's group, and the way a push takes to them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import trio

from tests.core.cast import ALICE
from tests.runtime.listeners import Plain, Recorder
from tests.wire.client import Client
from tests.wire.linked import linked
from trichat.core.model import User
from trichat.dialects.port import Push
from trichat.runtime import frames
from trichat.runtime.audience import Group
from trichat.runtime.connections import Connections
from trichat.runtime.fanout import FanOut
from trichat.runtime.listener import Batch, Part
from trichat.wire.deflating import outbox_for
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Link
from trichat.wire.outbox import Outbox

PLAIN = Plain()


class Seat(Recorder):
    """A listener with an outbox over a link. went: what became of each push, "put" or "rest";
    what went by the lane it does not know. lost: how often the connection was.
    """

    def __init__(self, link: Link, user: User = ALICE, limit: int = 10_000_000) -> None:
        super().__init__(user, PLAIN)
        self.went: list[str] = []
        self.lost = self.overflows = 0
        self.link = link
        self.outbox: Outbox = outbox_for(
            link, limit, on_lost=self._lose, on_overflow=self._overflow
        )
        self.lane = self.outbox.lane

    def _lose(self) -> None:
        self.lost += 1

    def _overflow(self) -> None:
        self.overflows += 1

    def put(self, batch: Batch) -> None:
        self.went.append("put")
        self.outbox.put(batch)

    def put_rest(self, batch: Batch, taken: int) -> None:
        self.went.append("rest")
        self.outbox.put_rest(batch, taken)


class Hall:
    """A room's group of one dialect."""

    def __init__(self, *seats: Recorder) -> None:
        self.group, self.connections = Group(), Connections()
        for seat in seats:
            self.add(seat)

    def add(self, seat: Recorder) -> None:
        self.group.add(seat)
        self.connections.connect(seat)

    def fan_out(self, *pushes: Push) -> FanOut:
        encoded = [(Part(None, frames.text(each.payload), each.passing), each) for each in pushes]
        return FanOut(encoded, self.group, self.connections)

    def say(self, *words: str, without: int | None = None) -> None:
        self.fan_out(*[Push(word.encode(), without=without) for word in words]).run()


@asynccontextmanager
async def seated(
    pair: AbstractAsyncContextManager[tuple[Link, Client]] | None = None,
    *,
    held: bool = False,
    limit: int = 10_000_000,
) -> AsyncIterator[tuple[Hall, Seat, Client]]:
    with trio.fail_after(30):
        async with pair or linked(LinkLimits()) as (link, peer), trio.open_nursery() as nursery:
            seat = Seat(link, limit=limit)
            if not held:
                seat.outbox.release()
            nursery.start_soon(seat.outbox.run)
            yield Hall(seat), seat, peer
            nursery.cancel_scope.cancel()


async def hears(peer: Client, count: int) -> list[object]:
    return [await peer.message() for _ in range(count)]
