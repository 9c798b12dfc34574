"""What was missed in a room, from its log, in the frames in which it would have been pushed."""

import logging
from collections.abc import AsyncGenerator, Iterator, Sequence

from trichat.core.cursor import Position
from trichat.core.events import Admitted, Left, RoomEvent
from trichat.core.model import Kind, Room, User
from trichat.core.replay import replayed
from trichat.dialects.port import Dialect, Push
from trichat.runtime.listener import placed
from trichat.runtime.logreader import LogReader

_log = logging.getLogger(__name__)

PAGE = 100  # events read at a time, at most
# Of frames made at a time, but for a longer one: what a peer who does not read holds.
BYTES = 65_536

# The last event's number, and its frames for this user: none where it is nothing to them.
Page = Sequence[tuple[int, list[bytes]]]


class GapError(Exception):
    """The position is of no such log: of another database, or from the time to come."""


class Missed:
    """What is replayed to one user of one room. placed: whether each frame says where it stands.
    visiting: whether their being there needs no membership, so that none of their own comings and
    goings matters.
    """

    def __init__(
        self, logs: LogReader, dialect: Dialect, user: User, room: Room, placed: bool
    ) -> None:
        self._logs = logs
        self._dialect = dialect
        self._user = user
        self._room = room
        self._visiting = dialect.single and room.kind is Kind.PUBLIC
        self._placed = placed
        self._there = True

    async def pages(self, base: Position, head: tuple[int, int]) -> AsyncGenerator[Page]:
        """All behind `base` up to the log's head (number, time). Raises GapError, before anything
        else, where the base is not in this log.
        """
        last, _ = head
        if base.seq > last or (base.seq == last and not base.fits(*head)):
            raise GapError
        if self._room.kind is Kind.PRIVATE:
            self._there = await self._was_there(base.seq)
        proves = base.seq > 0 and base.trace is not None
        after = base.seq - 1 if proves and (base.sent or base.seq < last) else base.seq
        count = PAGE
        while after < last:
            page = await self._page(base, after, min(count, last - after))
            yield page
            after, _ = page[-1]
            count = min(PAGE, 2 * len(page))  # where texts are long little is read in vain

    async def _page(self, base: Position, after: int, count: int) -> Page:
        """At least one of the next events, and no more than their frames have room."""
        events = await self._logs.read(self._room.id, after, count)
        if not events:
            raise GapError
        if after == base.seq - 1 and not base.fits(events[0].seq, events[0].at):
            raise GapError
        page: list[tuple[int, list[bytes]]] = []
        size = 0
        for event in events:
            frames = [*self._frames(event, base)]
            size += sum(map(len, frames))
            if page and size > BYTES:
                break
            page.append((event.seq, frames))
        return page

    async def _was_there(self, after: int) -> bool:
        """Whether who is a member now was one behind that number: the cursor may be another's, or
        older than the membership. They were, unless what is next in the log about them admits them.
        """
        if await self._logs.admission(self._room.id, self._user.id, after) is None:
            return True
        while events := await self._logs.read(self._room.id, after, PAGE):
            for event in events:
                if self._is_of_him(event):
                    return isinstance(event, Left)
            after = events[-1].seq
        return True

    def _frames(self, event: RoomEvent, base: Position) -> Iterator[bytes]:
        skipped = 0
        if event.seq == base.seq:
            if not base.sent:
                return
            skipped = base.sent
        elif not self._visiting:
            self._move(event)
        again = replayed(event)
        if again is None or not self._there:
            return
        try:
            pushes = self._dialect.push(again)
        except Exception:
            _log.exception("%s cannot encode %s", self._dialect.name, type(event).__name__)
            return
        for number, push in enumerate(pushes, start=1):
            if number > skipped and _concerns(push, self._user.id):
                sent = number % len(pushes)
                yield placed(push.payload, event, sent) if self._placed else push.payload

    def _move(self, event: RoomEvent) -> None:
        """His own coming and going, as it took effect then."""
        if self._is_of_him(event):
            self._there = isinstance(event, Admitted)

    def _is_of_him(self, event: RoomEvent) -> bool:
        return isinstance(event, Admitted | Left) and event.user.id == self._user.id


def _concerns(push: Push, user_id: int) -> bool:
    return user_id != push.without and (push.only is None or user_id in push.only)
