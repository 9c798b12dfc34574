"""Logins, their refresh tokens, and tickets: each act once, whoever else acts at the same time."""

from typing import Any

from attrs import evolve

from tests.store.ledger import NOW, Ledger
from trichat.core.ids import new_uuid
from trichat.core.model import User
from trichat.core.refusals import (
    NoSuchLogin,
    NoSuchTicket,
    NoSuchUser,
    Outdated,
    RateLimited,
    UsedBefore,
)
from trichat.store import port

LATER = NOW + 1_000_000
ENDS = NOW + 2_000_000
GRACE = 1000


def login(name: str, *, family: str | None = None, **given: Any) -> port.NewLogin:
    secret = None if family is None else f"{family} 0"
    return port.NewLogin(name, given.get("expires_at", LATER), ENDS, family, secret)


def opening(user: User, new: port.NewLogin, **given: Any) -> port.OpenLogin:
    fields: dict[str, Any] = {"password_hash": "hash", "at": NOW, "most": 9, **given}
    return port.OpenLogin(user.id, login=new, **fields)


def renewal(number: int, at: int = NOW, family: str = "f") -> port.RenewLogin:
    """The so-manieth token of the family is shown."""
    shown, following = f"{family} {number}", f"{family} {number + 1}"
    return port.RenewLogin(family, shown, following, at, at + 1_000_000, GRACE)


class Logins:
    async def test_everybodys_end_at_once(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        assert await store.signing() == port.Signing(None, 0)
        for user, name in ((alice, "one"), (bob, "two")):
            await ledger.write(port.SetPassword(user.id, "hash", NOW))
            await ledger.write(opening(user, login(name, family=name)))
            await ledger.write(port.AddApiKey(user.id, name, name, NOW))
        await ledger.write(opening(bob, login("over", expires_at=NOW + 5)))
        waiting = port.Ticket(bob.id, "two", None, LATER)
        await ledger.write(port.AddTicket("t", waiting, NOW, LATER, 9))
        assert [await store.count_logins(at) for at in (NOW, NOW + 5, LATER)] == [3, 2, 0]
        assert await ledger.write(port.EndEverything(NOW + 7)) is True
        assert await store.count_logins(NOW) == 0
        for user, name in ((alice, "one"), (bob, "two")):
            bearer = await store.bearer(user.uuid, name)
            assert bearer is not None
            assert (bearer.since, bearer.ended) == (NOW + 7, True)
            assert await store.key_holder(name) is not None
        assert await store.write([renewal(0, family="one")]) == [NoSuchLogin()]
        assert await store.write([port.TakeTicket("t", NOW)]) == [NoSuchTicket()]
        assert await store.signing() == port.Signing(None, NOW + 7)
        await ledger.write(opening(bob, login("three", family="three")))
        assert await ledger.write(port.EndEverything(NOW + 7, keys=True)) is True
        assert await store.ended_logins(["three"]) == {"three"}
        assert await store.key_holder("one") is await store.key_holder("two") is None
        assert await store.signing() == port.Signing(None, NOW + 8)  # told from the one before

    async def test_which_key_signs(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(port.SetPassword(alice.id, "hash", NOW))
        await ledger.write(opening(alice, login("one")))
        for kid in ("a", "b"):
            assert await ledger.write(port.UseSigningKey(kid, NOW, ends=False)) is True
            assert await store.signing() == port.Signing(kid, 0)
        assert await store.count_logins(NOW) == 1
        assert await ledger.write(port.UseSigningKey("", NOW + 3, ends=True)) is True
        assert await store.count_logins(NOW) == 0
        assert await store.tokens_since([alice.id]) == {alice.id: NOW + 3}
        assert await store.signing() == port.Signing("", 0)
        await ledger.write(port.EndEverything(NOW + 9))
        assert await store.signing() == port.Signing("", NOW + 9)

    async def test_a_successor_by_a_key_of_before_is_given_again(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(port.SetPassword(alice.id, "hash", NOW))
        await ledger.write(opening(alice, login("one", family="f")))
        first = await ledger.write(renewal(0))
        assert isinstance(first, port.Renewed)
        by_another = evolve(renewal(0, NOW + 5), next="other")
        again = evolve(by_another, former=("wrong", "f 1"))
        assert await ledger.write(again) == evolve(first, former="f 1")
        assert await ledger.write(evolve(again, at=NOW)) == evolve(first, former="f 1")
        assert await store.write([by_another]) == [UsedBefore("one", alice.id)]

    async def test_a_login_is_there_until_it_ends(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        assert await ledger.write(opening(alice, login("one"))) == port.LoggedIn(())
        assert await store.bearer(alice.uuid, "one") == port.Bearer(alice, 0, True, False)
        assert await store.bearer(bob.uuid, "one") == port.Bearer(bob, 0, False, False)
        assert await store.bearer(new_uuid(), "one") is None
        assert await ledger.write(port.EndLogin("one", alice.id, NOW + 1, LATER)) is True
        assert await store.bearer(alice.uuid, "one") == port.Bearer(alice, 0, True, True)
        assert await store.ended_logins(["one", "other"]) == {"one"}

    async def test_a_token_that_is_a_login_by_itself_is_there_once_it_has_ended(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        end = port.EndLogin("digest", alice.id, NOW, LATER)
        assert await ledger.write(end) is True
        assert await ledger.write(evolve(end, at=NOW + 1)) is True
        assert await store.bearer(alice.uuid, "digest") == port.Bearer(alice, 0, True, True)

    async def test_an_account_and_its_first_login_are_one_write(self, store: port.Store) -> None:
        made = await Ledger(store).write(
            port.CreateUser(new_uuid(), "ann", None, "hash", None, NOW, login=login("one"))
        )
        assert await store.bearer(made.user.uuid, "one") == port.Bearer(made.user, 0, True, False)

    async def test_who_had_the_password_of_before_is_too_late(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        change = port.SetPassword(alice.id, "new", NOW + 5, before="hash", ends=True)
        assert isinstance(await ledger.write(change), User)
        assert await ledger.write(opening(alice, login("one"))) == Outdated()
        assert await ledger.write(evolve(change, password_hash="newer")) == Outdated()
        assert await ledger.write(evolve(change, user_id=999)) == NoSuchUser()
        assert await store.bearer(alice.uuid, "one") == port.Bearer(
            await _user(store, alice), NOW + 5, False, False
        )
        assert await store.tokens_since([alice.id, 999]) == {alice.id: NOW + 5}

    async def test_all_end_but_one(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        for name in ("one", "two", "three"):
            await ledger.write(opening(alice, login(name)))
        await ledger.write(opening(bob, login("bobs")))
        await ledger.write(port.SetPassword(alice.id, "new", NOW + 5, ends=True, but="two"))
        names = ["one", "two", "three", "bobs"]
        assert await store.ended_logins(names) == {"one", "three"}
        assert await ledger.write(port.EndLogins(alice.id, NOW + 6)) is True
        assert await store.ended_logins(names) == {"one", "two", "three"}
        assert await store.tokens_since([alice.id, bob.id]) == {alice.id: NOW + 6}
        await ledger.write(port.EndLogins(alice.id, NOW))  # by a clock that was set back
        assert await store.tokens_since([alice.id]) == {alice.id: NOW + 6}

    async def test_a_new_hash_of_the_same_password_ends_nothing(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one")))
        await ledger.write(port.SetPassword(alice.id, "rehashed", NOW, before="hash"))
        assert await store.bearer(alice.uuid, "one") == port.Bearer(
            await _user(store, alice), 0, True, False
        )

    async def test_beyond_so_many_the_one_renewed_the_longest_ago_ends(
        self, store: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        await ledger.write(opening(bob, login("bobs", family="b"), at=NOW - 5))
        await ledger.write(opening(alice, login("plain")))  # it has no refresh token
        for number in range(3):
            new = login(f"login {number}", family=str(number))
            assert await ledger.write(opening(alice, new, at=NOW + number)) == port.LoggedIn(())
        assert isinstance(await ledger.write(renewal(0, NOW + 10, "0")), port.Renewed)
        new = login("login 3", family="3")
        outcome = await ledger.write(opening(alice, new, at=NOW + 11, most=2))
        assert set(outcome.ended) == {"login 1", "login 2"}
        names = ["bobs", "plain", *(f"login {number}" for number in range(4))]
        assert await store.ended_logins(names) == {"login 1", "login 2"}

    async def test_each_refresh_token_counts_once(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        for number in range(3):
            at = NOW + number * 10_000
            outcome = await ledger.write(renewal(number, at))
            assert outcome == port.Renewed(alice, "one", at + 1_000_000)
        assert await ledger.write(renewal(0, NOW + 30_000)) == UsedBefore("one", alice.id)
        assert await store.ended_logins(["one"]) == {"one"}
        for number in range(4):  # the one that counted a moment ago, too
            assert await ledger.write(renewal(number, NOW + 30_001)) == NoSuchLogin()

    async def test_the_same_again_is_the_same_for_a_while(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        first = await ledger.write(renewal(0, NOW))
        assert await ledger.write(renewal(0, NOW + GRACE - 1)) == first
        await ledger.write(renewal(1, NOW + GRACE - 1))  # the answer has come: its token is used
        assert await ledger.write(renewal(0, NOW + GRACE - 1)) == UsedBefore("one", alice.id)

    async def test_later_the_same_again_is_anothers(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        for family, at in (("f", NOW + GRACE), ("g", NOW - GRACE)):  # a clock may be set back
            await ledger.write(opening(alice, login(family, family=family)))
            await ledger.write(renewal(0, NOW, family))
            assert await ledger.write(renewal(0, at, family)) == UsedBefore(family, alice.id)

    async def test_a_secret_that_never_was_ends_the_login_too(self, store: port.Store) -> None:
        """Its other half can come from a token of the family alone."""
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        guess = evolve(renewal(0), shown="guessed")
        assert await ledger.write(guess) == UsedBefore("one", alice.id)
        assert await ledger.write(evolve(guess, family="unknown")) == NoSuchLogin()

    async def test_a_login_ends_at_its_time_however_it_is_renewed(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        assert await ledger.write(renewal(0, LATER)) == NoSuchLogin()  # not used for too long
        renewed = await ledger.write(renewal(0, LATER - 1))
        assert renewed.expires_at == LATER - 1 + 1_000_000
        assert (await ledger.write(renewal(1, ENDS - 10))).expires_at == ENDS

    async def test_no_login_outlives_its_end(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f", expires_at=ENDS)))
        renewed = await ledger.write(renewal(0, ENDS - 10))
        assert renewed.expires_at == ENDS
        assert await ledger.write(renewal(1, ENDS)) == NoSuchLogin()

    async def test_what_is_over_is_forgotten_and_no_more(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        for number in range(4):
            new = login(f"login {number}", expires_at=NOW + number)
            await ledger.write(opening(alice, new))
            await ledger.write(ticketing(alice, f"ticket {number}", expires_at=NOW + number))
        assert await ledger.write(port.ForgetLogins(NOW + 3, 5)) == 5
        assert await ledger.write(port.ForgetLogins(NOW + 3, 5)) == 1
        assert await ledger.write(port.ForgetLogins(NOW + 3, 5)) == 0
        known = [(await store.bearer(alice.uuid, f"login {n}")).there for n in range(4)]  # type: ignore[union-attr]
        assert known == [False, False, False, True]
        assert await ledger.write(port.TakeTicket("ticket 3", NOW)) == ticket_of(alice)

    async def test_a_ticket_is_taken_once_and_in_time(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        for digest in ("one", "two"):
            assert await ledger.write(ticketing(alice, digest)) is True
        assert await ledger.write(port.TakeTicket("one", LATER - 1)) == ticket_of(alice)
        assert await ledger.write(port.TakeTicket("one", LATER - 1)) == NoSuchTicket()
        assert await ledger.write(port.TakeTicket("two", LATER)) == NoSuchTicket()
        assert await ledger.write(port.TakeTicket("unknown", NOW)) == NoSuchTicket()

    async def test_of_two_servers_one_takes_a_ticket(
        self, store: port.Store, other: port.Store
    ) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(ticketing(alice, "one"))
        taking = port.TakeTicket("one", NOW)
        assert await Ledger(other).write(taking) == ticket_of(alice)
        assert await ledger.write(taking) == NoSuchTicket()

    async def test_only_so_many_tickets_wait_for_use(self, store: port.Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        for number in range(3):
            expires_at = NOW + 2000 + number
            await ledger.write(ticketing(alice, str(number), expires_at=expires_at))
        assert await ledger.write(ticketing(alice, "more")) == RateLimited(2.0)
        assert await ledger.write(ticketing(bob, "bobs")) is True
        await ledger.write(port.TakeTicket("2", NOW))
        assert await ledger.write(ticketing(alice, "more")) is True
        assert await ledger.write(ticketing(alice, "again", at=NOW + 2000)) is True


def ticket_of(user: User) -> port.Ticket:
    return port.Ticket(user.id, "one", None, LATER)


def ticketing(user: User, digest: str, *, at: int = NOW, expires_at: int = LATER) -> port.AddTicket:
    return port.AddTicket(digest, ticket_of(user), at, expires_at, 3)


async def _user(store: port.Store, user: User) -> User:
    """As he stands now."""
    found = await store.user(user.id)
    assert found is not None
    return found
