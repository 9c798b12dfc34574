"""Who came online and who went, told a tick later: a flap within a tick says nothing.

Per changed user the union of the listeners over his rooms, per listener one put (channels-12).
"""

import logging

import trio

from trichat.core.events import StatusChanged
from trichat.core.model import Kind, User
from trichat.runtime.audience import Audiences
from trichat.runtime.clock import Clock
from trichat.runtime.connections import Connections
from trichat.runtime.delivery import Delivery
from trichat.runtime.listener import Listener
from trichat.store.port import Store

_log = logging.getLogger(__name__)


class Presence:
    """tick: seconds between an edge and its telling."""

    def __init__(
        self,
        store: Store,
        audiences: Audiences,
        connections: Connections,
        delivery: Delivery,
        clock: Clock,
        *,
        tick: float,
    ) -> None:
        self._store = store
        self._audiences = audiences
        self._delivery = delivery
        self._clock = clock
        self._tick = tick
        self._changed: dict[int, tuple[User, bool]] = {}
        self._wake = trio.Event()
        connections.on_edge = self._edge

    def _edge(self, user: User, online: bool) -> None:
        if user.id in self._changed:  # there and back within a tick
            del self._changed[user.id]
            return
        self._changed[user.id] = user, online
        self._wake.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._wake.wait()
            await trio.sleep(self._tick)
            self._wake = trio.Event()
            changed, self._changed = self._changed, {}
            for user, online in changed.values():
                try:
                    await self._tell(user, online)
                except Exception:  # nobody else watches over this task
                    _log.exception("presence of user %d is not told", user.id)

    async def _tell(self, user: User, online: bool) -> None:
        observers: dict[Listener, None] = {}
        for admission in await self._store.admissions(user.id):
            audience = self._audiences.of(admission.room.id)
            if audience is None or admission.room.kind is Kind.DIRECT:
                continue
            for group in audience.by_dialect.values():
                observers.update(
                    (listener, None) for listener in group if listener.user.id != user.id
                )
        self._delivery.tell_users(StatusChanged(user, self._clock(), online), observers)
