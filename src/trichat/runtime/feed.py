"""A room's stream on this server: what its listeners hear next is decided here.

Publishing has two steps. The intake is synchronous: it puts events into the order of their numbers,
lets memberships take effect and appends. Draining fans out what was appended. A room's actor drains
in its own step where nothing is in the way, so that a commit costs no switch of tasks; otherwise
the feed's own task does. Nobody else drains: sessions and requests are cancelled, and would hold up
all rooms.
"""

import logging
from collections.abc import Awaitable, Callable, KeysView, Sequence
from functools import partial
from math import inf

import trio
from attrs import frozen

from trichat.core.events import Entered, Ephemeral, Event, Exited, Mark
from trichat.core.model import Room
from trichat.core.replay import replayed
from trichat.runtime.audience import Audience, advance
from trichat.runtime.delivery import Delivery, Listeners
from trichat.runtime.fanout import fail
from trichat.runtime.intake import Intake
from trichat.runtime.listener import Listener
from trichat.runtime.logreader import ReadsLogs
from trichat.runtime.subscription import State, Step, Subscription

_log = logging.getLogger(__name__)

PAGE = 100  # events read from the log at a time
RETRY = 1.0  # seconds until a log that could not be read is read again


@frozen(eq=False)
class Surroundings:
    """What all feeds of a server share. start: begins a task of a feed. released: called when
    nobody needs a feed any more. changed: called when a room is another from now on. published:
    waits while the room is being made, until its first events were published.
    """

    listeners: Listeners
    logs: ReadsLogs
    start: Callable[[Callable[[], Awaitable[None]]], None]
    released: Callable[["Feed"], None]
    changed: Callable[[Room], None]
    published: Callable[[Room], Awaitable[None]]


class Feed:
    """One room's stream. followers: how many subscriptions it has. actors: whether the room's is at
    work. committing: whether its actor has a commit under way; commits: how many it has begun.
    """

    __slots__ = (
        "_audiences", "_called", "_cleared", "_delivery", "_finishing", "_intake",
        "_meanwhile_begun", "_ordering", "_reading", "_retry_at", "_shared", "_space",
        "_suspicions", "_unbased", "_work_begun", "actors", "commits", "committing", "followers",
        "room",
    )  # fmt: skip

    def __init__(self, room: Room, shared: Surroundings) -> None:
        self.room = room
        self.followers = self.actors = self.commits = 0
        self.committing = False
        self._shared = shared
        self._audiences = shared.listeners.audiences
        self._delivery = Delivery(room, shared.listeners)
        self._intake = Intake(self._delivery, shared.listeners.connections, shared.changed)
        self._ordering = self._intake.ordering
        self._unbased: dict[Subscription, bool] = {}  # whether each goes on by itself
        self._work_begun = self._meanwhile_begun = False
        self._reading = self._finishing = False
        self._suspicions = self._cleared = 0  # how often something was suspected, and seen after
        self._retry_at = -inf  # when a log that could not be read is read again
        self._called: trio.Event | None = None  # of its task, while it waits
        self._space: trio.Event | None = None

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

    @property
    def busy(self) -> bool:
        """Whether anything is still to be delivered, or may be."""
        begun = self._work_begun or self._meanwhile_begun
        return self._has_work or begun or self._delivery.draining

    @property
    def _is_in_doubt(self) -> bool:
        return self._suspicions > self._cleared or self._intake.has_gap

    async def begin(self, head: int) -> None:
        """As `learn`, where it is not known yet where the feed begins; else nothing, since whoever
        committed what is behind that publishes it, behind their answer.
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
            self._retry_at = -inf
            self.wake()
            return
        base = self._delivery.delivered = self._intake.start(head)
        going_on = [each for each, goes_on in self._unbased.items() if goes_on]
        for subscription in self._unbased:
            subscription.upto = base
        self._unbased = {}
        for subscription in going_on:
            self.reached(subscription, base)
        self._intake.take_up()
        self.wake()

    # -- what happens

    def publish(self, events: Sequence[Event], *, keep: bool = True) -> None:
        """Take in what was committed (see Intake.publish). wake(), or drain() by the room's actor,
        has to follow.
        """
        self._intake.publish(events, keep=keep)
        self._retry_at = -inf

    def call_behind(self, then: Callable[[], None]) -> None:
        """Call this when all that was taken in has been delivered, or the log that is missing
        before it could not be read.
        """
        self._intake.call_behind(then)
        self.wake()

    def add(self, event: Ephemeral | Mark) -> None:
        """Take in an event without a number, behind what has been taken in."""
        self._intake.add(event)
        self.wake()

    def _add_edge(self, event: Entered | Exited, audience: Audience) -> None:
        """Somebody came or went. Where everything is delivered already and no dialect of those who
        are here has a frame for it, it is dropped: a crowd that comes back into many rooms would
        wake a task for each.
        """
        if self._intake.effects is None and self._delivery.is_empty:
            tells_of = self._shared.listeners.encoder.tells_of
            for name, _ in audience.groups:
                if tells_of(name, event):
                    break
            else:
                return
        self.add(event)

    def suspect(self) -> None:
        """Something may have been committed that was not published: the log shall be looked at."""
        self._suspicions += 1
        self.wake()

    @property
    def is_full(self) -> bool:
        """Whether as much waits as may, to be delivered or behind a gap."""
        return self._delivery.is_full or self._intake.is_full

    async def space(self) -> None:
        """Wait while it is full."""
        while self.is_full and not self._finishing:
            if self._space is None:
                self._space = trio.Event()
            await self._space.wait()

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
        """Its connection has been told everything up to a number, and hears what comes behind it.
        False where more has been delivered since, which it has to be told from the log before.
        """
        if subscription.state is State.CLOSED:
            return True
        if self._unbased:
            self._unbased.pop(subscription, None)
        subscription.upto = number
        step = subscription.judge(self._delivery.delivered)
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
        if not self.followers and not self.actors and not self.busy:
            self._shared.released(self)

    # -- draining

    async def drain(self) -> bool:
        """Fan out what was taken in; for the room's actor. Returns whether all of it is delivered.
        Where somebody drains already, or the log has to be read before some of it, the feed's own
        task sees to that.
        """
        if self._delivery.draining:
            self.wake()
            return False
        try:
            await self._delivery.drain()
        except BaseException:
            self.wake()
            raise
        if self._is_in_doubt:
            self.wake()
            return False
        return True

    def wake(self) -> None:
        """Have the feed's own task do what is to be done, if anything is."""
        if self._called is not None:
            self._called.set()
        elif self._delivery.draining:
            return
        elif not self._work_begun:
            if self._has_work:
                self._work_begun = True
                self._shared.start(self._work)
        elif self._reading and not self._meanwhile_begun and not self._delivery.is_empty:
            self._meanwhile_begun = True
            self._shared.start(self._drain_meanwhile)

    @property
    def _has_work(self) -> bool:
        return not self._delivery.is_empty or self._is_in_doubt

    async def _work(self) -> None:
        try:
            while not self._delivery.draining:  # else the room's actor does, and wakes us
                if not self._delivery.is_empty:
                    await self._delivery.drain()
                    self._make_space()
                elif not self._is_in_doubt or self.committing:  # what is read may be its event,
                    break  # and the answer goes before that
                elif trio.current_time() < self._retry_at and not self._finishing:
                    await self._until_called(self._retry_at)
                else:
                    await self._repair()
        finally:
            self._work_begun = False
            self.release()

    async def _drain_meanwhile(self) -> None:
        """The log is being read, which may take long: what is there already waits for nothing."""
        try:
            await self.drain()
            self._make_space()
        finally:
            self._meanwhile_begun = False
            self.release()

    async def _until_called(self, deadline: float) -> None:
        self._called = trio.Event()
        try:
            with trio.move_on_at(deadline):
                await self._called.wait()
        finally:
            self._called = None

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

    # -- what is missing

    async def _repair(self) -> None:
        """Read what was committed and not taken in. Where that fails nobody waits for it, and it is
        tried again later.
        """
        self._reading = True
        try:
            if self._suspicions > self._cleared:
                await self._look_at_head()
            if self._intake.has_gap and not self.committing:
                await self._read_on()
        except Exception:
            _log.exception("room %d: what was committed could not be read", self.room.id)
            self._intake.complete_early()
            if self._finishing:
                self._cleared = self._suspicions
                self._intake.give_up()
            self._retry_at = trio.current_time() + RETRY
        finally:
            self._reading = False
        self._make_space()

    def _make_space(self) -> None:
        if self._space is not None and not self.is_full:
            self._space.set()
            self._space = None

    async def _look_at_head(self) -> None:
        seen = self._suspicions
        commits = self.commits
        heads = await self._shared.logs.heads([self.room.id])
        if self.commits > commits:
            return
        number, _ = heads.get(self.room.id, (0, 0))
        self._cleared = seen
        await self.begin(number)
        self.learn(number)

    async def _read_on(self) -> None:
        commits = self.commits
        page = await self._shared.logs.read(self.room.id, self.taken, PAGE)
        if self.commits > commits:
            return
        if not page:
            raise LookupError(f"the log has nothing behind {self.taken}")
        for event in page:
            again = replayed(event)
            if again is None:
                self._intake.pass_over(event.seq)
            else:
                self._intake.publish([again])

    # -- the end

    def finish(self) -> None:
        """The server ends: what cannot be read is given up."""
        self._finishing = True
        self.wake()
        if self._space is not None:
            self._space.set()
