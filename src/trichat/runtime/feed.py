"""A room's stream on this server: what its listeners hear next is decided here.

Publishing has two steps. The intake is synchronous: it puts events into the order of their numbers,
lets memberships take effect and appends. Draining fans out what was appended. What was committed
and not published is missing, and is read from the log.
"""

from collections.abc import Awaitable, Callable, KeysView, Sequence
from functools import partial
from math import inf

from attrs import frozen

from trichat.core.events import Entered, Ephemeral, Event, Exited, Mark
from trichat.core.model import Room
from trichat.runtime.audience import Audience, advance
from trichat.runtime.delivery import Delivery, Listeners
from trichat.runtime.draining import Draining
from trichat.runtime.fanout import fail
from trichat.runtime.intake import Intake
from trichat.runtime.listener import Listener
from trichat.runtime.logreader import ReadsLogs
from trichat.runtime.missing import Missing
from trichat.runtime.subscription import State, Step, Subscription


@frozen(eq=False)
class Surroundings:
    """What all feeds of a server share. start: begins a task of a feed. ended: called with a room's
    id when such a task ends; learned: with the number of its log's last event, too. A feed's parts
    call these, and not the feed itself: that would be a cycle for the collector. released: called
    when nobody needs a feed any more. changed: called when a room is another from now on.
    published: waits while the room is being made, until its first events were published.
    """

    listeners: Listeners
    logs: ReadsLogs
    start: Callable[[Callable[[], Awaitable[None]]], None]
    ended: Callable[[int], None]
    learned: Callable[[int, int], Awaitable[None]]
    released: Callable[["Feed"], None]
    changed: Callable[[Room], None]
    published: Callable[[Room], Awaitable[None]]


class Feed:
    """One room's stream. followers: how many subscriptions it has. actors: whether the room's is at
    work. missing, draining: what its actor reports its commits to, and what it drains with.
    """

    __slots__ = (
        "_audiences", "_delivery", "_intake", "_ordering", "_shared", "_unbased", "actors",
        "draining", "followers", "missing", "room",
    )  # fmt: skip

    def __init__(self, room: Room, shared: Surroundings) -> None:
        self.room = room
        self.followers = self.actors = 0
        self._shared = shared
        self._audiences = shared.listeners.audiences
        self._delivery = Delivery(room, shared.listeners)
        self._intake = Intake(self._delivery, shared.listeners.connections, shared.changed)
        self._ordering = self._intake.ordering
        self._unbased: dict[Subscription, bool] = {}  # whether each goes on by itself
        learned, ended = partial(shared.learned, room.id), partial(shared.ended, room.id)
        self.missing = Missing(room.id, self._intake, shared.logs, learned)
        self.draining = Draining(self._delivery, self._intake, self.missing, shared.start, ended)

    # -- where it stands

    @property
    def based(self) -> bool:
        """Whether it is known where it begins."""
        return self._ordering.last is not None

    @property
    def taken(self) -> int:
        """The number up to which events have been taken in; 0 where it is not based."""
        return self._ordering.last or 0

    def present(self) -> KeysView[int]:
        """Return the ids of the users present in the room."""
        return self._audiences.ids(self.room.id)

    async def begin(self, head: int) -> None:
        """Do as `learn` does where it is not known yet where the feed begins. Elsewhere do nothing:
        what is behind that was committed by somebody who publishes it, after their answer.
        """
        if not self.based:
            await self._shared.published(self.room)
        if not self.based:
            self.learn(head)

    def learn(self, head: int) -> None:
        """The number of the log's last event, read after this feed was made. By the first one it is
        known where the feed begins: whoever subscribed before hears what comes behind it.
        """
        if self.based:
            self._intake.expect(head)
            self.missing.retry_at = -inf
            self.draining.wake()
            return
        base = self._delivery.delivered = self._intake.start(head)
        going_on = [each for each, goes_on in self._unbased.items() if goes_on]
        for subscription in self._unbased:
            subscription.upto = base
        self._unbased = {}
        for subscription in going_on:
            self.reached(subscription, base)
        self._intake.take_up()
        self.draining.wake()

    # -- what happens

    def publish(self, events: Sequence[Event], *, keep: bool = True) -> None:
        """Take in what was committed (see Intake.publish). draining.wake(), or its drain() by the
        room's actor, has to follow.
        """
        self._intake.publish(events, keep=keep)
        self.missing.retry_at = -inf

    def call_behind(self, then: Callable[[], None]) -> None:
        """Call this when all that was taken in has been delivered, or the log that is missing
        before it could not be read.
        """
        self._intake.call_behind(then)
        self.draining.wake()

    def add(self, event: Ephemeral | Mark) -> None:
        """Take in an event without a number, behind what has been taken in."""
        self._intake.add(event)
        self.draining.wake()

    def _add_edge(self, event: Entered | Exited, audience: Audience) -> None:
        """Somebody came or went. Where everything is delivered already and no dialect of those who
        are here has a frame for it, it is dropped: a crowd that comes back into many rooms would
        wake a task for each.
        """
        if self._intake.effects is None and self._delivery.is_empty:
            has_frame_for = self._shared.listeners.encoder.has_frame_for
            for name, _ in audience.groups:
                if has_frame_for(name, event):
                    break
            else:
                return
        self.add(event)

    def suspect(self) -> None:
        """Something may have been committed that was not published: the log shall be looked at."""
        self.missing.suspect()
        self.draining.wake()

    # -- subscriptions

    def subscribe(
        self, listener: Listener, now: int, *, waiting: bool, placed: bool, asked: bool
    ) -> tuple[Subscription, Entered]:
        """A connection comes in and hears what is taken in from now on. Returns its subscription,
        and how its user came in; the others hear that if it is its user's first connection here.

        now: milliseconds. waiting: it hears only from `go_on` or `reached` on. asked: see Entered.
        """
        audience = self._audiences.open(self.room)
        subscription = Subscription(listener, self.room, placed=placed)
        event = Entered(self.room, listener.user, now, listener.dialect.name, asked)
        first = audience.arrive(subscription, now)
        self.followers += 1
        effects, base = self._intake.effects, self._ordering.last
        subscription.upto = base or 0
        if effects is not None:
            subscription.upto = effects.number - 1
            effects.begins.append(partial(self._hear, subscription))
        elif len(self._delivery):  # which was before
            self._delivery.append(partial(self._hear, subscription))
        else:
            audience.add(subscription)
        if base is None:
            self._unbased[subscription] = not waiting
        elif not waiting:
            self.reached(subscription, subscription.upto)
        if first:
            self._add_edge(event, audience)
        return subscription, event

    def go_on(self, subscription: Subscription) -> bool:
        """From where it came in. As `reached`."""
        if subscription in self._unbased:
            self._unbased[subscription] = True
            return True
        return self.reached(subscription, subscription.upto)

    def reached(self, subscription: Subscription, number: int) -> bool:
        """Its connection has got everything up to a number, and hears what comes behind it.
        False where more has been delivered since, which has to be replayed from the log before.
        """
        if subscription.state is State.CLOSED:
            return True
        if self._unbased:
            self._unbased.pop(subscription, None)
        subscription.upto = number
        step = subscription.step_at(self._delivery.delivered)
        advance(subscription, step)
        return step is not Step.FALLEN_BEHIND

    def leave(self, subscription: Subscription, now: int, *, asked: bool) -> Exited:
        """A connection goes. Returns how its user went; the others hear that if it was its user's
        last one here. Whose membership ended hears what came before that, and is put out then.
        """
        user, dialect = subscription.listener.user, subscription.listener.dialect
        event = Exited(self.room, user, now, dialect.name, asked)
        audience = self._audiences.open(self.room)
        last = audience.depart(subscription)
        if self._unbased:
            self._unbased.pop(subscription, None)
        effects = self._intake.effects
        if effects is not None:
            self._delivery.ending.append(subscription)
            effects.ends.append(partial(self._put_out, subscription))
        else:
            self._close(subscription, audience)
        if last and self.followers:
            self._add_edge(event, audience)
        self.release()
        return event

    def _close(self, subscription: Subscription, audience: Audience) -> None:
        audience.remove(subscription)
        subscription.take(Step.CLOSED)
        self._audiences.close_if_empty(audience)
        self.followers -= 1

    def release(self) -> None:
        """It is needed no more, perhaps."""
        if not self.followers and not self.actors and not self.draining.busy:
            self._shared.released(self)

    def _hear(self, subscription: Subscription) -> None:
        """A subscription hears what is behind this point."""
        if not subscription.closed:
            self._audiences.open(self.room).add(subscription)

    def _put_out(self, subscription: Subscription) -> None:
        """A subscription ends whose user's membership did."""
        self._delivery.ending.remove(subscription)
        self._close(subscription, self._audiences.open(self.room))
        try:
            subscription.listener.put_out(self.room)
        except Exception:
            fail(subscription.listener)
        self.release()
