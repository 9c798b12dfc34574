"""Who of a room gets which of its frames, and the way they go.

Nearly everyone gets the same bytes and has nothing else waiting: for them they are written at once,
by their connection's slot, with no session and no outbox looked at on the way. Everybody else is
given them by their subscription.
"""

import logging
import os
from collections.abc import Iterable, Sequence

import trio

from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.audience import Group
from trichat.runtime.encoding import Encoded
from trichat.runtime.listener import Batch, Listener, Slot
from trichat.runtime.subscription import Subscription

_log = logging.getLogger(__name__)

# Puts between two checkpoints: one takes some 5 µs, so a chunk holds the loop for about a
# millisecond.
WRITES_PER_YIELD = 256

# Seconds between two checkpoints, looked at after WRITES_PER_STEP puts: one of a long frame takes
# ten times as long, and so does one that ends a session.
YIELD_AFTER, WRITES_PER_STEP = 0.002, 64

_NOBODYS_ID = 0


class FanOut:
    """What one dialect says of a room's events, on its way to one group of the room: one batch for
    nearly everyone, and for each user whom a frame names one of their own.

    It knows how far it has come, so that whoever is cancelled in the middle leaves it to another
    task. named: the subscriptions of the users that the frames name, in this group or not. done:
    whether everyone has it.
    """

    __slots__ = ("_group", "_named", "_next", "_others", "_row", "_slots", "done")

    def __init__(
        self, encoded: Encoded, group: Group, named: Iterable[Subscription], *, placed: bool
    ) -> None:
        self._group = group
        self._slots, self._row = group.row
        self._others = _share(encoded, _NOBODYS_ID, placed=placed)
        self._named: dict[Subscription, Batch | None] = {}
        if named:
            self._set_apart(encoded, named, placed=placed)
        self._next = 0
        self.done = self._others is None

    def _set_apart(self, encoded: Encoded, named: Iterable[Subscription], *, placed: bool) -> None:
        shares: dict[int, Batch | None] = {}
        for subscription in named:
            if subscription not in self._group:
                continue
            user_id = subscription.listener.user.id
            if user_id not in shares:
                shares[user_id] = _share(encoded, user_id, placed=placed)
            self._named[subscription] = shares[user_id]

    def begin(self) -> None:
        """For who is named and who is not LIVE, and the first of the row."""
        for subscription, batch in self._named.items():
            if batch is not None:
                offer(subscription, batch)
        if self._others is not None:
            for subscription in tuple(self._group.apart):
                if subscription not in self._named:
                    offer(subscription, self._others)
            self._step(self._others)

    async def finish(self) -> None:
        """The others, who have their turns between."""
        began, written = trio.current_time(), WRITES_PER_STEP
        while self._others is not None and not self.done:
            if written == WRITES_PER_YIELD or trio.current_time() - began > YIELD_AFTER:
                await trio.lowlevel.checkpoint()
                began, written = trio.current_time(), 0
            self._step(self._others)
            written += WRITES_PER_STEP

    def _step(self, batch: Batch) -> None:
        subscriptions, slots = self._row, self._slots
        if len(slots) <= WRITES_PER_STEP:
            self.done = True
        else:
            begin = self._next
            self._next = end = begin + WRITES_PER_STEP
            self.done = end >= len(slots)
            subscriptions, slots = subscriptions[begin:end], slots[begin:end]
        if self._named or not self._group.has_row(self._row):  # somebody has come or gone
            subscriptions = tuple(
                each for each in subscriptions if each not in self._named and each in self._group
            )
            slots = tuple([each.listener.slot for each in subscriptions])
        _write(subscriptions, slots, batch)


def _write(subscriptions: Sequence[Subscription], slots: Sequence[Slot], batch: Batch) -> None:
    wire, write = batch.joined.wire, os.write
    size = len(wire)
    for slot in slots:
        descriptor = slot.descriptor
        if descriptor is None:
            taken = 0
        else:
            try:
                taken = write(descriptor, wire)
            except OSError:  # full or gone: the outbox meets it again
                taken = 0
            if taken == size:
                continue
        offer(subscriptions[slots.index(slot)], batch, taken)


def offer(subscription: Subscription, batch: Batch, taken: int = 0) -> None:
    """A session's own fault ends that session: it has missed something, the others have not."""
    try:
        if taken:
            subscription.listener.put_rest(batch, taken)
        else:
            subscription.offer(batch)
    except Exception:
        fail(subscription.listener)


def notify(listener: Listener, batch: Batch) -> None:
    """The same for frames of no room that it hears."""
    try:
        listener.notify(batch)
    except Exception:
        fail(listener)


def fail(listener: Listener) -> None:
    """In an exception's handler: what is wrong with one session ends that one."""
    _log.exception("a session of user %d could not be given a frame", listener.user.id)
    listener.end(DisconnectReason.FAILED)


def users_named(encoded: Encoded) -> set[int]:
    """The ids of the users to whom not the same frames go as to everyone."""
    named: set[int] = set()
    for _, push in encoded.frames:
        if push.without is not None:
            named.add(push.without)
        if push.only is not None and not push.anywhere:
            named |= push.only
    return named


def _share(encoded: Encoded, user_id: int, *, placed: bool) -> Batch | None:
    parts = [
        part
        for part, push in encoded.frames
        if encoded.plain
        or (
            not push.anywhere
            and user_id != push.without
            and (push.only is None or user_id in push.only)
        )
    ]
    batch = Batch.of(parts)
    return batch.placed if placed and batch is not None else batch
