"""What comes of a request, beside a refusal. A dialect encodes it in its document's form."""

from trichat.core.events import Entered, Event, Exited
from trichat.core.model import Message, Overview, Room, User
from trichat.core.refusals import Refusal
from trichat.core.value import value


@value
class Done:
    """The room did it: what happened, as committed. again: it did so before, when a command with
    the same key came first, and nothing happened now.
    """

    events: tuple[Event, ...] = ()
    again: bool = False


@value
class Subscribed:
    """One (id as sent, whether it is followed now) per id asked for, in order."""

    results: tuple[tuple[object, bool], ...]


@value
class CameIn:
    """This connection is in the room."""

    event: Entered


@value
class WentOut:
    """This connection is out of the room."""

    event: Exited


@value
class RoomView:
    """A room and who is present in it, with the times since when, in milliseconds."""

    room: Room
    present: tuple[tuple[User, int], ...]


@value
class Opened:
    """The room that was made."""

    view: RoomView


@value
class Rooms:
    """Oldest first."""

    views: tuple[RoomView, ...]


@value
class Online:
    """Distinct users online in the room."""

    room: Room
    users: tuple[User, ...]


@value
class Found:
    """Users that match a search."""

    users: tuple[User, ...]


@value
class Direct:
    """A direct room and its two members."""

    room: Room
    members: tuple[User, ...]


@value
class Conversations:
    """Newest activity first."""

    overviews: tuple[Overview, ...]


@value
class History:
    """Oldest first."""

    messages: tuple[Message, ...]


@value
class Place:
    """Where this connection stands in the logs of its rooms."""

    cursor: str


@value
class Gap:
    """Rooms of which more may be missing than is replayed. unknown: names of positions in the
    client's cursor that are of no room which this connection follows.
    """

    rooms: tuple[Room, ...]
    unknown: tuple[str, ...] = ()


Answer = (
    Done
    | Subscribed
    | CameIn
    | WentOut
    | Opened
    | Rooms
    | Online
    | Found
    | Direct
    | Conversations
    | History
    | Place
    | Gap
)

# What comes of a request.
Outcome = Answer | Refusal
