"""What the clients did and were told: the witnesses that the invariants hear."""

from collections.abc import Callable
from math import inf

from attrs import define, field

from tests.simulation.agenda import Agenda

OPEN, ACKNOWLEDGED, REFUSED = "open", "acknowledged", "refused"

Code = int | None  # of a close frame; None: the connection ended without one


@define(eq=False)
class View:
    """What one connection was shown of one room. since: when it knew that it follows. loose: its
    user comes and goes, so that there may be gaps. known: users it holds to be present; None where
    it was never told.
    """

    room: str
    since: float
    loose: bool = False
    texts: list[str] = field(factory=list)
    present: dict[str, bool] = field(factory=dict)
    whole: bool = False  # whether `present` began with everyone
    last: bool = False  # whether it was there when the last word had been said


@define(eq=False)
class Visit:
    """One connection. may_end: how the server may end it, each code with its reason.
    held: whether the server still has its end open.
    """

    client: str
    dialect: str
    user: str
    since: float
    may_end: dict[Code, str] = field(factory=dict)
    must_end: bool = False
    due: float = inf  # when it must have ended
    troubled: bool = False  # it was stalled: what may be dropped for it may be missing
    sick: bool = False  # it reads next to nothing
    by_us: bool = False
    last: bool = False  # whether it was there, and well, when the last word had been said
    accepted: bool = False
    let_in: float = inf  # when it was accepted
    code: Code = None
    reason: str = ""  # of the close frame
    ended: float | None = None
    views: list[View] = field(factory=list)
    entered: set[str] = field(factory=set)  # rooms that it asked to come into, member or not
    held: Callable[[], bool] = lambda: False


@define(eq=False)
class Said:
    """A message on its way. text: its name, the first word of what is sent."""

    text: str
    room: str
    user: str
    at: float
    fate: str = OPEN
    refused_again: bool = False  # when it was said once more under its key
    known: float = inf  # when its sender knew that it was said


@define(eq=False)
class Absence:
    """A user was no member of a room: from when they heard so until somebody asked to add them."""

    room: str
    user: str
    since: float
    until: float = inf


@define(eq=False)
class Move:
    """Somebody asked to leave a room, or to be in it again. answered: when, whatever it was."""

    room: str
    asked: float
    answered: float = inf


@define(eq=False)
class Stretch:
    """An answer to a request for a room's history. before: the name of the message that it was to
    end before; None: it was to end with the newest. loose: who asked comes and goes as a member.
    ticks: how far their own messages had come by then, as they were told.
    """

    client: str
    room: str
    asked: float
    most: int | None
    before: str | None
    loose: bool
    ticks: dict[int, str]
    names: list[str] = field(factory=list)


@define(eq=False)
class Record:
    """blamed: what was seen to be wrong at once: (invariant, what)."""

    agenda: Agenda
    said: dict[str, Said] = field(factory=dict)
    visits: list[Visit] = field(factory=list)
    blamed: list[tuple[str, str]] = field(factory=list)
    names: dict[str, str] = field(factory=dict)  # a message's UUID → the name of its text
    let_in: list[list[float]] = field(factory=list)  # when, in each life of the server
    suspended: dict[str, float] = field(factory=dict)  # users by when that was answered
    absences: list[Absence] = field(factory=list)
    leavings: list[Move] = field(factory=list)
    returns: list[Move] = field(factory=list)  # those that were granted
    gaps: set[tuple[str, str]] = field(factory=set)  # clients, and rooms of which they missed some
    slow: bool = False  # whether the disk was, before the calm
    calmed: float = inf  # from when on nothing goes wrong
    rolled: float = inf  # when all said a last word
    changes: dict[str, Said] = field(factory=dict)  # of messages, by the words for them
    # Visits whose user was not held to be present at the roll, with what was seen.
    absent: list[tuple[list[Visit], str]] = field(factory=list)
    stretches: list[Stretch] = field(factory=list)
    deleted: set[str] = field(factory=set)  # names whose deletion was asked for

    def asked(self, name: str) -> Said:
        """For a message, or a change of one."""
        return self.said.get(name) or self.changes[name]

    def blame(self, invariant: str, what: str) -> None:
        """Something is wrong already."""
        self.blamed.append((invariant, what))

    def acknowledge(self, text: str) -> None:
        """Its sender was told that it was said."""
        said = self.said.get(text)
        if said is not None:
            said.fate = ACKNOWLEDGED
            said.known = min(said.known, self.agenda.now)

    def refuse(self, text: str) -> None:
        """Its sender was told that it was not."""
        said = self.said[text]
        if said.fate == ACKNOWLEDGED:
            self.blame("one answer", f"{text} was acknowledged and then refused")
        said.fate = REFUSED


def edited(message: str) -> str:
    """The words for it; nobody edits a message twice. message: its UUID, as below."""
    return f"edited {message}"


def deleted(message: str) -> str:
    return f"deleted {message}"


def reaction(emoji: str, *, comes: bool) -> str:
    """Nobody takes the emoji of another reaction."""
    return f"{emoji} {'comes' if comes else 'goes'}"
