"""Who came online and who went, pushed a tick later: a flap within a tick pushes nothing.

Each listener is notified of whoever shares a room with them, once, and of all in one put
(channels-12).
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import trio

from trichat.core.events import StatusChanged
from trichat.core.model import User
from trichat.runtime.audience import Audiences
from trichat.runtime.clock import Clock
from trichat.runtime.encoding import Encoder
from trichat.runtime.listener import Batch, Listener, Part
from trichat.runtime.notices import Notices
from trichat.store.port import Store

_log = logging.getLogger(__name__)

# Users whose status is pushed together at most, and listeners looked at between two checkpoints.
EDGES_TOGETHER, LOOKS_PER_YIELD = 500, 500


class Presence:
    """tick: seconds between an edge and its push."""

    def __init__(
        self,
        store: Store,
        audiences: Audiences,
        encoder: Encoder,
        notices: Notices,
        clock: Clock,
        *,
        tick: float,
    ) -> None:
        self._store = store
        self._audiences = audiences
        self._encoder = encoder
        self._notices = notices
        self._clock = clock
        self._tick = tick
        self._changed: dict[int, tuple[User, bool]] = {}
        self._wake = trio.Event()

    def edge(self, user: User, online: bool) -> None:
        """A user's first socket came, or their last one went."""
        if user.id in self._changed:  # there and back within a tick
            del self._changed[user.id]
            return
        self._changed[user.id] = user, online
        self._wake.set()

    async def run(self) -> None:
        """For ever. In a crowd it rests for as long as it has worked."""
        spent = 0.0
        while True:
            await self._wake.wait()
            await trio.sleep(max(self._tick, spent))
            self._wake, began = trio.Event(), trio.current_time()
            changed, self._changed = self._changed, {}
            edges = list(changed.values())
            for begin in range(0, len(edges), EDGES_TOGETHER):
                some = edges[begin : begin + EDGES_TOGETHER]
                try:
                    await self._push(some)
                except Exception:  # nobody else watches over this task
                    _log.exception("presence of %d users is not pushed", len(some))
            spent = trio.current_time() - began

    async def _push(self, edges: Sequence[tuple[User, bool]]) -> None:
        rooms = await self._store.rooms_of([user.id for user, _ in edges])
        now = self._clock()
        events = [StatusChanged(user, now, online) for user, online in edges]
        kinds = {event.online: event for event in events}.values()
        names = {
            name
            for name in self._encoder.names
            if any(self._encoder.has_frame_for(name, event) for event in kinds)
        }
        observed = await self._observers(rooms, names)
        spoken = {listener.dialect.name for listener in observed}
        parts = {event.user.id: self._encoder.parts(event, spoken) for event in events}
        await self._notices.notify_each(_shares(observed, parts))

    async def _observers(
        self, rooms: Mapping[int, Iterable[int]], names: Set[str]
    ) -> Mapping[Listener, frozenset[int]]:
        """Who is in a room with users that changed, and which ones; of these dialects. Yields now
        and then.
        """
        changed: dict[int, set[int]] = {}
        for user_id, room_ids in rooms.items():
            for room_id in room_ids:
                changed.setdefault(room_id, set()).add(user_id)
        observed: dict[Listener, frozenset[int]] = {}
        looked_at = 0
        # The fullest first: in a crowd the others add nothing to it, and the set is shared.
        for room_id, some in sorted(changed.items(), key=lambda room: -len(room[1])):
            audience, user_ids = self._audiences.of(room_id), frozenset(some)
            for (name, _), group in tuple(audience.groups.items()) if audience else ():
                if name not in names:
                    continue
                for listener in group.listeners:
                    known = observed.get(listener, _NOBODY)
                    if not user_ids <= known:
                        observed[listener] = known | user_ids if known else user_ids
                    looked_at += 1
                    if looked_at % LOOKS_PER_YIELD == 0:
                        await trio.lowlevel.checkpoint()
        return observed


_NOBODY: frozenset[int] = frozenset()


def _shares(
    observed: Mapping[Listener, frozenset[int]], parts: Mapping[int, Mapping[str, Sequence[Part]]]
) -> Iterator[tuple[Listener, Batch]]:
    """One batch each, made when it is asked for: most see the same users and share it."""
    views: dict[tuple[str, frozenset[int]], _View] = {}
    order = {user_id: number for number, user_id in enumerate(parts)}
    for listener, user_ids in observed.items():
        key = listener.dialect.name, user_ids
        view = views.get(key)
        if view is None:
            in_order = (
                parts if len(user_ids) == len(parts) else sorted(user_ids, key=order.__getitem__)
            )
            seen = {id_: parts[id_].get(listener.dialect.name, ()) for id_ in in_order}
            view = views[key] = _View(seen)
        batch = view.of(listener.user.id)
        if batch is not None:
            yield listener, batch


class _View:
    """The frames of some users, for whoever sees just these: nobody gets their own."""

    def __init__(self, by_user: Mapping[int, Sequence[Part]]) -> None:
        self._parts: list[Part] = []
        self._own: dict[int, tuple[int, int]] = {}
        for user_id, parts in by_user.items():
            begin = len(self._parts)
            self._parts += parts
            self._own[user_id] = begin, len(self._parts)
        self._whole = Batch.of(self._parts)

    def of(self, user_id: int) -> Batch | None:
        if user_id not in self._own:
            return self._whole
        begin, end = self._own[user_id]
        return Batch.of(self._parts[:begin] + self._parts[end:])
