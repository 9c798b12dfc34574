"""Who of a room gets which of its frames, and the way they go.

Nearly everyone gets the same bytes and has nothing else waiting: to him they are written at once,
by his lane, with no session and no outbox looked at on the way. Everybody else is given them by
his listener.
"""

import logging
import os
from collections.abc import Iterable

import trio

from trichat.dialects.disconnects import Farewell
from trichat.dialects.port import Push
from trichat.runtime.audience import Group
from trichat.runtime.connections import Connections
from trichat.runtime.listener import Batch, Lane, Listener, Part

_log = logging.getLogger(__name__)

# Puts between two checkpoints: one takes some 5 µs, so a chunk holds the loop for about a
# millisecond.
CHUNK = 256

# Seconds between two checkpoints, looked at after SOME puts: one of a long frame takes ten times as
# long, and so does one that ends a session.
LONGEST, SOME = 0.002, 64

_NOBODYS_ID = 0

Encoded = list[tuple[Part, Push]]


class FanOut:
    """What one dialect says of a room's events, on its way to the dialect's group in the room: one
    batch for nearly everyone, and for each user whom a frame names one of his own.
    """

    def __init__(self, encoded: Encoded, group: Group, connections: Connections) -> None:
        here = [(part, push) for part, push in encoded if not push.anywhere]
        self._group = group
        self._lanes = group.lanes
        self._others = _share(here, _NOBODYS_ID)
        self._apart: dict[Lane, Batch | None] = {}
        for user_id in _named(here):
            share = _share(here, user_id)
            for listener in connections.of(user_id):
                if listener.lane in group:
                    self._apart[listener.lane] = share

    def run(self) -> None:
        """At once, to all of them."""
        self._put_apart()
        if self._others is not None:
            self._put(self._lanes, self._others)

    async def run_in_chunks(self) -> None:
        """To the first at once; others have their turns between."""
        self._put_apart()
        if self._others is None:
            return
        lanes, others = self._lanes, self._others
        self._put(lanes[:SOME], others)
        if len(lanes) <= SOME:
            return
        began, told = trio.current_time(), SOME
        for begin in range(SOME, len(lanes), SOME):
            if told == CHUNK or trio.current_time() - began > LONGEST:
                await trio.lowlevel.checkpoint()
                began, told = trio.current_time(), 0
            some = lanes[begin : begin + SOME]
            if self._group.lanes is not lanes:  # somebody has come or gone
                some = tuple(lane for lane in some if lane in self._group)
            self._put(some, others)
            told += SOME

    def _put_apart(self) -> None:
        for lane, batch in self._apart.items():
            listener = self._group.at(lane)
            if batch is not None and listener is not None:
                put(listener, batch)

    def _put(self, lanes: Iterable[Lane], batch: Batch) -> None:
        if self._apart:
            lanes = [lane for lane in lanes if lane not in self._apart]
        wire, write = batch.joined.wire, os.write
        size = len(wire)
        for lane in lanes:
            taken, descriptor = 0, lane.descriptor
            if descriptor is not None:
                try:
                    taken = write(descriptor, wire)
                except OSError:  # full or gone: his outbox meets it again
                    taken = 0
                if taken == size:
                    continue
            listener = self._group.at(lane)
            if listener is not None:
                put(listener, batch, taken)


def put(listener: Listener, batch: Batch, taken: int = 0) -> None:
    """A session's own fault ends that session: it has missed something, the others have not."""
    try:
        if taken:
            listener.put_rest(batch, taken)
        else:
            listener.put(batch)
    except Exception:
        _log.exception("a session of user %d could not be told", listener.user.id)
        listener.end(Farewell.FAILED)


def _named(here: Encoded) -> set[int]:
    named: set[int] = set()
    for _, push in here:
        if push.without is not None:
            named.add(push.without)
        if push.only is not None:
            named |= push.only
    return named


def _share(here: Encoded, user_id: int) -> Batch | None:
    parts = [
        part
        for part, push in here
        if user_id != push.without and (push.only is None or user_id in push.only)
    ]
    return Batch.of(parts)
