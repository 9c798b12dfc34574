"""Who is present in which room, and the subscriptions of each room by the form of their frames.

A plain table beside the actors, changed synchronously, read by whoever delivers. A user in
hundreds of rooms costs hundreds of entries here and starts no actor.
"""

from collections.abc import Callable, KeysView

from attrs import define, field

from trichat.core.model import Room, User
from trichat.runtime.listener import Listener, Slot
from trichat.runtime.subscription import State, Step, Subscription

# A dialect's name, and whether each frame says where it stands in the log.
Form = tuple[str, bool]

Row = tuple[tuple[Slot, ...], tuple[Subscription, ...]]


@define
class _Presence:
    user: User
    since: int
    subscriptions: tuple[Subscription, ...] = ()


class Group:
    """One room's subscriptions whose connections get the same bytes.

    Those that are LIVE stand in a row, by which a fan-out writes; the others stand `apart`, in
    order of coming.
    """

    __slots__ = ("_live", "_row", "apart")

    def __init__(self) -> None:
        self._live: dict[Subscription, Listener] = {}
        self.apart: dict[Subscription, Listener] = {}
        self._row: Row | None = None

    def __len__(self) -> int:
        return len(self._live) + len(self.apart)

    def __contains__(self, subscription: Subscription) -> bool:
        return subscription in self._live or subscription in self.apart

    def add(self, subscription: Subscription) -> None:
        """From now on it is offered what is fanned out."""
        subscription.group = self
        if subscription.state is State.LIVE:
            self._live[subscription] = subscription.listener
            self._row = None
        else:
            self.apart[subscription] = subscription.listener

    def take(self, subscription: Subscription, step: Step) -> None:
        """A step of a subscription that may be in; one that becomes LIVE enters the row."""
        subscription.take(step)
        if subscription.state is State.LIVE and subscription in self.apart:
            del self.apart[subscription]
            self.add(subscription)

    def catch_up(self, delivered: int) -> None:
        """Those who have got all up to this number already hear what comes next."""
        for each in tuple(self.apart):
            if each.state is State.SKIPPING and each.upto <= delivered:
                self.take(each, Step.CAUGHT_UP)

    def remove(self, subscription: Subscription) -> None:
        """From now on it is not."""
        subscription.group = None
        if subscription in self._live:
            del self._live[subscription]
            self._row = None
        else:
            del self.apart[subscription]

    @property
    def row(self) -> Row:
        """The slots of those that are LIVE, and beside them the subscriptions, in order of coming;
        the same tuple until one comes or goes.
        """
        if self._row is None:
            self._row = tuple([each.slot for each in self._live.values()]), tuple(self._live)
        return self._row

    def has_row(self, subscriptions: tuple[Subscription, ...]) -> bool:
        """Whether these are its row still. It is not made for that: a crowd may be coming."""
        return self._row is not None and self._row[1] is subscriptions

    @property
    def listeners(self) -> list[Listener]:
        """Whose subscriptions they are."""
        return [*self._live.values(), *self.apart.values()]


@define(eq=False)
class Audience:
    """One room's subscriptions by the form of their frames, and the users who are present."""

    room: Room
    groups: dict[Form, Group] = field(factory=dict)
    _present: dict[int, _Presence] = field(factory=dict)

    @property
    def present(self) -> tuple[tuple[User, int], ...]:
        """(user, since when in ms) in order of coming."""
        return tuple((presence.user, presence.since) for presence in self._present.values())

    @property
    def ids(self) -> KeysView[int]:
        """The ids of the users present, as a live view."""
        return self._present.keys()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is present and nobody hears it."""
        return not self._present and not self.groups

    def arrive(self, subscription: Subscription, now: int) -> bool:
        """One more connection of a user is in the room; whether it is their first."""
        user = subscription.listener.user
        presence = self._present.get(user.id)
        if presence is None:
            self._present[user.id] = _Presence(user, now, (subscription,))
            return True
        presence.subscriptions += (subscription,)
        return False

    def depart(self, subscription: Subscription) -> bool:
        """One connection less; whether it was its user's last."""
        user_id = subscription.listener.user.id
        presence = self._present[user_id]
        if len(presence.subscriptions) == 1:
            del self._present[user_id]
            return True
        presence.subscriptions = tuple(
            each for each in presence.subscriptions if each is not subscription
        )
        return False

    def of(self, user_id: int) -> tuple[Subscription, ...]:
        """The subscriptions of a user's connections."""
        presence = self._present.get(user_id)
        return presence.subscriptions if presence else ()

    def changed(self, user: User) -> None:
        """Somebody present bears another name or role."""
        self._present[user.id].user = user

    def room_changed(self, room: Room) -> None:
        """The room is another from now on, for everyone who is in it."""
        self.room = room
        for presence in self._present.values():
            for subscription in presence.subscriptions:
                subscription.room = room

    def add(self, subscription: Subscription) -> None:
        """It is offered what is fanned out from now on."""
        form = subscription.listener.dialect.name, subscription.placed
        group = self.groups.get(form)
        if group is None:
            group = self.groups[form] = Group()
        group.add(subscription)

    def catch_up(self, delivered: int) -> None:
        """Those who have got all up to this number already hear what comes next."""
        for group in self.groups.values():
            if group.apart:
                group.catch_up(delivered)

    def remove(self, subscription: Subscription) -> None:
        """Nothing where it was not added."""
        group = subscription.group
        if group is not None:
            group.remove(subscription)
            if not group:
                del self.groups[subscription.listener.dialect.name, subscription.placed]


def advance(subscription: Subscription, step: Step) -> None:
    """A step of a subscription, which may be in a group."""
    group = subscription.group
    if group is None:
        subscription.take(step)
    else:
        group.take(subscription, step)


class Audiences:
    """The table of all rooms that anybody is in. on_empty: called when the last one goes."""

    def __init__(self, on_empty: Callable[[Room], None] = lambda room: None) -> None:
        self._rooms: dict[int, Audience] = {}
        self._on_empty = on_empty

    def rooms(self) -> list[Room]:
        """Those that anybody is in."""
        return [audience.room for audience in self._rooms.values()]

    def of(self, room_id: int) -> Audience | None:
        """The room's audience, None when nobody is in it."""
        return self._rooms.get(room_id)

    def open(self, room: Room) -> Audience:
        """The room's audience, made if need be; whoever asks puts somebody into it."""
        audience = self._rooms.get(room.id)
        if audience is None:
            audience = self._rooms[room.id] = Audience(room)
        return audience

    def close_if_empty(self, audience: Audience) -> None:
        """The last one has gone, perhaps."""
        if audience.is_empty and self._rooms.get(audience.room.id) is audience:
            del self._rooms[audience.room.id]
            self._on_empty(audience.room)

    def ids(self, room_id: int) -> KeysView[int]:
        """The ids of the users present in a room."""
        audience = self._rooms.get(room_id)
        return audience.ids if audience else _NOBODY.keys()

    def present(self, room_id: int) -> tuple[tuple[User, int], ...]:
        """(user, since when in ms) in order of coming."""
        audience = self._rooms.get(room_id)
        return audience.present if audience else ()

    def changed(self, room_id: int, user: User) -> None:
        """Somebody present in the room bears another name or role."""
        self._rooms[room_id].changed(user)


_NOBODY: dict[int, None] = {}
