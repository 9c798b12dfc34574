"""Frames from a room's log, written to a connection that waits in the room."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Protocol

from trichat.core.cursor import Position
from trichat.core.model import Room, User
from trichat.dialects.disconnects import Farewell
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

    def end(self, farewell: Farewell, reason: str = "") -> None: ...


async def replay(session: Reader, room: Room, base: Position, head: Head) -> int:
    """Write what is behind a position, up to the log's head. The number of the last event of which
    there was a frame; the head's where the session has left the room meanwhile. Raises GapError and
    StoreError.
    """
    last = base.seq
    missed = Missed(session.runtime.logs, session.dialect, session.user, room, session.placed)
    async with aclosing(missed.pages(base, head)) as pages:
        async for page in pages:
            if room.id not in session.subscriptions:
                return head[0]
            payloads = [payload for _, frames in page for payload in frames]
            if payloads:
                await session.outbox.answer_paced(*payloads)
                last = max(seq for seq, frames in page if frames)
    return last


async def chase(
    session: Reader, room: Room, number: int, unseen: Callable[[Head], None] = lambda head: None
) -> None:
    """Write what was delivered to others since the session was told everything up to a number,
    until there is nothing between what it was told and what is live. One that cannot keep up is
    ended. unseen: called with a head that no frame has shown. Raises StoreError.
    """
    feeds, space = session.runtime.feeds, MOST_CHASED
    while (subscription := session.subscriptions.get(room.id)) is not None:
        if feeds.open(room).reached(subscription, number):
            return
        (head,) = (await session.runtime.logs.heads([room.id])).values()
        space -= head[0] - number
        if space < 0:
            session.end(Farewell.TOO_SLOW)
            return
        last = await replay(session, room, Position(room.id, number, None), head)
        number, _ = head
        if last < number:
            unseen(head)
