"""Suspensions and bans: who may not log in, and until when."""

from attrs import frozen

from trichat.core.model import Reason, Status


@frozen
class SetStatus:
    """Bans or suspends a user or, with ACTIVE, reinstates them, with an entry in the audit log.
    until: when it ends by itself, in milliseconds; None for never.
    Outcome: the User, NoSuchUser, Forbidden (the actor's role has changed) or Outranked.
    """

    reason: Reason
    by_id: int
    user_id: int
    status: Status
    at: int
    until: int | None = None


@frozen
class EndSuspension:
    """Ends a ban or suspension whose time has come. Outcome: the User, or NoSuchUser."""

    user_id: int
    at: int


SuspensionWrite = SetStatus | EndSuspension
