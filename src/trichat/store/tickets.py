"""Tickets: each opens one connection."""

from attrs import frozen


@frozen
class Ticket:
    """What a ticket stands for: one connection by this token of this user. login: the token's, or
    its own digest; issued_at, token_expires: the token's, in milliseconds, the first None where
    it names a login.
    """

    user_id: int
    login: str
    issued_at: int | None
    token_expires: int


@frozen
class AddTicket:
    """digest: SHA-256 of the ticket, in hex. most: living ones that a user may have.
    Outcome: True, or RateLimited.
    """

    digest: str
    ticket: Ticket
    at: int
    expires_at: int
    most: int


@frozen
class TakeTicket:
    """It is used, once. Outcome: the Ticket, or NoSuchTicket."""

    digest: str
    at: int


TicketWrite = AddTicket | TakeTicket
