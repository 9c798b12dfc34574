"""What a session that asked to resume gets of what it missed, over all its rooms: it shares one
bound, one order, one gap and one cursor (docs/resume.md).

Its subscriptions wait from before it is greeted. Each room's log is read from the client's position
up to its head then; what was committed meanwhile is read behind that, until the subscription is
LIVE.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

from trichat.core import requests
from trichat.core.answers import Answer, Gap, Place
from trichat.core.cursor import Cursor, Position, join, parse, position
from trichat.core.model import Room
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.subscription import Subscription
from trichat.store.health import StoreError
from trichat.wire.history import write_history
from trichat.wire.missed import GapError
from trichat.wire.replaying import Head, Reader, chase, replay, waits

_log = logging.getLogger(__name__)

NONE_YET = ("", "1")  # what who has no cursor asks with


class Resumer(Reader, Protocol):
    """The session, as far as this goes."""

    def answer(self, request: requests.Request, answer: Answer) -> None: ...


class Resumption:
    """asked: what the query says."""

    def __init__(self, session: Resumer, asked: str) -> None:
        self._session = session
        self._limits = session.runtime.settings.limits
        self._ask = requests.Resume(asked)
        cursor = parse(asked)
        self._is_new = asked in NONE_YET
        self._is_lost = cursor is None and not self._is_new
        self._cursor = cursor or Cursor({})
        self._given = dict(self._cursor.positions)
        self._bases: dict[int, Position | None] = {}  # None: a gap
        self._fresh: dict[int, Position] = {}  # what the client does not know yet
        self._began: int | None = None
        self._entered: dict[int, Subscription | None] = {}  # None: left again already

    # -- following rooms: prepare, enter, catch up

    async def prepare(self, rooms: Iterable[Room], joined: Mapping[int, int] | None = None) -> None:
        """Before these are entered: from where on each is followed. joined: of rooms that are
        followed by themselves, since when (ms) the user is a member.
        """
        if joined is not None:
            self._began = self._session.runtime.clock()
        heads = await self._session.runtime.logs.heads([room.id for room in rooms])
        self._bases, self._fresh = {}, {}
        for room_id, head in heads.items():
            if room_id in self._given:
                self._bases[room_id] = self._given[room_id]
            elif self._is_lost:
                self._bases[room_id] = None
            elif joined is not None and not self._is_new:
                self._bases[room_id] = await self._joined(room_id, joined[room_id], head)
            else:
                self._bases[room_id] = self._fresh[room_id] = position(room_id, *head)

    async def _joined(self, room_id: int, at: int, head: Head) -> Position | None:
        """Before the admission that has come since the cursor began; None if it came before."""
        if self._cursor.since is None or at <= self._cursor.since:
            return None
        seq, _ = head
        admitted = await self._session.runtime.logs.admission(
            room_id, self._session.user.id, max(0, seq - self._limits.replay)
        )
        return None if admitted is None else Position(room_id, admitted - 1, None)

    def entered(self, rooms: Iterable[Room]) -> None:
        """The session is in these now, and waits. Only of rooms that were prepared."""
        for room in rooms:
            self._given.pop(room.id, None)
            self._entered[room.id] = self._session.subscriptions.get(room.id)

    async def catch_up(self) -> None:
        """Tell what was missed in the rooms that were entered, and let them go on."""
        try:
            await self._catch_up()
        except StoreError:
            _log.exception("what was missed could not be read")
            self._session.end(DisconnectReason.STORAGE_FAILED)

    async def _catch_up(self) -> None:
        entered, self._entered = self._entered, {}
        if not entered and self._began is None:  # it was refused
            return
        if self._is_new:
            self._send_place([self._fresh[id_] for id_ in entered], self._began)
        else:
            self._send_place([self._fresh[id_] for id_ in entered if id_ in self._fresh])
        heads = await self._session.runtime.logs.heads(entered)
        there = [each for each in entered.values() if each is not None]
        there = [each for each in there if waits(self._session, each) and each.room.id in heads]
        behind = await self._replay(there, heads)
        began = None if self._is_new else self._began
        self._send_place([position(id_, *heads[id_]) for id_ in behind], began)
        self._began = None
        for each in there:
            number, _ = heads[each.room.id]
            await chase(self._session, each, number, partial(self._send_head, each.room))

    async def _replay(self, there: Sequence[Subscription], heads: Mapping[int, Head]) -> list[int]:
        """Write what was missed in these rooms, and return the ids of those in which no frame bore
        the cursor of the head: a frame of its own has to. Where little was missed comes first, so
        that one room's much costs no other's.
        """
        missing = {each: self._missing(each.room.id, heads[each.room.id]) for each in there}
        space = self._limits.replay
        gaps: list[Subscription] = []
        behind: list[Subscription] = []
        for each in sorted(there, key=missing.__getitem__):
            base, head = self._bases[each.room.id], heads[each.room.id]
            if base is None or missing[each] > space:
                gaps.append(each)
                continue
            try:
                reached = await replay(self._session, each, base, head)
            except GapError:
                gaps.append(each)
                continue
            space -= missing[each]
            if reached < head[0]:
                behind.append(each)
        self._send_gaps([each.room for each in gaps])
        return [each.room.id for each in (*gaps, *behind) if waits(self._session, each)]

    def _missing(self, room_id: int, head: Head) -> int:
        base = self._bases[room_id]
        return 0 if base is None else head[0] - base.seq

    def _send_gaps(self, gaps: Sequence[Room]) -> None:
        """Write which rooms have gaps. Whoever follows all their rooms also learns which positions
        of their cursor are of rooms that they do not follow."""
        known = self._began is None or self._is_new
        unknown = () if known else tuple(str(id_) for id_ in self._given)
        if gaps or unknown:
            self._session.answer(self._ask, Gap(tuple(gaps), unknown))

    def _send_place(self, positions: Sequence[Position], began: int | None = None) -> None:
        if positions or began is not None:
            self._session.answer(self._ask, Place(join(positions, began)))

    def _send_head(self, room: Room, head: Head) -> None:
        self._send_place([position(room.id, *head)])

    # -- the one room of a connection that begins in it

    async def come_in(self, subscription: Subscription) -> int:
        """What was missed, or the history after a gap or where there is no cursor; then where that
        ends. The number of the last event that is replayed so.
        """
        session, room = self._session, subscription.room
        base = self._given.get(room.id)
        (head,) = (await session.runtime.logs.heads([room.id])).values()
        try:
            if base is None or head[0] - base.seq > self._limits.replay:
                raise GapError
            await replay(session, subscription, base, head)
        except GapError:
            if not self._is_new:
                session.answer(self._ask, Gap((room,)))
            head = await self._history(room)
        self._send_place([position(room.id, *head)])
        return head[0]

    async def _history(self, room: Room) -> Head:
        session = self._session
        last = await write_history(session, room)
        ends = await session.runtime.logs.read(room.id, last - 1, 1) if last else []
        return last, ends[0].at if ends else 0
