"""Messages said before, read from the store page by page as a peer takes them."""

from collections.abc import Sequence
from contextlib import aclosing
from itertools import pairwise
from typing import Protocol

from trichat.core import answers as a
from trichat.core import requests
from trichat.core.model import Message, Room, User
from trichat.dialects.port import Dialect
from trichat.runtime.server import Runtime
from trichat.wire.outbox import Outbox
from trichat.wire.paged import Pages


class History:
    """A stretch of a room's messages for one user; of what one user asks one page is read at a
    time. head: the room's last number when the stretch was measured; what comes behind it is live.
    """

    def __init__(
        self, runtime: Runtime, user_id: int, room_id: int, bounds: Sequence[int], head: int
    ) -> None:
        self.head = head
        self._runtime = runtime
        self._user_id = user_id
        self._room_id = room_id
        self._bounds = bounds

    @classmethod
    async def of(
        cls, runtime: Runtime, user_id: int, room_id: int, newest: int, before_id: int | None = None
    ) -> "History":
        """The newest messages, or those before an id: at most so many, and no more than have
        `limits.history_bytes` of text. Raises StoreError.
        """
        async with runtime.shares.turn(user_id):
            found = await runtime.store.history_pages(
                room_id,
                limit=newest,
                text_bytes=runtime.settings.limits.history_bytes,
                before_id=before_id,
            )
        return cls(runtime, user_id, room_id, found.bounds, found.head)

    async def pages(self) -> Pages[Message]:
        """Oldest first. Raises StoreError."""
        for first, end in pairwise(self._bounds):
            async with self._runtime.shares.turn(self._user_id):
                page = await self._runtime.store.history_page(self._room_id, first, end)
            yield page


class Reader(Protocol):
    """The session, as far as this goes."""

    runtime: Runtime
    user: User
    outbox: Outbox
    dialect: Dialect


async def write_history(session: Reader, room: Room) -> int:
    """What was said last in a room that a connection begins in, a frame each (room-7). The number
    of the log up to which this goes. Raises StoreError.
    """
    runtime, user = session.runtime, session.user
    history = await History.of(runtime, user.id, room.id, runtime.settings.rooms.history)
    async with aclosing(history.pages()) as pages:
        async for page in pages:
            said = session.dialect.answer(
                requests.ReadHistory(None), a.History(tuple(page)), user, runtime.clock()
            )
            await session.outbox.answer_with_backpressure(*said)
    return history.head
