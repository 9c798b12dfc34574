"""Frames from a room's log, written to a connection that waits in the room.

They are for the subscription that waits: who leaves meanwhile and comes again has another one,
which hears the room by itself.
"""

from collections.abc import Callable
from contextlib import aclosing
from typing import Protocol

from trichat.core.cursor import Position
from trichat.core.model import User
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Dialect
from trichat.runtime.server import Runtime
from trichat.runtime.subscription import Subscription
from trichat.wire.missed import Missed
from trichat.wire.outbox import Outbox

# Events for which a room may be ahead of a session that catches up with it, in all.
MOST_CHASED = 10_000

Head = tuple[int, int]  # the number of a log's last event, and its time


class Reader(Protocol):
    """The session, as far as this goes."""

    runtime: Runtime
    subscriptions: dict[int, Subscription]
    user: User
    outbox: Outbox
    dialect: Dialect

    @property
    def placed(self) -> bool: ...

    def end(self, cause: DisconnectReason, reason: str = "") -> None: ...


def waits(session: Reader, subscription: Subscription) -> bool:
    """Whether the session is in the room still, and has not left it meanwhile."""
    return session.subscriptions.get(subscription.room.id) is subscription


async def replay(session: Reader, subscription: Subscription, base: Position, head: Head) -> int:
    """Write what is behind a position, up to the log's head. The number of the last event of which
    there was a frame; the head's where the session has left the room meanwhile. Raises GapError and
    StoreError.
    """
    room, last = subscription.room, base.seq
    missed = Missed(session.runtime.logs, session.dialect, session.user, room, session.placed)
    async with aclosing(missed.pages(base, head)) as pages:
        async for page in pages:
            if not waits(session, subscription):
                return head[0]
            payloads = [payload for _, frames in page for payload in frames]
            if payloads:
                await session.outbox.answer_with_backpressure(*payloads)
                last = max(seq for seq, frames in page if frames)
    return last


async def chase(
    session: Reader,
    subscription: Subscription,
    number: int,
    unseen: Callable[[Head], None] = lambda head: None,
) -> None:
    """Write what was delivered to others since the session got everything up to a number,
    until there is nothing between what it got and what is live. One that cannot keep up is
    ended. unseen: called with a head that no frame has shown. Raises StoreError.
    """
    room, space = subscription.room, MOST_CHASED
    while waits(session, subscription):
        if session.runtime.feeds.open(room).reached(subscription, number):
            return
        (head,) = (await session.runtime.logs.heads([room.id])).values()
        space -= head[0] - number
        if space < 0:
            session.end(DisconnectReason.TOO_SLOW)
            return
        last = await replay(session, subscription, Position(room.id, number, None), head)
        number, _ = head
        if last < number and waits(session, subscription):
            unseen(head)
