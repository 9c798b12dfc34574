"""What a peer may ask of a room. Who asks and when are the actor's to add."""

from attrs import field, frozen

from trichat.core.ids import nonce
from trichat.core.model import Grounds, User
from trichat.core.refusals import Invalid, RateLimited


@frozen
class Say:
    """A message. visiting: sent by a connection that is in the room, which is enough where the
    room is public; otherwise it takes membership. flaw: why it may not be said, which only who
    may send at all is told (chats-9). key: the client's own name for this send; one that was used
    in this room stores nothing and gets the first answer. nonce: of the message's UUID.
    """

    text: str
    visiting: bool = False
    system: bool = False
    flaw: Invalid | RateLimited | None = None
    key: str | None = None
    nonce: bytes = field(factory=nonce, eq=False, repr=False)


@frozen
class Edit:
    """New text for one's own message."""

    message: str
    text: str


@frozen
class Delete:
    """One's own message goes; with grounds anyone's, by who may do that (channels-20)."""

    message: str
    grounds: Grounds | None = None


@frozen
class React:
    """A switch: the caller's emoji on a message comes, or goes if it is there (channels-11).
    nonce: of the reaction's UUID.
    """

    message: str
    emoji: str
    nonce: bytes = field(factory=nonce, eq=False, repr=False)


@frozen
class Unreact:
    """The caller's own reaction goes."""

    message: str
    reaction: str


@frozen
class Join:
    """The caller becomes a member."""


@frozen
class Leave:
    """The caller's membership ends."""


@frozen
class Add:
    """Another user becomes a member."""

    user: User


@frozen
class Visit:
    """A seat for one connection, as long as it lasts (all-10). No membership comes of it."""


@frozen
class MarkRead:
    """The caller has read everything up to now, or up to the message with that id."""

    up_to: int | None = None


@frozen
class MarkDelivered:
    """The caller's client has received a message (conversations-13)."""

    message_id: int


RoomCommand = (
    Say | Edit | Delete | React | Unreact | Join | Leave | Add | Visit | MarkRead | MarkDelivered
)
