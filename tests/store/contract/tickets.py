"""Tickets are taken once, in time, by one server."""

from tests.store.ledger import NOW, Ledger
from trichat.core.model import User
from trichat.core.refusals import NoSuchTicket, RateLimited
from trichat.store.port import Store
from trichat.store.tickets import AddTicket, TakeTicket, Ticket

LATER = NOW + 1_000_000


class Tickets:
    async def test_a_ticket_is_taken_once_and_in_time(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        for digest in ("one", "two"):
            assert await ledger.write(ticketing(alice, digest)) is True
        assert await ledger.write(TakeTicket("one", LATER - 1)) == ticket_of(alice)
        assert await ledger.write(TakeTicket("one", LATER - 1)) == NoSuchTicket()
        assert await ledger.write(TakeTicket("two", LATER)) == NoSuchTicket()
        assert await ledger.write(TakeTicket("unknown", NOW)) == NoSuchTicket()

    async def test_of_two_servers_one_takes_a_ticket(self, store: Store, other: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(ticketing(alice, "one"))
        taking = TakeTicket("one", NOW)
        assert await Ledger(other).write(taking) == ticket_of(alice)
        assert await ledger.write(taking) == NoSuchTicket()

    async def test_only_so_many_tickets_wait_for_use(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        for number in range(3):
            expires_at = NOW + 2000 + number
            await ledger.write(ticketing(alice, str(number), expires_at=expires_at))
        assert await ledger.write(ticketing(alice, "more")) == RateLimited(2.0)
        assert await ledger.write(ticketing(bob, "bobs")) is True
        await ledger.write(TakeTicket("2", NOW))
        assert await ledger.write(ticketing(alice, "more")) is True
        assert await ledger.write(ticketing(alice, "again", at=NOW + 2000)) is True


def ticket_of(user: User) -> Ticket:
    return Ticket(user.id, "one", None, LATER)


def ticketing(user: User, digest: str, *, at: int = NOW, expires_at: int = LATER) -> AddTicket:
    return AddTicket(digest, ticket_of(user), at, expires_at, 3)
