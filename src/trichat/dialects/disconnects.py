"""Every reason for which the server ends a connection, in one place (all-22).

A close frame bears the code that the dialect has for the reason, and the reason's words. Clients
go by the code; the words are for whoever reads a client's log. None of them says what the peer may
not know.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import frozen

MAX_REASON: Final = 123  # bytes of the words in a close frame (RFC 6455, 5.5)


@frozen
class Disconnect:
    """One reason. code: where the dialect's document has no other. reason: the words.

    again: whether the same client may connect again, as it is, once some time has passed.
    about: for the documents, when it is met.
    """

    code: int
    reason: str
    again: bool
    about: str


class DisconnectReason(Enum):
    """Why the server ends a connection."""

    # The credential, at the handshake and later. What is said of a missing one names where it goes.
    TOKEN_MISSING = Disconnect(1008, "token missing", False, "no credential")
    TOKEN_INVALID = Disconnect(
        1008, "token invalid", False, "a token that is not one, or not for here"
    )
    TOKEN_EXPIRED = Disconnect(1008, "token expired", False, "the token's time is over")
    TICKET_INVALID = Disconnect(
        1008,
        "ticket invalid: unknown, used or too old",
        False,
        "a ticket that opens nothing",
    )
    KEY_INVALID = Disconnect(1008, "API key invalid", False, "an API key that nobody has")
    UNDECIDED = Disconnect(
        1013,
        "token not verified yet: connect again later",
        True,
        "nobody can say now whether the token is good, since its issuer cannot be reached",
    )
    REVOKED = Disconnect(
        1008, "token invalid: its login has ended", False, "the login of the token has ended"
    )
    KEY_REVOKED = Disconnect(
        1008, "API key invalid: it was revoked", False, "the API key was revoked"
    )
    KEY_EXPIRED = Disconnect(1008, "API key expired", False, "the API key's time is over")
    BARRED = Disconnect(
        1008,
        "account suspended",
        False,
        "the user was suspended, banned or deleted; where an administrator gave a reason, the words"
        " are theirs",
    )
    # The room of a connection that begins in one.
    NAME_INVALID = Disconnect(
        4000,
        "room name invalid: 1 to 100 characters, not blank, no control characters, no /",
        False,
        "a name that no room can have",
    )
    NO_ROOM = Disconnect(
        4000, "room not found", False, "the room is not there, and connecting makes none"
    )
    ROOM_ENDED = Disconnect(
        4000,
        "room has ended",
        False,
        "a room bore this name and has ended: connecting makes no other of it",
    )
    TOO_MANY_ROOMS = Disconnect(
        4000, "room not created: too many rooms", False, "the user may make no more rooms"
    )
    NOT_STORED = Disconnect(
        4000, "room not created: connect again later", True, "the room could not be stored"
    )
    NOT_ADMITTED = Disconnect(
        4003, "room is private", False, "the room is private, and the user no member, or no more"
    )
    FULL = Disconnect(4003, "room is full", True, "the room has no seat left")
    # What the peer does.
    CROWDED = Disconnect(
        1008, "too many connections of this user", True, "the user has too many connections"
    )
    FLOOD = Disconnect(1008, "too many frames", False, "more frames in a second than are taken")
    NONSENSE = Disconnect(
        1008, "too many bad frames", False, "more refused frames in a row than are taken"
    )
    BROKEN_FRAME = Disconnect(
        1002, "protocol error", False, "a frame that breaks the WebSocket protocol"
    )
    NOT_UTF8 = Disconnect(
        1007, "not UTF-8", False, "a text message that is no UTF-8, or not what was compressed"
    )
    TOO_BIG = Disconnect(1009, "message too big", False, "a message larger than is taken")
    NOT_JSON = Disconnect(1007, "not JSON", False, "a message that is no JSON")
    NOT_AN_OBJECT = Disconnect(1007, "not an object", False, "a message that is no JSON object")
    NOT_TEXT = Disconnect(1003, "text frames only", False, "a binary frame")
    SILENT = Disconnect(
        1001, "nothing heard for too long: connect again", True, "the peer was silent for too long"
    )
    TOO_SLOW = Disconnect(
        1013,
        "too slow: connect again and resume",
        True,
        "the peer reads less than it is sent: the history, where the API has one, has what was not"
        " sent",
    )
    CLOSED = Disconnect(1000, "", True, "the answer to the peer's own close, with the code it gave")
    # The server itself.
    GOING_AWAY = Disconnect(1001, "server going away: connect again", True, "the server ends")
    STORAGE_FAILED = Disconnect(
        1011, "storage unavailable: connect again later", True, "the database cannot be read now"
    )
    FAILED = Disconnect(1011, "server error: connect again", True, "the server's own fault")

    @property
    def code(self) -> int:
        """The close code, where the dialect's document has no other."""
        return self.value.code

    @property
    def reason(self) -> str:
        """The words of the close frame."""
        return self.value.reason

    @property
    def again(self) -> bool:
        """Whether the same client may connect again, as it is."""
        return self.value.again

    @property
    def about(self) -> str:
        """When it is met, for the documents."""
        return self.value.about


# What a credential's end is, at the handshake or later: two documents have another code for these.
OF_CREDENTIALS: Final = frozenset(
    {
        DisconnectReason.TOKEN_MISSING,
        DisconnectReason.TOKEN_INVALID,
        DisconnectReason.TOKEN_EXPIRED,
        DisconnectReason.TICKET_INVALID,
        DisconnectReason.REVOKED,
        DisconnectReason.BARRED,
    }
)
# Of dialects whose clients may show an API key.
OF_KEYS: Final = frozenset(
    {DisconnectReason.KEY_INVALID, DisconnectReason.KEY_REVOKED, DisconnectReason.KEY_EXPIRED}
)
# Of dialects whose connections begin in a room.
OF_ROOMS: Final = frozenset(
    {
        DisconnectReason.NAME_INVALID,
        DisconnectReason.NO_ROOM,
        DisconnectReason.ROOM_ENDED,
        DisconnectReason.TOO_MANY_ROOMS,
        DisconnectReason.NOT_STORED,
        DisconnectReason.NOT_ADMITTED,
        DisconnectReason.FULL,
    }
)
# Of the dialect whose document ends a connection for what others answer.
OF_FORMS: Final = frozenset(
    {DisconnectReason.NOT_JSON, DisconnectReason.NOT_AN_OBJECT, DisconnectReason.NOT_TEXT}
)

EVERYWHERE: Final = frozenset(DisconnectReason) - OF_ROOMS - OF_FORMS - OF_KEYS


def codes(
    *more: frozenset[DisconnectReason], credential: int = 1008
) -> Mapping[DisconnectReason, int]:
    """A dialect's close codes: for what ends connections of all, and for `more` of its own.

    credential: its code for a credential that does not count, or no more.
    """
    mine = EVERYWHERE.union(*more)
    return {
        each: credential if each in OF_CREDENTIALS else each.code
        for each in DisconnectReason
        if each in mine
    }


# A link that broke off reading has one of these codes (RFC 6455, 7.4.1).
BROKEN: Final[Mapping[int, DisconnectReason]] = {
    each.code: each
    for each in (
        DisconnectReason.BROKEN_FRAME,
        DisconnectReason.NOT_UTF8,
        DisconnectReason.TOO_BIG,
        DisconnectReason.FLOOD,
    )
}
