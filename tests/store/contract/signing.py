"""Which key signs, and the end of everything that was signed."""

from tests.store.contract.logins import LATER, login, opening, renewal
from tests.store.ledger import NOW, Ledger
from trichat.core.refusals import NoSuchLogin, NoSuchTicket
from trichat.store.apikeys import AddApiKey
from trichat.store.port import Store
from trichat.store.signing import EndEverything, Signing, UseSigningKey
from trichat.store.tickets import AddTicket, TakeTicket, Ticket
from trichat.store.users import SetPassword


class SigningKeys:
    async def test_everybodys_end_at_once(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        assert await store.signing() == Signing(None, 0)
        for user, name in ((alice, "one"), (bob, "two")):
            await ledger.write(SetPassword(user.id, "hash", NOW))
            await ledger.write(opening(user, login(name, family=name)))
            await ledger.write(AddApiKey(user.id, name, name, NOW))
        await ledger.write(opening(bob, login("over", expires_at=NOW + 5)))
        waiting = Ticket(bob.id, "two", None, LATER)
        await ledger.write(AddTicket("t", waiting, NOW, LATER, 9))
        assert [await store.count_logins(at) for at in (NOW, NOW + 5, LATER)] == [3, 2, 0]
        assert await ledger.write(EndEverything(NOW + 7)) is True
        assert await store.count_logins(NOW) == 0
        for user, name in ((alice, "one"), (bob, "two")):
            bearer = await store.token_status(user.uuid, name)
            assert bearer is not None
            assert (bearer.since, bearer.ended) == (NOW + 7, True)
            assert await store.key_holder(name) is not None
        assert await store.write([renewal(0, family="one")]) == [NoSuchLogin()]
        assert await store.write([TakeTicket("t", NOW)]) == [NoSuchTicket()]
        assert await store.signing() == Signing(None, NOW + 7)
        await ledger.write(opening(bob, login("three", family="three")))
        assert await ledger.write(EndEverything(NOW + 7, keys=True)) is True
        assert await store.ended_logins(["three"]) == {"three"}
        assert await store.key_holder("one") is await store.key_holder("two") is None
        assert await store.signing() == Signing(None, NOW + 8)  # told from the one before

    async def test_which_key_signs(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        await ledger.write(SetPassword(alice.id, "hash", NOW))
        await ledger.write(opening(alice, login("one")))
        for kid in ("a", "b"):
            assert await ledger.write(UseSigningKey(kid, NOW, ends=False)) is True
            assert await store.signing() == Signing(kid, 0)
        assert await store.count_logins(NOW) == 1
        assert await ledger.write(UseSigningKey("", NOW + 3, ends=True)) is True
        assert await store.count_logins(NOW) == 0
        assert await store.tokens_since([alice.id]) == {alice.id: NOW + 3}
        assert await store.signing() == Signing("", 0)
        await ledger.write(EndEverything(NOW + 9))
        assert await store.signing() == Signing("", NOW + 9)
