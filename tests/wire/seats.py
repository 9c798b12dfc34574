"""Listeners with real outboxes in a room's group, and the way a push takes to them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import trio

from tests.core.cast import ALICE, room
from tests.runtime.listeners import Plain, Recorder
from tests.wire.client import Client
from tests.wire.kernel import Owner
from tests.wire.linked import linked
from trichat.core.model import User
from trichat.dialects.port import Push
from trichat.runtime import frames
from trichat.runtime.audience import Group
from trichat.runtime.encoding import Encoded
from trichat.runtime.fanout import FanOut, users_named
from trichat.runtime.listener import Batch, Part
from trichat.runtime.subscription import Step, Subscription
from trichat.wire.deflating import outbox_for
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Link

PLAIN = Plain()


class Seat(Owner):
    """A listener with an outbox over a link. went: what became of each push, "put" or "rest";
    what was written directly it does not know. lost: how often the connection was.
    """

    def __init__(self, link: Link, user: User = ALICE, limit: int = 10_000_000) -> None:
        self.went: list[str] = []
        self.lost = self.overflows = 0
        self.link = link
        super().__init__(
            outbox_for(link, limit, on_lost=self._lose, on_overflow=self._overflow), user
        )

    def _lose(self) -> None:
        self.lost += 1

    def _overflow(self) -> None:
        self.overflows += 1

    def put(self, batch: Batch) -> None:
        self.went.append("put")
        super().put(batch)

    def put_rest(self, batch: Batch, taken: int) -> None:
        self.went.append("rest")
        super().put_rest(batch, taken)


class Hall:
    """A room's group of one dialect."""

    def __init__(self, *listeners: Recorder, waiting: bool = False) -> None:
        self.group = Group()
        self._present: dict[Recorder, Subscription] = {}
        for listener in listeners:
            self.add(listener, waiting=waiting)

    def expect(self, listener: Recorder) -> Subscription:
        """They are present, and hear nothing yet."""
        subscription = self._present[listener] = Subscription(listener, room(), placed=False)
        return subscription

    def add(self, listener: Recorder, *, waiting: bool = False) -> None:
        """They hear what is fanned out. waiting: but it is held for them."""
        subscription = self._present.get(listener) or self.expect(listener)
        if not waiting:
            subscription.take(Step.CAUGHT_UP)
        self.group.add(subscription)

    def go_live(self, listener: Recorder) -> None:
        """What was held for them is let go."""
        self.group.take(self._present[listener], Step.CAUGHT_UP)

    def skip(self, listener: Recorder, upto: int) -> None:
        """They were told up to this number, which has not been fanned out yet."""
        subscription = self._present[listener]
        subscription.upto = upto
        self.group.take(subscription, Step.AHEAD)

    def remove(self, listener: Recorder) -> None:
        subscription = self._present.pop(listener)
        self.group.remove(subscription)
        subscription.take(Step.CLOSED)

    def fan_out(self, *pushes: Push, seq: int | None = None) -> FanOut:
        encoded = Encoded()
        for each in pushes:
            encoded.add(Part(seq, frames.text(each.payload), each.ephemeral), each)
        names = users_named(encoded)
        named = [each for each in self._present.values() if each.listener.user.id in names]
        return FanOut(encoded, self.group, named, placed=False)

    def tell(self, *pushes: Push, seq: int | None = None) -> None:
        """All of it, in one step."""
        fan_out = self.fan_out(*pushes, seq=seq)
        fan_out.begin()
        assert fan_out.done, "a larger room takes more than one step"

    def say(self, *words: str, without: int | None = None) -> None:
        self.tell(*[Push(word.encode(), without=without) for word in words])


@asynccontextmanager
async def seated(
    pair: AbstractAsyncContextManager[tuple[Link, Client]] | None = None,
    *,
    waiting: bool = False,
    limit: int = 10_000_000,
) -> AsyncIterator[tuple[Hall, Seat, Client]]:
    with trio.fail_after(30):
        async with pair or linked(LinkLimits()) as (link, peer), trio.open_nursery() as nursery:
            seat = Seat(link, limit=limit)
            nursery.start_soon(seat.outbox.run)
            yield Hall(seat, waiting=waiting), seat, peer
            nursery.cancel_scope.cancel()


async def hears(peer: Client, count: int) -> list[object]:
    return [await peer.message() for _ in range(count)]
