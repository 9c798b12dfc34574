"""Refusals are values. A dialect puts them into its document's words; none has words here."""

from attrs import frozen


@frozen
class Refusal:
    """A refusal of any kind: nothing was stored, nobody was notified."""


@frozen
class Invalid(Refusal):
    """A field is wrong. why: a short word for the log and for the dialect's choice of text."""

    field: str
    why: str = ""


@frozen
class NoSuchRoom(Refusal):
    """There is none, or the asker may not know that there is one."""


@frozen
class RoomEnded(Refusal):
    """A room bore this name and has ended; connecting makes no other of it (all-24)."""


@frozen
class NotAdmitted(Refusal):
    """A private or direct room that the asker is no member of (all-10)."""


@frozen
class NotMember(Refusal):
    """The room may be seen, but this needs membership."""


@frozen
class NotHere(Refusal):
    """This connection is not in that room (lobby-10)."""


@frozen
class AlreadyHere(Refusal):
    """This connection is in that room already (lobby-8)."""


@frozen
class AlreadyMember(Refusal):
    """Joining or adding who is a member."""


@frozen
class RoomFull(Refusal):
    """No seat is left (lobby-21)."""


@frozen
class KeyReused(Refusal):
    """The key stands for another message of the same user in the same room."""


@frozen
class NoSuchMessage(Refusal):
    """There is none, or it was deleted."""


@frozen
class NotYours(Refusal):
    """Only the author may do that to a message."""


@frozen
class NoSuchReaction(Refusal):
    """The caller has no such reaction on the message."""


@frozen
class TooManyReactions(Refusal):
    """A message bears as many as it may (all-23). which: `own`, of the caller, or `emojis`, of
    different ones.
    """

    which: str


@frozen
class NoSuchUser(Refusal):
    """There is no such user, or they share nothing with the asker."""


@frozen
class Yourself(Refusal):
    """That is not done with oneself."""


@frozen
class Forbidden(Refusal):
    """It takes an owner or an administrator."""


@frozen
class Outranked(Refusal):
    """The other's role is not below the actor's; one's own never is."""


@frozen
class RoleTooHigh(Refusal):
    """Roles are given and taken below one's own only."""


@frozen
class HasRole(Refusal):
    """The user was given this role before, or everybody has it."""


@frozen
class NoSuchGrant(Refusal):
    """The user was never given this role."""


@frozen
class Taken(Refusal):
    """Somebody else has this name or address. field: which."""

    field: str


@frozen
class Outdated(Refusal):
    """It was true when it was looked at, and is no more."""


@frozen
class NoSuchLogin(Refusal):
    """There is none, or it has ended."""


@frozen
class UsedBefore(Refusal):
    """A refresh token that was used before: its login has ended now. login: its name."""

    login: str
    user_id: int


@frozen
class NoSuchTicket(Refusal):
    """There is none, or it was used before, or its time is over."""


@frozen
class TooManyRooms(Refusal):
    """The user's allowance of rooms is used up."""


@frozen
class RateLimited(Refusal):
    """Too much in too short a time. retry_after: seconds."""

    retry_after: float


@frozen
class TooManyKeys(RateLimited):
    """The user has as many API keys as one may have. retry_after: until one ends by itself, or a
    guess.
    """


@frozen
class Failed(Refusal):
    """Storage or the server itself failed: nothing was stored, nobody got anything."""
