"""Suspensions and bans: who may not come in, and until when."""

from attrs import frozen

from trichat.core.model import Grounds, Status


@frozen
class Judge:
    """A user is banned, suspended or, with ACTIVE, let in again; the audit log says so.
    until: when it ends by itself, in milliseconds; None for never.
    Outcome: the User, NoSuchUser, Forbidden (the actor's rank has changed) or Outranked.
    """

    grounds: Grounds
    by_id: int
    user_id: int
    status: Status
    at: int
    until: int | None = None


@frozen
class EndSentence:
    """The time of a ban or suspension has come. Outcome: the User, or NoSuchUser."""

    user_id: int
    at: int


SuspensionWrite = Judge | EndSentence
