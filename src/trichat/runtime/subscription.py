"""A subscription: what one connection hears next of one room.

It is a table-driven state machine. A frame of a numbered event is treated by its place in the
room's log; a frame without a number (ephemeral, or a mark) waits where it must not come first.
Numbered frames are never held: whoever is behind gets them from the log, and goes live in the step
in which they have got as much as the feed has delivered.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, Protocol

from trichat.core.model import Room
from trichat.runtime.listener import Batch, Listener


class State(Enum):
    """Where a subscription stands."""

    WAITING = "waiting"  # it is not known yet from which number on it hears the room
    REPLAYING = "replaying"  # its connection gets a replay from the log
    SKIPPING = "skipping"  # its connection got more than the feed has delivered
    LIVE = "live"
    CLOSED = "closed"

    __hash__ = object.__hash__  # Enum's own is a function of Python's


class Step(Enum):
    """What moves a subscription from one state to another."""

    FALLEN_BEHIND = "the feed has delivered more than was replayed"
    AHEAD = "more was replayed than the feed has delivered"
    CAUGHT_UP = "what was replayed and what the feed has delivered are equal"
    CLOSED = "the connection is in the room no more"

    __hash__ = object.__hash__


class Fate(Enum):
    """What becomes of a frame."""

    WRITE = "write"
    COMPARE = "write what is numbered higher than what was replayed"
    HOLD = "hold"
    DROP = "drop"


TRANSITIONS: Final[Mapping[State, Mapping[Step, State]]] = {
    State.WAITING: {
        Step.FALLEN_BEHIND: State.REPLAYING,
        Step.AHEAD: State.SKIPPING,
        Step.CAUGHT_UP: State.LIVE,
        Step.CLOSED: State.CLOSED,
    },
    State.REPLAYING: {
        Step.FALLEN_BEHIND: State.REPLAYING,
        Step.AHEAD: State.SKIPPING,
        Step.CAUGHT_UP: State.LIVE,
        Step.CLOSED: State.CLOSED,
    },
    State.SKIPPING: {
        Step.CAUGHT_UP: State.LIVE,
        Step.CLOSED: State.CLOSED,
    },
    State.LIVE: {
        Step.CLOSED: State.CLOSED,
    },
    State.CLOSED: {
        Step.CLOSED: State.CLOSED,
    },
}

# By state: what becomes of a frame of a numbered event, and of any other frame.
FATES: Final[Mapping[State, tuple[Fate, Fate]]] = {
    State.WAITING: (Fate.DROP, Fate.HOLD),
    State.REPLAYING: (Fate.DROP, Fate.HOLD),
    State.SKIPPING: (Fate.COMPARE, Fate.WRITE),
    State.LIVE: (Fate.WRITE, Fate.WRITE),
    State.CLOSED: (Fate.DROP, Fate.DROP),
}


class WrongStepError(Exception):
    """A step was taken that the state does not know."""


class Sink(Protocol):
    """Where frames go, and what counts those that wait."""

    def put(self, batch: Batch) -> None: ...
    def hold(self, size: int, *, ephemeral: bool) -> bool: ...
    def let_go(self, size: int) -> None: ...


class Gate:
    """Lets the frames of one source through to one connection, holds them, or drops them.

    upto: the number up to which the connection has got events, or is not to get them.
    """

    __slots__ = ("_held", "_sink", "state", "upto")

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.state = State.WAITING
        self.upto = 0
        self._held: list[Batch] | None = None

    @property
    def closed(self) -> bool:
        """Whether its connection is in the room no more."""
        return self.state is State.CLOSED

    def take(self, step: Step) -> None:
        """Go to the next state; what was held is let go where it may. Raises WrongStepError."""
        try:
            self.state = TRANSITIONS[self.state][step]
        except KeyError:
            raise WrongStepError(f"{step.name} in {self.state.name}") from None
        if self._held is not None and FATES[self.state][1] is not Fate.HOLD:
            self._release()

    def step_at(self, delivered: int) -> Step:
        """The step to take, given the number up to which the feed has delivered."""
        if self.upto < delivered:
            return Step.FALLEN_BEHIND
        return Step.AHEAD if self.upto > delivered else Step.CAUGHT_UP

    def offer(self, batch: Batch) -> None:
        """A batch of frames, in the form that this connection gets."""
        if self.state is State.LIVE:  # as nearly always
            self._sink.put(batch)
            return
        numbered, other = FATES[self.state]
        kept: Batch | None = batch
        if numbered is Fate.DROP:
            kept = batch.unnumbered if other is not Fate.DROP else None
        elif numbered is Fate.COMPARE:
            kept = batch.behind(self.upto)
        if kept is None:
            return
        if other is Fate.HOLD:
            self._hold(kept)
        else:
            self._sink.put(kept)

    def _hold(self, batch: Batch) -> None:
        if self._sink.hold(len(batch.joined.wire), ephemeral=batch.ephemeral):
            if self._held is None:
                self._held = []
            self._held.append(batch)

    def _release(self) -> None:
        held = self.drop()
        for batch in held:
            if self.state is not State.CLOSED:
                self._sink.put(batch)

    def drop(self) -> Sequence[Batch]:
        """What is held goes, and is counted no more."""
        held, self._held = self._held or (), None
        self._sink.let_go(sum(len(batch.joined.wire) for batch in held))
        return held


class Hearers(Protocol):
    """Subscriptions to which the same is offered."""

    def take(self, subscription: "Subscription", step: Step) -> None: ...
    def remove(self, subscription: "Subscription") -> None: ...
    def __len__(self) -> int: ...


class Subscription(Gate):
    """One connection in one room; compared by identity, so that a room left and entered again is
    another subscription. placed: whether each frame says where it stands in the log. group: those
    with which it is offered what is fanned out, if it is.
    """

    # A connection has one for each of its rooms.
    __slots__ = ("group", "listener", "placed", "room")

    def __init__(self, listener: Listener, room: Room, *, placed: bool) -> None:
        super().__init__(listener)
        self.listener = listener
        self.room = room
        self.placed = placed
        self.group: Hearers | None = None
