"""The fan-out: each event encoded once per dialect, each listener given one put.

Membership changes take effect here, in the order of the log: who was admitted hears what comes
after, who left does not.
"""

import logging
from collections.abc import Container, Iterable, Mapping, Sequence

import trio

from trichat.core.events import Admitted, Edited, Event, Left, Numbered, RoomOpened, Said
from trichat.core.model import Kind, Room
from trichat.dialects.port import Dialect, Farewell, Push
from trichat.runtime import frames
from trichat.runtime.audience import Audiences
from trichat.runtime.connections import Connections
from trichat.runtime.listener import Batch, Listener, Part

_log = logging.getLogger(__name__)

# Puts between two checkpoints: an inline write takes some 3 µs, so a chunk holds the loop for
# less than a millisecond.
CHUNK = 256

# The same where each put is of many frames.
FEW = 64

# Seconds between two checkpoints, looked at after SOME puts: one of a long frame takes ten times as
# long, and so does one that ends a session.
LONGEST, SOME = 0.002, 64

_NOBODY: Mapping[Listener, None] = {}
_NOBODYS_ID = 0

_Encoded = list[tuple[Part, Push]]


class Delivery:
    """Tells listeners what happened."""

    def __init__(
        self, audiences: Audiences, connections: Connections, dialects: Iterable[Dialect]
    ) -> None:
        self._audiences = audiences
        self._connections = connections
        self._dialects = {dialect.name: dialect for dialect in dialects}

    @property
    def barred(self) -> Mapping[int, int]:
        """By user, as of when nothing of his is let through that he asked before."""
        return self._connections.barred

    async def deliver(self, room: Room, events: Sequence[Event]) -> None:
        """A committed batch, in order; yields between chunks of a large audience."""
        run: list[Event] = []
        for event in events:
            if isinstance(event, Admitted | Left):
                await self._fan_out(room, run)
                run = []
                self._change(event)
            run.append(event)
            if isinstance(event, Said | Edited) and event.notified:  # nothing between its frames
                await self._fan_out(room, run)
                run = []
        await self._fan_out(room, run)

    def tell(self, room: Room, event: Event) -> None:
        """A passing event, at once."""
        audience = self._audiences.of(room.id)
        if audience is None:
            return
        for name, group in tuple(audience.by_dialect.items()):
            encoded = self._encode(self._dialects[name], (event,))
            if encoded:
                _Shares(encoded).put(tuple(group), group)

    def tell_users(self, event: Event, listeners: Iterable[Listener]) -> None:
        """A passing event that belongs to no room, to these sessions, each in its dialect."""
        batches = {name: Batch(parts) for name, parts in self.encoded(event).items()}
        for listener in listeners:
            batch = batches.get(listener.dialect.name)
            if batch is not None:
                _put(listener, batch)

    def encoded(self, event: Event) -> dict[str, list[Part]]:
        """A passing event's frames in each dialect that has any."""
        by_dialect = {name: self._encode(each, (event,)) for name, each in self._dialects.items()}
        return {name: [part for part, _ in told] for name, told in by_dialect.items() if told}

    async def put_each(self, shares: Iterable[tuple[Listener, Batch]]) -> None:
        """To each his own, perhaps many frames; yields now and then."""
        began, put = trio.current_time(), 0
        for listener, batch in shares:
            _put(listener, batch)
            put += 1
            if put == FEW or trio.current_time() - began > LONGEST:
                await trio.lowlevel.checkpoint()
                began, put = trio.current_time(), 0

    def opened(self, event: RoomOpened, admitted: set[int]) -> None:
        """A new room: everyone may know of a public one, the admitted of a private one
        (channels-19), nobody of a direct one; its maker has it from the answer (channels-20).
        """
        if event.room.kind is Kind.DIRECT:
            return
        public = event.room.kind is Kind.PUBLIC
        self.tell_users(
            event,
            [
                listener
                for listener in self._connections.everyone()
                if listener.user.id != event.by.id and (public or listener.user.id in admitted)
            ],
        )

    # -- within

    def _change(self, event: Admitted | Left) -> None:
        if isinstance(event, Admitted):
            self._connections.admitted(event.user.id, event.room)
        else:
            self._connections.expelled(event.user.id, event.room)

    async def _fan_out(self, room: Room, events: Sequence[Event]) -> None:
        if not events:
            return
        outside = any(map(_may_reach_outside, events))
        for name, dialect in self._dialects.items():
            audience = self._audiences.of(room.id)
            group = audience.by_dialect.get(name, _NOBODY) if audience else _NOBODY
            if not group and not outside:
                continue
            encoded = self._encode(dialect, events)
            if group and encoded:
                shares, listeners = _Shares(encoded), tuple(group)
                shares.put(listeners[:SOME], group)
                if len(listeners) > SOME:
                    await shares.put_behind(listeners, group)
            if outside:
                self._anywhere(dialect, encoded)

    def _encode(self, dialect: Dialect, events: Sequence[Event]) -> _Encoded:
        """A dialect whose encoder raises goes without; the others are told."""
        encoded: _Encoded = []
        for event in events:
            numbered = event if isinstance(event, Numbered) else None
            seq = None if numbered is None else numbered.seq
            try:
                pushes = dialect.push(event)
                for number, push in enumerate(pushes, start=1):
                    told = number % len(pushes)  # the last one has told all
                    frame = frames.text(push.payload)
                    encoded.append((Part(seq, frame, push.passing, numbered, told), push))
            except Exception:
                _log.exception("%s cannot encode %s", dialect.name, type(event).__name__)
        return encoded

    def _anywhere(self, dialect: Dialect, encoded: _Encoded) -> None:
        for part, push in encoded:
            if push.anywhere and push.only is not None:
                batch = Batch([part])
                for user_id in push.only:
                    for listener in self._connections.of(user_id):
                        if listener.dialect.name == dialect.name:
                            _put(listener, batch)


class _Shares:
    """What of a room's frames is whose: one batch for nearly everyone, and for each user whom a
    frame names one of his own.
    """

    def __init__(self, encoded: _Encoded) -> None:
        here = [(part, push) for part, push in encoded if not push.anywhere]
        named: set[int] = set()
        for _, push in here:
            if push.without is not None:
                named.add(push.without)
            if push.only is not None:
                named |= push.only
        self._of = {user_id: _share(here, user_id) for user_id in named}
        self._others = _share(here, _NOBODYS_ID)

    async def put_behind(self, listeners: Sequence[Listener], group: Container[Listener]) -> None:
        """To those behind the first; others have their turns between."""
        began, put = trio.current_time(), SOME
        for begin in range(SOME, len(listeners), SOME):
            if put == CHUNK or trio.current_time() - began > LONGEST:
                await trio.lowlevel.checkpoint()
                began, put = trio.current_time(), 0
            self.put(listeners[begin : begin + SOME], group)
            put += SOME

    def put(self, listeners: Iterable[Listener], group: Container[Listener]) -> None:
        """One put to each of them that is still in the group."""
        of, others = self._of, self._others
        for listener in listeners:
            batch = of.get(listener.user.id, others) if of else others
            if batch is not None and listener in group:
                try:
                    listener.put(batch)
                except Exception:
                    _put_failed(listener)


def _share(here: _Encoded, user_id: int) -> Batch | None:
    parts = [
        part
        for part, push in here
        if user_id != push.without and (push.only is None or user_id in push.only)
    ]
    return Batch.of(parts)


def _put(listener: Listener, batch: Batch) -> None:
    try:
        listener.put(batch)
    except Exception:
        _put_failed(listener)


def _put_failed(listener: Listener) -> None:
    """A session's own fault ends that session: it has missed something, the others have not."""
    _log.exception("a session of user %d could not be told", listener.user.id)
    listener.end(Farewell.FAILED)


def _may_reach_outside(event: Event) -> bool:
    """Whether a frame of it may go to somebody who does not listen to the room."""
    return not isinstance(event, Said) or bool(event.notified)
