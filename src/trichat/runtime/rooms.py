"""The room actor: decides a batch, has it committed, folds it, answers, fans out.

No answer and no push before the commit. The answers go out in the same step as, and before, the
fan-out. One room has one batch in flight.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Protocol

import trio

from trichat.core.answers import Done
from trichat.core.commands import RoomCommand
from trichat.core.events import Mark, RoomEvent, Said
from trichat.core.lookup import Lookup, needs
from trichat.core.model import Room, User
from trichat.core.reactions import Bounds
from trichat.core.refusals import Failed, NoSuchRoom, NotAdmitted, Refusal
from trichat.core.roomstate import Decision, Draft, Duplicate, RoomState
from trichat.core.value import value
from trichat.runtime.clock import Clock
from trichat.runtime.connections import Connections
from trichat.runtime.feed import Feed
from trichat.runtime.reserve import Reserve
from trichat.runtime.storage import Storage
from trichat.store.log import Commit, Committed, Stale
from trichat.store.port import Store

_log = logging.getLogger(__name__)

# Another node may write to the room between our reading and our commit; so often in a row it is
# a fault.
STALE_TRIES = 8


_NOTHING = Lookup()

# Each command's outcome, and what there is to deliver.
_Decided = tuple[list[Done | Refusal], Sequence[RoomEvent | Mark]]


class OnOutcome(Protocol):
    """Who gets the outcome of a command, synchronously, in the actor's own step."""

    def __call__(self, outcome: Done | Refusal) -> None: ...


@value(eq=False)
class Envelope:
    """A command on its way: from the inbox on it belongs to the actor and outlives its sender.
    delivered: called when what came of its batch has been delivered, or never will be.
    """

    command: RoomCommand
    by: User
    reply: OnOutcome
    delivered: Callable[[], None] = lambda: None


class RoomActor:
    """What one room's actor does with a batch."""

    def __init__(
        self,
        room: Room,
        store: Store,
        storage: Storage,
        feed: Feed,
        connections: Connections,
        clock: Clock,
        bounds: Bounds,
        reserve: Reserve,
        on_ended: Callable[[Room], None],
    ) -> None:
        self._room = room
        self._store = store
        self._storage = storage
        self._feed = feed
        self._connections = connections
        self._clock = clock
        self._bounds = bounds
        self._reserve = reserve
        self._on_ended = on_ended
        self._state: RoomState | None = None
        self._delivered: trio.Event | None = None  # until the last that were answered are
        feed.actors += 1

    @property
    def is_idle(self) -> bool:
        """Whether everything that it had committed, or may have, has been delivered."""
        return not self._feed.draining.busy

    def unloaded(self) -> None:
        """It is not called any more."""
        self._feed.actors -= 1
        self._feed.release()

    async def work(self, batch: list[Envelope]) -> None:
        """Every envelope is answered, whatever happens; a failure drops the state, not the room."""
        decided: _Decided | None = [Failed()] * len(batch), ()
        try:
            if self._feed.draining.is_full:
                await self._feed.draining.space()
            if self._delivered is not None:  # no answer overtakes a push that is one (all-11)
                await self._delivered.wait()
            state = await self._loaded()
            if state is None or state.ended:
                decided = [NoSuchRoom()] * len(batch), ()
            else:
                decided = await self._commit(state, batch)
        except Exception:
            self._drop_state()
        if decided is None:  # what one event's failure undid is tried again without it
            middle = len(batch) // 2
            await self.work(batch[:middle])
            await self.work(batch[middle:])
            return
        outcomes, events = decided
        for envelope, outcome in zip(batch, outcomes, strict=True):
            _answer(envelope, outcome)
        await self._deliver(events, partial(_delivered, batch))

    async def _deliver(
        self, events: Sequence[RoomEvent | Mark], then: Callable[[], None] = lambda: None
    ) -> None:
        """Publish what was committed. then: called when it has been delivered."""
        if events:
            try:
                self._feed.publish(events)
            except Exception:  # the feed reads it from the log
                self._drop_state()
                then()
                return
            drained = False
            try:
                drained = await self._feed.draining.drain()
            finally:
                if not drained:
                    self._call_behind(then)
            if not drained:
                return
        then()

    def _call_behind(self, then: Callable[[], None]) -> None:
        delivered = self._delivered = trio.Event()

        def call() -> None:
            if self._delivered is delivered:
                self._delivered = None
            delivered.set()
            then()

        self._feed.call_behind(call)

    def _drop_state(self) -> None:
        """After a fault: what was committed, or may have been, is not known for sure."""
        _log.exception("room %d: its state is dropped and loaded anew", self._room.id)
        self._state = None
        self._feed.suspect()

    async def _loaded(self) -> RoomState | None:
        """The state, in which everything is folded that the feed has taken in."""
        state = self._state
        if state is None:
            state = self._state = await self._store.load(self._room.id)
            head = 0 if state is None else state.seq
            await self._feed.begin(head)
            self._feed.learn(head)
            if state is None:
                self._on_ended(self._room)
        while state is not None and state.seq < self._feed.taken:
            for event in await self._store.log(self._room.id, state.seq, -1):
                state.fold(event)
        return state

    async def _commit(self, state: RoomState, batch: list[Envelope]) -> _Decided | None:
        """None: the store works and took none of it, and there are several."""
        wanted, missing = needs(batch), self._feed.missing
        for _ in range(STALE_TRIES):
            lookup = await self._store.lookup(self._room.id, wanted) if wanted else _NOTHING
            now = self._clock()
            decisions = self._decide(state, lookup, batch, now)
            decided = [each for each in decisions if isinstance(each, tuple)]
            events = tuple(chain.from_iterable(decided))
            if not events:
                return _outcomes(decisions, (), ()), ()
            missing.commits += 1
            missing.committing = True
            try:
                outcome = await self._storage.submit(Commit(self._room.id, state.seq, events, now))
            finally:
                missing.committing = False  # whoever has the outcome wakes it
            if isinstance(outcome, Committed):
                outcomes = _outcomes(decisions, events, outcome.events)
                self._fold(state, outcome.events)
                return outcomes, outcome.events
            if not isinstance(outcome, Stale):
                self._feed.suspect()
                if len(batch) > 1 and self._storage.works:
                    return None
                return [_failed(decision) for decision in decisions], ()
            self._fold(state, outcome.missing)
            await self._deliver(outcome.missing)
        raise RuntimeError("every commit was stale")

    def _fold(self, state: RoomState, events: Sequence[RoomEvent | Mark]) -> None:
        """It is committed: a fault here costs the state in memory, never the answer."""
        try:
            for event in events:
                state.fold(event)
        except Exception:
            self._drop_state()

    def _decide(
        self, state: RoomState, lookup: Lookup, batch: list[Envelope], now: int
    ) -> list[Decision]:
        present, has_space = self._feed.present, not self._reserve.short
        draft = state.draft(lookup, present, self._bounds, has_space=has_space)
        suspended = self._connections.suspended
        decide = partial(_unless_suspended, draft, suspended) if suspended else draft.decide
        decisions: list[Decision] = []
        for envelope in batch:
            try:
                decisions.append(decide(envelope.command, envelope.by, now))
            except Exception:
                _log.exception("room %d cannot decide %r", self._room.id, type(envelope.command))
                decisions.append(Failed())
        return decisions


def _unless_suspended(
    draft: Draft, suspended: Mapping[int, int], command: RoomCommand, by: User, now: int
) -> Decision:
    """Who was suspended since they asked is not let through any more (all-17)."""
    if suspended.get(by.id, 0) > by.updated_at:
        return NotAdmitted()
    return draft.decide(command, by, now)


def _outcomes(
    decisions: Sequence[Decision],
    decided: Sequence[RoomEvent | Mark],
    stored: Sequence[RoomEvent | Mark],
) -> list[Done | Refusal]:
    """Each command's own events, as they were stored: in the order in which they were decided."""
    fresh = iter(stored)
    outcomes: list[Done | Refusal] = []
    for decision in decisions:
        if isinstance(decision, tuple):
            outcomes.append(Done(tuple(islice(fresh, len(decision)))))
        elif isinstance(decision, Duplicate):
            outcomes.append(_again(decision.said, decided, stored))
        else:
            outcomes.append(decision)
    return outcomes


def _again(
    said: Said, decided: Sequence[RoomEvent | Mark] = (), stored: Sequence[RoomEvent | Mark] = ()
) -> Done:
    """As it was stored, before or in this very batch."""
    for event, as_stored in zip(decided, stored, strict=True):
        if event is said:
            return Done((as_stored,), again=True)
    return Done((said,), again=True)


def _failed(decision: Decision) -> Done | Refusal:
    """What refused or asked for no event stands, and so does what was stored before; what was to
    be stored was not.
    """
    if isinstance(decision, Refusal):
        return decision
    if isinstance(decision, Duplicate):
        return _again(decision.said) if decision.said.seq else Failed()
    return Failed() if decision else Done()


def _answer(envelope: Envelope, outcome: Done | Refusal) -> None:
    try:
        envelope.reply(outcome)
    except Exception:
        _log.exception("an answer could not be given")


def _delivered(batch: Sequence[Envelope]) -> None:
    for envelope in batch:
        try:
            envelope.delivered()
        except Exception:
            _log.exception("a sender could not be notified that an answer was delivered")
