"""Tickets: each opens one connection, once."""

from attrs import frozen


@frozen
class Ticket:
    """What a ticket stands for: one connection by this token of this user. login: of the token, or
    the token's own digest. issued_at, token_expires: of the token, in milliseconds; the first is
    None where it names a login.
    """

    user_id: int
    login: str
    issued_at: int | None
    token_expires: int


@frozen
class AddTicket:
    """Stores a ticket. digest: its SHA-256, in hex. most: how many unused ones a user may have.
    Outcome: True, or RateLimited.
    """

    digest: str
    ticket: Ticket
    at: int
    expires_at: int
    most: int


@frozen
class TakeTicket:
    """Uses a ticket. Outcome: the Ticket, or NoSuchTicket."""

    digest: str
    at: int


TicketWrite = AddTicket | TakeTicket
