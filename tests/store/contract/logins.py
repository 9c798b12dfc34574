"""Logins and their refresh tokens: each counts once, whoever else acts at the same time."""

from typing import Any

from attrs import evolve

from tests.store.contract.tickets import ticket_of, ticketing
from tests.store.ledger import NOW, Ledger
from trichat.core.model import User
from trichat.core.refusals import NoSuchLogin, NoSuchUser, Outdated, UsedBefore
from trichat.runtime.clock import new_uuid
from trichat.store.logins import (
    EndLogin,
    EndLogins,
    ForgetLogins,
    LoggedIn,
    NewLogin,
    OpenLogin,
    Renewed,
    RenewLogin,
    TokenStatus,
)
from trichat.store.port import Store
from trichat.store.tickets import TakeTicket
from trichat.store.users import CreateUser, SetPassword

LATER = NOW + 1_000_000
ENDS = NOW + 2_000_000
GRACE = 1000


def login(name: str, *, family: str | None = None, **given: Any) -> NewLogin:
    secret = None if family is None else f"{family} 0"
    return NewLogin(name, given.get("expires_at", LATER), ENDS, family, secret)


def opening(user: User, new: NewLogin, **given: Any) -> OpenLogin:
    fields: dict[str, Any] = {"password_hash": "hash", "at": NOW, "most": 9, **given}
    return OpenLogin(user.id, login=new, **fields)


def renewal(number: int, at: int = NOW, family: str = "f") -> RenewLogin:
    """The so-manieth token of the family is shown."""
    shown, following = f"{family} {number}", f"{family} {number + 1}"
    return RenewLogin(family, shown, following, at, at + 1_000_000, GRACE)


class Logins:
    async def test_a_successor_by_a_key_of_before_is_given_again(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(SetPassword(alice.id, "hash", NOW))
        await ledger.write(opening(alice, login("one", family="f")))
        first = await ledger.write(renewal(0))
        assert isinstance(first, Renewed)
        by_another = evolve(renewal(0, NOW + 5), next="other")
        again = evolve(by_another, former=("wrong", "f 1"))
        assert await ledger.write(again) == evolve(first, former="f 1")
        assert await ledger.write(evolve(again, at=NOW)) == evolve(first, former="f 1")
        assert await store.write([by_another]) == [UsedBefore("one", alice.id)]

    async def test_a_login_is_there_until_it_ends(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        assert await ledger.write(opening(alice, login("one"))) == LoggedIn(())
        assert await store.token_status(alice.uuid, "one") == TokenStatus(alice, 0, True, False)
        assert await store.token_status(bob.uuid, "one") == TokenStatus(bob, 0, False, False)
        assert await store.token_status(new_uuid(), "one") is None
        assert await ledger.write(EndLogin("one", alice.id, NOW + 1, LATER)) is True
        assert await store.token_status(alice.uuid, "one") == TokenStatus(alice, 0, True, True)
        assert await store.ended_logins(["one", "other"]) == {"one"}

    async def test_a_token_that_is_a_login_by_itself_is_there_once_it_has_ended(
        self, store: Store
    ) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        end = EndLogin("digest", alice.id, NOW, LATER)
        assert await ledger.write(end) is True
        assert await ledger.write(evolve(end, at=NOW + 1)) is True
        assert await store.token_status(alice.uuid, "digest") == TokenStatus(alice, 0, True, True)

    async def test_an_account_and_its_first_login_are_one_write(self, store: Store) -> None:
        made = await Ledger(store).write(
            CreateUser(new_uuid(), "ann", None, "hash", None, NOW, login=login("one"))
        )
        assert await store.token_status(made.user.uuid, "one") == TokenStatus(
            made.user, 0, True, False
        )

    async def test_who_had_the_password_of_before_is_too_late(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        change = SetPassword(alice.id, "new", NOW + 5, before="hash", ends=True)
        assert isinstance(await ledger.write(change), User)
        assert await ledger.write(opening(alice, login("one"))) == Outdated()
        assert await ledger.write(evolve(change, password_hash="newer")) == Outdated()
        assert await ledger.write(evolve(change, user_id=999)) == NoSuchUser()
        assert await store.token_status(alice.uuid, "one") == TokenStatus(
            await user_again(store, alice), NOW + 5, False, False
        )
        assert await store.tokens_since([alice.id, 999]) == {alice.id: NOW + 5}

    async def test_all_end_but_one(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        for name in ("one", "two", "three"):
            await ledger.write(opening(alice, login(name)))
        await ledger.write(opening(bob, login("bobs")))
        await ledger.write(SetPassword(alice.id, "new", NOW + 5, ends=True, but="two"))
        names = ["one", "two", "three", "bobs"]
        assert await store.ended_logins(names) == {"one", "three"}
        assert await ledger.write(EndLogins(alice.id, NOW + 6)) is True
        assert await store.ended_logins(names) == {"one", "two", "three"}
        assert await store.tokens_since([alice.id, bob.id]) == {alice.id: NOW + 6}
        await ledger.write(EndLogins(alice.id, NOW))  # by a clock that was set back
        assert await store.tokens_since([alice.id]) == {alice.id: NOW + 6}

    async def test_a_new_hash_of_the_same_password_ends_nothing(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one")))
        await ledger.write(SetPassword(alice.id, "rehashed", NOW, before="hash"))
        assert await store.token_status(alice.uuid, "one") == TokenStatus(
            await user_again(store, alice), 0, True, False
        )

    async def test_beyond_so_many_the_one_renewed_the_longest_ago_ends(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        await ledger.write(opening(bob, login("bobs", family="b"), at=NOW - 5))
        await ledger.write(opening(alice, login("plain")))  # it has no refresh token
        for number in range(3):
            new = login(f"login {number}", family=str(number))
            assert await ledger.write(opening(alice, new, at=NOW + number)) == LoggedIn(())
        assert isinstance(await ledger.write(renewal(0, NOW + 10, "0")), Renewed)
        new = login("login 3", family="3")
        outcome = await ledger.write(opening(alice, new, at=NOW + 11, most=2))
        assert set(outcome.ended) == {"login 1", "login 2"}
        names = ["bobs", "plain", *(f"login {number}" for number in range(4))]
        assert await store.ended_logins(names) == {"login 1", "login 2"}

    async def test_each_refresh_token_counts_once(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        for number in range(3):
            at = NOW + number * 10_000
            outcome = await ledger.write(renewal(number, at))
            assert outcome == Renewed(alice, "one", at + 1_000_000)
        assert await ledger.write(renewal(0, NOW + 30_000)) == UsedBefore("one", alice.id)
        assert await store.ended_logins(["one"]) == {"one"}
        for number in range(4):  # the one that counted a moment ago, too
            assert await ledger.write(renewal(number, NOW + 30_001)) == NoSuchLogin()

    async def test_the_same_again_is_the_same_for_a_while(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        first = await ledger.write(renewal(0, NOW))
        assert await ledger.write(renewal(0, NOW + GRACE - 1)) == first
        await ledger.write(renewal(1, NOW + GRACE - 1))  # the answer has come: its token is used
        assert await ledger.write(renewal(0, NOW + GRACE - 1)) == UsedBefore("one", alice.id)

    async def test_later_the_same_again_is_anothers(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        for family, at in (("f", NOW + GRACE), ("g", NOW - GRACE)):  # a clock may be set back
            await ledger.write(opening(alice, login(family, family=family)))
            await ledger.write(renewal(0, NOW, family))
            assert await ledger.write(renewal(0, at, family)) == UsedBefore(family, alice.id)

    async def test_a_secret_that_never_was_ends_the_login_too(self, store: Store) -> None:
        """Its other half can come from a token of the family alone."""
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        guess = evolve(renewal(0), shown="guessed")
        assert await ledger.write(guess) == UsedBefore("one", alice.id)
        assert await ledger.write(evolve(guess, family="unknown")) == NoSuchLogin()

    async def test_a_login_ends_at_its_time_however_it_is_renewed(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f")))
        assert await ledger.write(renewal(0, LATER)) == NoSuchLogin()  # not used for too long
        renewed = await ledger.write(renewal(0, LATER - 1))
        assert renewed.expires_at == LATER - 1 + 1_000_000
        assert (await ledger.write(renewal(1, ENDS - 10))).expires_at == ENDS

    async def test_no_login_outlives_its_end(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(opening(alice, login("one", family="f", expires_at=ENDS)))
        renewed = await ledger.write(renewal(0, ENDS - 10))
        assert renewed.expires_at == ENDS
        assert await ledger.write(renewal(1, ENDS)) == NoSuchLogin()

    async def test_what_is_over_is_forgotten_and_no_more(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        for number in range(4):
            new = login(f"login {number}", expires_at=NOW + number)
            await ledger.write(opening(alice, new))
            await ledger.write(ticketing(alice, f"ticket {number}", expires_at=NOW + number))
        assert await ledger.write(ForgetLogins(NOW + 3, 5)) == 5
        assert await ledger.write(ForgetLogins(NOW + 3, 5)) == 1
        assert await ledger.write(ForgetLogins(NOW + 3, 5)) == 0
        known = [(await store.token_status(alice.uuid, f"login {n}")).there for n in range(4)]  # type: ignore[union-attr]
        assert known == [False, False, False, True]
        assert await ledger.write(TakeTicket("ticket 3", NOW)) == ticket_of(alice)


async def user_again(store: Store, user: User) -> User:
    """As they stand now."""
    found = await store.user(user.id)
    assert found is not None
    return found
