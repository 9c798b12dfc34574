"""Who comes in with which credential."""

import pytest

from tests.runtime.running import SECRET, Running
from tests.store.ledger import NOW
from trichat.auth import apikeys
from trichat.auth.passwords import LONGEST_PASSWORD, PasswordRefusedError
from trichat.auth.tokens import Tokens
from trichat.core.model import Status, User
from trichat.core.refusals import Failed, NoSuchUser, Taken
from trichat.runtime.accounts import (
    Accounts,
    NotIdentifiedError,
    UnknownUserError,
    VerifiedCredentials,
)
from trichat.runtime.clock import new_uuid
from trichat.store.apikeys import AddApiKey, RevokeApiKey
from trichat.store.health import StoreError
from trichat.store.users import Registered

PASSWORD = "Correct-1"


@pytest.fixture
def accounts(house: Running) -> Accounts:
    return house.runtime.accounts


async def registered(accounts: Accounts, name: str = "alice") -> User:
    outcome = await accounts.register(name, f"{name}@x.org", PASSWORD)
    assert isinstance(outcome, Registered)
    return outcome.user


def suspend(house: Running, user: User, status: Status) -> None:
    house.store._writer.execute("UPDATE users SET status = ? WHERE id = ?", (status.value, user.id))


async def test_a_token_opens_for_its_user_until_it_ends(accounts: Accounts) -> None:
    alice = await registered(accounts)
    identity = await accounts.identify(accounts.token(alice))
    assert identity.user == alice
    assert identity.key_id is None
    assert 0 < identity.expires_at < float("inf")


@pytest.mark.parametrize("token", [None, "", "nonsense", "a.b.c"])
async def test_what_is_no_token_opens_nothing(accounts: Accounts, token: str | None) -> None:
    with pytest.raises(NotIdentifiedError):
        await accounts.identify(token)


async def test_anothers_signature_opens_nothing(accounts: Accounts) -> None:
    alice = await registered(accounts)
    forged = Tokens(bytes(range(48)), lifetime=60).issue(alice.uuid, alice.id, alice.username)
    with pytest.raises(NotIdentifiedError):
        await accounts.identify(forged)


async def test_a_good_token_of_nobody_says_so(accounts: Accounts) -> None:
    token = Tokens(SECRET, lifetime=60).issue(new_uuid(), 99, "ghost")
    with pytest.raises(UnknownUserError):
        await accounts.identify(token)


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.BANNED])
async def test_who_is_suspended_does_not_come_in(
    house: Running, accounts: Accounts, status: Status
) -> None:
    alice = await registered(accounts)
    key = apikeys.digest("k")
    await house.runtime.storage.submit(AddApiKey(alice.id, key, "k", NOW))
    suspend(house, alice, status)
    with pytest.raises(NotIdentifiedError, match=status.value):
        await accounts.identify(accounts.token(alice))


async def test_a_store_that_fails_is_not_a_bad_credential(
    house: Running, accounts: Accounts
) -> None:
    token = accounts.token(await registered(accounts))
    house.store.reads_fail = StoreError("disk")
    with pytest.raises(StoreError):
        await accounts.identify(token)
    house.store.reads_fail = None


async def test_a_key_opens_until_revoked(house: Running, accounts: Accounts) -> None:
    alice = await registered(accounts)
    key, digest = apikeys.new_key()
    number = await house.runtime.storage.submit(AddApiKey(alice.id, digest, "label", NOW))
    assert isinstance(number, int)
    identity = await accounts.identify_key(key)
    assert (identity.user, identity.key_id) == (alice, number)
    assert identity.expires_at == float("inf")
    for wrong in ("", "x", digest, key + "x", key[:-1], "\ud800"):
        with pytest.raises(NotIdentifiedError):
            await accounts.identify_key(wrong)
    await house.runtime.storage.submit(RevokeApiKey(number, NOW))
    with pytest.raises(NotIdentifiedError):
        await accounts.identify_key(key)


async def test_only_the_first_account_is_the_first(accounts: Accounts) -> None:
    outcomes = [await accounts.register(name, None, PASSWORD) for name in ("alice", "bob")]
    firsts = [isinstance(outcome, Registered) and outcome.first for outcome in outcomes]
    assert firsts == [True, False]


async def test_what_is_taken_is_told(accounts: Accounts) -> None:
    await registered(accounts)
    assert await accounts.register("alice", None, PASSWORD) == Taken("username")
    assert await accounts.register("other", "alice@x.org", PASSWORD) == Taken("email")


async def test_a_failing_store_registers_nobody(house: Running, accounts: Accounts) -> None:
    house.store.write_fails = StoreError("disk")
    assert await accounts.register("alice", None, PASSWORD) == Failed()
    house.store.write_fails = None
    assert isinstance(await accounts.register("alice", None, PASSWORD), Registered)


async def login(accounts: Accounts, username: str, password: str) -> VerifiedCredentials | None:
    return await accounts.prove(await accounts.credentials(username), password)


async def test_a_password_logs_its_own_user_in_and_nobody_else(accounts: Accounts) -> None:
    alice = await registered(accounts)
    known = await login(accounts, "alice", PASSWORD)
    assert known is not None
    assert known.user == alice
    for name, password in (
        ("alice", "wrong"),
        ("alice", ""),
        ("alice", PASSWORD + " "),
        ("Alicia", PASSWORD),
        ("nobody", PASSWORD),
        ("alice", "x" * (LONGEST_PASSWORD + 1)),
    ):
        assert await login(accounts, name, password) is None


async def test_an_account_without_a_password_cannot_log_in(
    house: Running, accounts: Accounts
) -> None:
    alice = await registered(accounts)
    house.store._writer.execute("UPDATE users SET password_hash = NULL")
    for password in ("", PASSWORD):
        assert await login(accounts, alice.username, password) is None


async def test_a_password_changes(accounts: Accounts) -> None:
    alice = await registered(accounts)
    changed = await accounts.set_password(alice, "Another-2")
    assert isinstance(changed, User)
    assert await login(accounts, "alice", PASSWORD) is None
    known = await login(accounts, "alice", "Another-2")
    assert known is not None
    assert known.user == changed
    with pytest.raises(PasswordRefusedError):
        await accounts.set_password(alice, "x" * (LONGEST_PASSWORD + 1))
    ghost = User(99, "u", "ghost", None, 1, 1)
    assert await accounts.set_password(ghost, "Another-2") == NoSuchUser()
