"""A session that asked to resume: every frame of an event tells where it stands, and what was
missed since a cursor comes before what is live (docs/resume.md).

A room is held from before the session enters it: its events wait. Its log is read from the client's
position up to its head then, and what waited is let go of, without what was read.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

from trichat.core import asks
from trichat.core.answers import Answer, Gap, Place
from trichat.core.cursor import Cursor, Position, join, parse, position
from trichat.core.model import Room, User
from trichat.dialects.disconnects import Farewell
from trichat.dialects.port import Dialect
from trichat.runtime.listener import Batch
from trichat.runtime.server import Runtime
from trichat.store.condition import StoreError
from trichat.wire.history import write_history
from trichat.wire.missed import GapError, Missed
from trichat.wire.outbox import Outbox

_log = logging.getLogger(__name__)

NONE_YET = ("", "1")  # what who has no cursor asks with

Head = tuple[int, int]  # the number of a log's last event, and its time


class Resumer(Protocol):
    """The session, as far as this goes."""

    runtime: Runtime
    rooms: dict[int, Room]
    user: User
    outbox: Outbox
    dialect: Dialect

    def answer(self, ask: asks.Ask, answer: Answer) -> None: ...
    def end(self, farewell: Farewell, reason: str = "") -> None: ...


class Resuming:
    """asked: what the query says."""

    def __init__(self, session: Resumer, asked: str) -> None:
        self._session = session
        self._limits = session.runtime.settings.limits
        self._ask = asks.Resume(asked)
        cursor = parse(asked)
        self._is_new = asked in NONE_YET
        self._is_lost = cursor is None and not self._is_new
        self._cursor = cursor or Cursor({})
        self._given = dict(self._cursor.positions)
        self._bases: dict[int, Position | None] = {}  # None: a gap
        self._fresh: dict[int, Position] = {}  # what the client does not know yet
        self._began: int | None = None
        self._held: dict[int, list[Batch]] = {}
        self._held_bytes = 0
        self._told: dict[int, int] = {}

    # -- pushes

    def put(self, batch: Batch) -> None:
        """A push, in place of the outbox's own."""
        room_id = batch.room_id
        if room_id in self._held:
            self._hold(self._held[room_id], batch)
        elif room_id not in self._told:
            self._put(room_id, batch)
        elif fresh := self._untold(room_id, batch):
            self._put(room_id, fresh)

    def _put(self, room_id: int, batch: Batch) -> None:
        """Without its place where this session does not follow: a mention from elsewhere."""
        self._session.outbox.put(batch.placed if room_id in self._session.rooms else batch)

    def _hold(self, held: list[Batch], batch: Batch) -> None:
        if self._session.outbox.is_behind(self._held_bytes):
            held.clear()
            self._session.end(Farewell.TOO_SLOW)
        else:
            held.append(batch)
            self._held_bytes += len(batch.joined.wire)

    def _untold(self, room_id: int, batch: Batch) -> Batch | None:
        """Without what was read from the log: committed before, and delivered only now."""
        fresh = batch.behind(self._told[room_id])
        if fresh is not None and any(part.seq for part in fresh.parts):
            del self._told[room_id]  # numbers rise
        return fresh

    # -- following rooms: prepare, hold, enter, catch up

    async def prepare(self, rooms: Iterable[Room], joined: Mapping[int, int] | None = None) -> None:
        """Before these are held: from where on each is followed. joined: of rooms that are
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

    def hold(self, rooms: Iterable[Room]) -> None:
        """Events of these wait from now on. Only of rooms that were prepared."""
        for room in rooms:
            self._given.pop(room.id, None)
            self._held[room.id] = []

    async def catch_up(self) -> None:
        """Tell what was missed in the rooms that are held, and let them go on."""
        try:
            await self._catch_up()
        except StoreError:
            _log.exception("what was missed could not be read")
            self._session.end(Farewell.STORAGE_FAILED)

    async def _catch_up(self) -> None:
        held = tuple(self._held)
        if not held and self._began is None:  # it was refused
            return
        if self._is_new:
            self._tell_place([self._fresh[id_] for id_ in held], self._began)
        else:
            self._tell_place([self._fresh[id_] for id_ in held if id_ in self._fresh])
        heads = await self._session.runtime.logs.heads(held)
        rooms = [room for id_ in held if (room := self._session.rooms.get(id_)) and id_ in heads]
        behind = await self._replay(rooms, heads)
        began = None if self._is_new else self._began
        self._tell_place([position(id_, *heads[id_]) for id_ in behind], began)
        self._began = None
        for room_id in held:
            self._release(room_id, heads.get(room_id, (0, 0))[0])

    async def _replay(self, rooms: Sequence[Room], heads: Mapping[int, Head]) -> list[int]:
        """Those whose head no frame has told: the client stands there without one. Where little
        was missed comes first, so that one room's much costs no other's.
        """
        missing = {room.id: self._missing(room.id, heads[room.id]) for room in rooms}
        space = self._limits.replay
        gaps: list[Room] = []
        behind: list[int] = []
        for room in sorted(rooms, key=lambda room: missing[room.id]):
            base, head = self._bases[room.id], heads[room.id]
            if base is None or missing[room.id] > space:
                gaps.append(room)
                continue
            try:
                told = await self._tell_missed(room, base, head)
            except GapError:
                gaps.append(room)
                continue
            space -= missing[room.id]
            if told < head[0]:
                behind.append(room.id)
        self._tell_gaps(gaps)
        return [*(room.id for room in gaps), *behind]

    def _missing(self, room_id: int, head: Head) -> int:
        base = self._bases[room_id]
        return 0 if base is None else head[0] - base.seq

    async def _tell_missed(self, room: Room, base: Position, head: Head) -> int:
        """The number of the last event that the client knows to be told. Raises GapError."""
        session, told = self._session, base.seq
        missed = Missed(session.runtime.logs, session.dialect, session.user, room)
        async with aclosing(missed.pages(base, head)) as pages:
            async for page in pages:
                if room.id not in session.rooms:  # he was put out meanwhile
                    return head[0]
                payloads = [payload for _, frames in page for payload in frames]
                if payloads:
                    await session.outbox.answer_paced(*payloads)
                    told = max(seq for seq, frames in page if frames)
        return told

    def _tell_gaps(self, gaps: Sequence[Room]) -> None:
        """And, to who follows by himself, what of his cursor is of no room that he follows."""
        known = self._began is None or self._is_new
        unknown = () if known else tuple(str(id_) for id_ in self._given)
        if gaps or unknown:
            self._session.answer(self._ask, Gap(tuple(gaps), unknown))

    def _tell_place(self, positions: Sequence[Position], began: int | None = None) -> None:
        if positions or began is not None:
            self._session.answer(self._ask, Place(join(positions, began)))

    def _release(self, room_id: int, upto: int) -> None:
        self._told[room_id] = upto
        held = self._held.pop(room_id)
        self._held_bytes -= sum(len(batch.joined.wire) for batch in held)
        if room_id in self._session.rooms:
            for batch in held:
                self.put(batch)

    # -- the one room of a connection that begins in it; its outbox is on hold meanwhile

    async def come_in(self, room: Room) -> int:
        """What was missed, or the history after a gap or where there is no cursor; then where that
        ends. The number of the last event that is told so.
        """
        session = self._session
        base = self._given.get(room.id)
        (head,) = (await session.runtime.logs.heads([room.id])).values()
        try:
            if base is None or head[0] - base.seq > self._limits.replay:
                raise GapError
            await self._tell_missed(room, base, head)
        except GapError:
            if not self._is_new:
                session.answer(self._ask, Gap((room,)))
            head = await self._history(room)
        self._tell_place([position(room.id, *head)])
        return head[0]

    async def _history(self, room: Room) -> Head:
        session = self._session
        last = await write_history(session, room)
        ends = await session.runtime.logs.read(room.id, last - 1, 1) if last else []
        return last, ends[0].at if ends else 0
