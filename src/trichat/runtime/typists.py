"""Who is typing where, so that a pending true is cleared when nobody else does (channels-7)."""

from math import inf

import trio
from attrs import frozen

from trichat.core.events import Typed
from trichat.core.model import Room
from trichat.runtime.clock import Clock
from trichat.runtime.feeds import Feeds
from trichat.runtime.listener import Listener
from trichat.runtime.timerqueue import TimerQueue

# Seconds after the last true.
EXPIRY = 120.0


@frozen(eq=False)
class _Pending:
    room: Room
    listener: Listener
    deadline: float


class Typing:
    """Tells a room's listeners, and clears after a disconnect, a leave or EXPIRY."""

    def __init__(self, feeds: Feeds, timers: TimerQueue, clock: Clock) -> None:
        self._feeds = feeds
        self._timers = timers
        self._clock = clock
        # The first to expire is the first in the table, since the span is the same.
        self._pending: dict[tuple[int, int], _Pending] = {}
        self._rooms: dict[Listener, set[int]] = {}
        self._is_timed = False

    def set(self, room: Room, listener: Listener, *, on: bool) -> None:
        """The listener's user types, or stopped."""
        key = room.id, listener.user.id
        self._drop(key)
        if on:
            self._pending[key] = _Pending(room, listener, trio.current_time() + EXPIRY)
            self._rooms.setdefault(listener, set()).add(room.id)
            if not self._is_timed:
                self._is_timed = True
                self._timers.begin(self)
        self._publish(room, listener, on)

    def rooms(self, listener: Listener) -> list[int]:
        """Where something is pending that this listener left."""
        return list(self._rooms.get(listener, ()))

    def clear(self, listener: Listener, room_id: int) -> None:
        """What this listener left pending in a room ends."""
        if room_id not in self._rooms.get(listener, ()):
            return
        pending = self._drop((room_id, listener.user.id))
        if pending is not None:
            self._publish(pending.room, listener, False)

    def _drop(self, key: tuple[int, int]) -> _Pending | None:
        pending = self._pending.pop(key, None)
        if pending is not None:
            rooms = self._rooms[pending.listener]
            rooms.remove(pending.room.id)
            if not rooms:
                del self._rooms[pending.listener]
        return pending

    def look(self, now: float) -> float:
        """What has expired ends; for the timers."""
        for key, pending in list(self._pending.items()):
            if pending.deadline > now:
                return pending.deadline
            self._drop(key)
            self._publish(pending.room, pending.listener, False)
        self._is_timed = False
        return inf

    def _publish(self, room: Room, listener: Listener, on: bool) -> None:
        self._feeds.add(room, Typed(room, listener.user, self._clock(), on))
