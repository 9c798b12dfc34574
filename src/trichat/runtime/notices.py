"""Users are notified of what belongs to no room they are in."""

from collections.abc import Iterable

import trio

from trichat.core.events import Event, RoomOpened
from trichat.core.model import Kind
from trichat.runtime.connections import Connections
from trichat.runtime.encoding import Encoder
from trichat.runtime.fanout import YIELD_AFTER, notify
from trichat.runtime.listener import Batch, Listener

# Puts between two checkpoints, where each is of many frames.
PUTS_PER_YIELD = 64


class Notices:
    """Frames to sessions, whichever rooms they are in."""

    def __init__(self, encoder: Encoder, connections: Connections) -> None:
        self._encoder = encoder
        self._connections = connections

    def notify(self, event: Event, listeners: Iterable[Listener]) -> None:
        """An ephemeral event, to these sessions, each in its dialect."""
        batches = self._encoder.batches(event)
        for listener in listeners:
            batch = batches.get(listener.dialect.name)
            if batch is not None:
                notify(listener, batch)

    async def notify_each(self, shares: Iterable[tuple[Listener, Batch]]) -> None:
        """To each their own, perhaps many frames; yields now and then."""
        began, written = trio.current_time(), 0
        for listener, batch in shares:
            notify(listener, batch)
            written += 1
            if written == PUTS_PER_YIELD or trio.current_time() - began > YIELD_AFTER:
                await trio.lowlevel.checkpoint()
                began, written = trio.current_time(), 0

    async def opened(self, event: RoomOpened, admitted: set[int]) -> None:
        """A new room: everyone may know of a public one, the admitted of a private one
        (channels-19), nobody of a direct one; its maker has it from the answer (channels-20).
        Yields now and then: everyone may be thousands.
        """
        if event.room.kind is Kind.DIRECT:
            return
        public = event.room.kind is Kind.PUBLIC
        batches = self._encoder.batches(event)
        await self.notify_each(
            (listener, batches[listener.dialect.name])
            for listener in self._connections.everyone()
            if listener.user.id != event.by.id
            and (public or listener.user.id in admitted)
            and listener.dialect.name in batches
        )
