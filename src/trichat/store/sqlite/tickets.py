"""Tickets: each opens one connection, whichever process it comes to."""

import apsw

from trichat.core.refusals import NoSuchTicket, RateLimited
from trichat.store.sqlite import rows
from trichat.store.sqlite.topic import Writes
from trichat.store.tickets import AddTicket, TakeTicket, Ticket


def add(db: apsw.Connection, write: AddTicket) -> bool | RateLimited:
    """Of those that nobody used there are only so many."""
    ticket = write.ticket
    query = "SELECT count(*), min(expires_at) FROM tickets WHERE user_id = ? AND expires_at > ?"
    ((living, first),) = rows.fetch(db, query, (ticket.user_id, write.at))
    if living >= write.most:
        return RateLimited((first - write.at) / 1000)
    db.execute(
        "INSERT INTO tickets (digest, user_id, login, issued_at, token_expires, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            write.digest, ticket.user_id, ticket.login, ticket.issued_at, ticket.token_expires,
            write.expires_at,
        ),
    )  # fmt: skip
    return True


def take(db: apsw.Connection, write: TakeTicket) -> Ticket | NoSuchTicket:
    """It is gone with its first use."""
    query = (
        "DELETE FROM tickets WHERE digest = ? AND expires_at > ?"
        " RETURNING user_id, login, issued_at, token_expires"
    )
    for row in rows.fetch(db, query, (write.digest, write.at)):
        return Ticket(*row)
    return NoSuchTicket()


WRITES: Writes = {
    AddTicket: add,
    TakeTicket: take,
}
