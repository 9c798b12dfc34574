"""A peer may ask these things of a room. The actor adds who asks and when."""

from attrs import field

from trichat.core.ids import nonce
from trichat.core.model import Reason, User
from trichat.core.refusals import Invalid, RateLimited
from trichat.core.value import value


@value
class Say:
    """Say something in a room.

    visiting: sent by a connection that is in the room, which is enough where the room is public;
    otherwise it takes membership. flaw: why it may not be said, which only those who may send at
    all get them (chats-9). key: the client's own name for this send; one that was used in this room
    stores nothing and gets the first answer. nonce: of the message's UUID.
    """

    text: str
    visiting: bool = False
    system: bool = False
    flaw: Invalid | RateLimited | None = None
    key: str | None = None
    nonce: bytes = field(factory=nonce, eq=False, repr=False)


@value
class Edit:
    """Give one's own message a new text."""

    message: str
    text: str


@value
class Delete:
    """Delete one's own message or, with a reason, anyone's, for users who may (channels-20)."""

    message: str
    reason: Reason | None = None


@value
class React:
    """Add the caller's emoji to a message, or remove it if it is there (channels-11).

    nonce: of the reaction's UUID.
    """

    message: str
    emoji: str
    nonce: bytes = field(factory=nonce, eq=False, repr=False)


@value
class Unreact:
    """Remove the caller's own reaction."""

    message: str
    reaction: str


@value
class Join:
    """Make the caller a member."""


@value
class Leave:
    """End the caller's membership."""


@value
class Add:
    """Make another user a member."""

    user: User


@value
class Visit:
    """Give one connection a seat, as long as it lasts (all-10). No membership comes of it."""


@value
class MarkRead:
    """Mark everything up to now as read by the caller, or up to the message with that id."""

    up_to: int | None = None


@value
class MarkDelivered:
    """Mark a message as received by the caller's client (conversations-13)."""

    message_id: int


RoomCommand = (
    Say | Edit | Delete | React | Unreact | Join | Leave | Add | Visit | MarkRead | MarkDelivered
)
