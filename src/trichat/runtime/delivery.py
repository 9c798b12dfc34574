"""The fan-out: each event encoded once per dialect, each listener given one put.

Membership changes take effect here, in the order of the log: who was admitted hears what comes
after, who left does not.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

import trio

from trichat.core.events import Admitted, Edited, Event, Left, Numbered, RoomOpened, Said
from trichat.core.model import Kind, Room
from trichat.dialects.port import Dialect
from trichat.runtime import frames
from trichat.runtime.audience import Audiences
from trichat.runtime.connections import Connections
from trichat.runtime.fanout import LONGEST, Encoded, FanOut, put
from trichat.runtime.listener import Batch, Listener, Part

_log = logging.getLogger(__name__)

# Puts between two checkpoints, where each is of many frames.
FEW = 64


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
                FanOut(encoded, group, self._connections).run()

    def tell_users(self, event: Event, listeners: Iterable[Listener]) -> None:
        """A passing event that belongs to no room, to these sessions, each in its dialect."""
        batches = self._batches(event)
        for listener in listeners:
            batch = batches.get(listener.dialect.name)
            if batch is not None:
                put(listener, batch)

    def _batches(self, event: Event) -> dict[str, Batch]:
        return {name: Batch(parts) for name, parts in self.encoded(event).items()}

    def encoded(self, event: Event) -> dict[str, list[Part]]:
        """A passing event's frames in each dialect that has any."""
        by_dialect = {name: self._encode(each, (event,)) for name, each in self._dialects.items()}
        return {name: [part for part, _ in told] for name, told in by_dialect.items() if told}

    async def put_each(self, shares: Iterable[tuple[Listener, Batch]]) -> None:
        """To each his own, perhaps many frames; yields now and then."""
        began, told = trio.current_time(), 0
        for listener, batch in shares:
            put(listener, batch)
            told += 1
            if told == FEW or trio.current_time() - began > LONGEST:
                await trio.lowlevel.checkpoint()
                began, told = trio.current_time(), 0

    async def opened(self, event: RoomOpened, admitted: set[int]) -> None:
        """A new room: everyone may know of a public one, the admitted of a private one
        (channels-19), nobody of a direct one; its maker has it from the answer (channels-20).
        Yields now and then: everyone may be thousands.
        """
        if event.room.kind is Kind.DIRECT:
            return
        public = event.room.kind is Kind.PUBLIC
        batches = self._batches(event)
        await self.put_each(
            (listener, batches[listener.dialect.name])
            for listener in self._connections.everyone()
            if listener.user.id != event.by.id
            and (public or listener.user.id in admitted)
            and listener.dialect.name in batches
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
            group = audience.by_dialect.get(name) if audience else None
            if not group and not outside:
                continue
            encoded = self._encode(dialect, events)
            if group and encoded:
                await FanOut(encoded, group, self._connections).run_in_chunks()
            if outside:
                self._anywhere(dialect, room, encoded)

    def _encode(self, dialect: Dialect, events: Sequence[Event]) -> Encoded:
        """A dialect whose encoder raises goes without; the others are told."""
        encoded: Encoded = []
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

    def _anywhere(self, dialect: Dialect, room: Room, encoded: Encoded) -> None:
        for part, push in encoded:
            if push.anywhere and push.only is not None:
                batch = Batch([part])
                for user_id in push.only:
                    for listener in self._connections.of(user_id):
                        knows = room.kind in listener.dialect.kinds
                        if knows and listener.dialect.name == dialect.name:
                            put(listener, batch)


def _may_reach_outside(event: Event) -> bool:
    """Whether a frame of it may go to somebody who does not listen to the room."""
    return not isinstance(event, Said) or bool(event.notified)
