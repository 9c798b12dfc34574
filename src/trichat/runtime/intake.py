"""How events get into a room's stream: in the order of their numbers, and with their effect."""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from attrs import define, field, frozen

from trichat.core.events import (
    Admitted,
    Edited,
    Ephemeral,
    Event,
    Left,
    Mark,
    Numbered,
    RoomChanged,
    Said,
)
from trichat.core.model import Room
from trichat.core.ordering import Ordering
from trichat.runtime.connections import Connections
from trichat.runtime.delivery import Delivery, Item

_log = logging.getLogger(__name__)


@define
class Effects:
    """What the change of a membership causes while it takes effect. number: of the event. begins,
    ends: of subscriptions, directly before it. caused: events, which stand directly behind an
    admission and directly before a leaving.
    """

    number: int
    begins: list[Item] = field(factory=list)
    ends: list[Item] = field(factory=list)
    caused: list[Item] = field(factory=list)


class Intake:
    """Synchronous. changed: called when the room is another. effects: of what takes effect at this
    moment. ordering: of what has been taken in, by its lists of items.
    """

    __slots__ = ("_changed", "_connections", "_delivery", "_early", "effects", "ordering")

    def __init__(
        self, delivery: Delivery, connections: Connections, changed: Callable[[Room], None]
    ) -> None:
        self._changed = changed
        self._delivery = delivery
        self._connections = connections
        self.ordering: Ordering[list[Item]] = Ordering()
        self._early: Sequence[list[Item]] = ()  # what came before it was known where to begin
        self.effects: Effects | None = None

    # -- where it stands

    @property
    def has_gap(self) -> bool:
        """Whether an event is missing of which it is known that it is in the log."""
        ordering = self.ordering  # asked for at every message: a call less
        return ordering.last is not None and ordering.highest > ordering.last

    @property
    def is_full(self) -> bool:
        """Whether as much waits behind a gap as may."""
        return self.ordering.is_full and self.ordering.has_gap

    def start(self, head: int) -> int:
        """The number behind which it begins, given the log's last; take_up() has to follow."""
        self._early = self.ordering.start(head)
        return (self.ordering.last or 0) - len(self._early)

    def take_up(self) -> None:
        """What had arrived before has its turn."""
        early, self._early = self._early, ()
        for items in early:
            self._append_all(items)

    def expect(self, number: int) -> None:
        """The log has events up to this number."""
        self.ordering.expect(number)

    # -- taking in

    def publish(self, events: Sequence[Event], *, keep: bool = True) -> None:
        """Take in what was committed, in the order of the commit: numbered events, and marks behind
        them. keep: whether it waits even behind a large gap; otherwise it may be dropped there and
        read later.
        """
        ordering = self.ordering
        for at, event in enumerate(events):
            if isinstance(event, Numbered):
                is_next = ordering.advance(event.seq)
            else:
                is_next = ordering.is_even
            if not is_next:
                self._publish_out_of_order(events[at:], keep=keep)
                return
            self._append(event)

    def _publish_out_of_order(self, events: Sequence[Event], *, keep: bool) -> None:
        number, items = 0, list[Item]()
        for event in events:
            if isinstance(event, Numbered):
                self._take(number, items, keep=keep)
                number, items = event.seq, [event]
            else:
                items.append(event)
        self._take(number, items, keep=keep)

    def call_behind(self, then: Callable[[], None]) -> None:
        """Call this when all that was taken in has been delivered, or the log that is missing
        before it could not be read.
        """
        self._take_unnumbered([_Completion(then)])

    def pass_over(self, number: int) -> None:
        """An event of which nothing is left to deliver."""
        self._take(number, [partial(self._delivery.pass_over, number)], keep=True)

    def add(self, event: Ephemeral | Mark) -> None:
        """An event without a number, behind what has been taken in."""
        if self.effects is not None:
            self.effects.caused.append(event)
        else:
            self._delivery.append(event)

    def _take(self, number: int, items: list[Item], *, keep: bool) -> None:
        if not number:
            self._take_unnumbered(items)
            return
        taken = self.ordering.take(number, items, _size(items[0]), keep=keep)
        if taken is not None:
            for each in taken:
                self._append_all(each)
            return
        waiting = self.ordering.waits(number)  # the event is known; what follows it is not
        if waiting is None:
            self._append_all(items[1:])
        else:
            waiting.extend(items[1:])

    def _take_unnumbered(self, items: list[Item]) -> None:
        behind = self.ordering.newest
        if behind is None:
            self._append_all(items)
        else:
            behind.extend(items)

    def _append_all(self, items: Iterable[Item]) -> None:
        for item in items:
            self._append(item)

    def _append(self, item: Item) -> None:
        if isinstance(item, (Admitted, Left)):
            self._let_take_effect(item)
            return
        if isinstance(item, RoomChanged):
            self._changed(item.room)
        self._delivery.append(item)

    def _let_take_effect(self, event: Admitted | Left) -> None:
        """Who is admitted hears the event and what it causes; who leaves hears what was before."""
        effects = self.effects = Effects(event.seq)
        try:
            if isinstance(event, Admitted):
                self._connections.admitted(event.user.id, event.room)
            else:
                self._connections.expelled(event.user.id, event.room)
        finally:
            self.effects = None
        if isinstance(event, Admitted):
            items = (*effects.begins, event, *effects.caused)
        else:  # who leaves types no more by then (channels-7)
            items = (*effects.ends, *effects.caused, event)
        for item in items:
            self._delivery.append(item)

    # -- where what is missing cannot be read

    def complete_early(self) -> None:
        """Nobody waits any longer for what is behind a gap."""
        for items in self.ordering.waiting():
            for item in [each for each in items if isinstance(each, _Completion)]:
                items.remove(item)
                try:
                    item()
                except Exception:
                    _log.exception("somebody who waits for a delivery failed")

    def give_up(self) -> None:
        """Nobody reads it any more: what waits behind it has its turn."""
        for items in self.ordering.give_up():
            self._append_all(items)


@frozen(eq=False)
class _Completion:
    """Whoever waits until what was published has been delivered."""

    then: Callable[[], None]

    def __call__(self) -> None:
        self.then()


def _size(item: Item) -> int:
    """Bytes that it takes while it waits, about."""
    text = item.message.text if isinstance(item, Said | Edited) else ""
    return 500 + len(text) * 2
