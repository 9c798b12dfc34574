"""The storage task: one writer, many submitters, one transaction; nobody is answered too early."""

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest
import trio
import trio.testing

from tests.runtime.stores import Held
from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core.model import Room
from trichat.core.refusals import Failed, Taken
from trichat.runtime.clock import new_uuid
from trichat.runtime.metrics import Metrics
from trichat.runtime.storage import Storage
from trichat.store.health import Fault, Probe, StoreError
from trichat.store.log import Commit, Committed, Stale
from trichat.store.port import Outcome
from trichat.store.users import CreateUser, Registered


def account(name: str) -> CreateUser:
    return CreateUser(new_uuid(), name, None, None, None, NOW)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Held]:
    store = await Held.at(tmp_path)
    yield store
    await store.aclose()


async def test_what_has_arrived_is_one_transaction(store: Held) -> None:
    counted = Metrics()
    storage = Storage(store, batch=100, observe=counted.committed)
    outcomes: dict[str, Outcome] = {}

    async def submit(name: str) -> None:
        outcomes[name] = await storage.submit(account(name))

    names = [f"user{number}" for number in range(50)]
    async with trio.open_nursery() as nursery:
        for name in names:
            nursery.start_soon(submit, name)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(storage.run)
        await trio.testing.wait_all_tasks_blocked()
        storage.close()
    assert store.groups == [50]
    assert counted.registry.get_sample_value("trichat_storage_batch_writes_count") == 1
    assert counted.registry.get_sample_value("trichat_storage_batch_writes_sum") == 50
    for name in names:
        outcome = outcomes[name]
        assert isinstance(outcome, Registered)
        assert outcome.user.username == name


async def test_a_transaction_is_bounded(store: Held) -> None:
    storage = Storage(store, batch=4)
    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as submitters:
            for number in range(20):
                submitters.start_soon(storage.submit, account(str(number)))
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(storage.run)
        storage.close()
    assert sum(store.groups) == 20
    assert max(store.groups) == 4


async def test_writes_are_committed_in_the_order_of_coming(store: Held) -> None:
    storage = Storage(store, batch=100)
    outcomes = []

    async def submit() -> None:
        outcomes.append(await storage.submit(account("same")))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(storage.run)
        async with trio.open_nursery() as submitters:
            for _ in range(3):
                submitters.start_soon(submit)
        storage.close()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "Registered",
        "Taken",
        "Taken",
    ]


async def test_nobody_is_answered_before_the_commit(store: Held) -> None:
    storage = Storage(store, batch=10)
    answered = trio.Event()

    async def submit() -> None:
        await storage.submit(account("alice"))
        answered.set()

    store.close_gate()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(storage.run)
        nursery.start_soon(submit)
        await trio.testing.wait_all_tasks_blocked()
        assert not answered.is_set()
        store.gate.set()
        await answered.wait()
        storage.close()


@pytest.mark.parametrize("error", [StoreError("disk"), RuntimeError("a bug")])
async def test_an_unknown_outcome_is_asked_for_before_anyone_is_answered(
    store: Held, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Storage(store, batch=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(storage.run)
        store.forgets = error
        registered = await storage.submit(account("alice"))
        assert isinstance(registered, Registered)
        store.forgets, store.write_fails = None, error
        assert await storage.submit(account("bob")) == Failed()
        store.write_fails = None
        assert isinstance(await storage.submit(account("carol")), Registered)
        assert await storage.submit(account("alice")) == Taken("username")
        storage.close()
    assert caplog.text.count("nothing can be stored") == 1
    assert ("gave no answer" in caplog.text) == isinstance(error, RuntimeError)
    assert [user.username for user in await store.all_users()] == ["alice", "carol"]


async def test_what_is_refused_is_no_sign_that_storing_goes_on(store: Held) -> None:
    """Nothing of it goes to the disk."""
    storage = Storage(store, batch=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(storage.run)
        await storage.submit(account("alice"))
        store.write_fails = StoreError("no disk", Fault.IO)
        assert await storage.submit(account("bob")) == Failed()
        store.write_fails = None
        assert await storage.submit(account("alice")) == Taken("username")
        works = [storage.works]
        assert await storage.submit(Probe()) is True
        works.append(storage.works)
        assert works == [False, True]
        storage.close()


async def test_of_a_lost_group_each_learns_its_own_fate(store: Held) -> None:
    ledger, storage = Ledger(store), Storage(store, batch=10)
    alice = await ledger.person("alice")
    rooms = [await ledger.room(alice) for _ in range(3)]
    commits = [await ledger.commit_of(room, (alice, c.Say("x"))) for room in rooms]
    await ledger.say(rooms[1], alice, "first")
    outcomes: dict[int, Outcome] = {}

    async def submit(room: Room, commit: Commit) -> None:
        outcomes[room.id] = await storage.submit(commit)

    store.groups.clear()
    store.forgets = StoreError("no answer")
    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as submitters:
            for room, commit in zip(rooms, commits, strict=True):
                submitters.start_soon(submit, room, commit)
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(storage.run)
        storage.close()
    assert store.groups == [3]
    kinds = [type(outcomes[room.id]) for room in rooms]
    assert kinds == [Committed, Stale, Committed]


async def test_a_store_that_says_nothing_at_all_leaves_the_task_alive(store: Held) -> None:
    storage = Storage(store, batch=10)
    for error in (StoreError("gone"), RuntimeError("a bug")):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(storage.run)
            store.write_fails = store.reads_fail = error
            assert await storage.submit(account("alice")) == Failed()
            store.write_fails = store.reads_fail = None
            assert isinstance(await storage.submit(account(new_uuid())), Registered)
            nursery.cancel_scope.cancel()


async def test_closing_commits_what_is_queued(store: Held) -> None:
    storage = Storage(store, batch=10)
    async with trio.open_nursery() as nursery:
        store.close_gate()
        nursery.start_soon(storage.run)
        for number in range(15):
            nursery.start_soon(storage.submit, account(str(number)))
        await trio.testing.wait_all_tasks_blocked()
        storage.close()
        store.gate.set()
    assert len(await store.all_users()) == 15


async def test_after_closing_nothing_more_is_taken(store: Held) -> None:
    storage = Storage(store, batch=10)
    storage.close()
    await storage.run()
    with pytest.raises(trio.ClosedResourceError):
        await storage.submit(account("alice"))


async def test_who_gives_up_waiting_undoes_nothing(store: Held) -> None:
    storage = Storage(store, batch=10)
    async with trio.open_nursery() as nursery:
        store.close_gate()
        nursery.start_soon(storage.run)
        async with trio.open_nursery() as submitters:
            submitters.start_soon(storage.submit, account("alice"))
            await trio.testing.wait_all_tasks_blocked()
            submitters.cancel_scope.cancel()
        store.gate.set()
        assert isinstance(await storage.submit(account("bob")), Registered)
        storage.close()
    assert len(await store.all_users()) == 2


async def test_nobody_is_answered_before_the_store_says_what_became_of_it(
    autojump_clock: trio.testing.MockClock, store: Held
) -> None:
    storage = Storage(store, batch=10)
    outcomes: list[Outcome] = []

    async def submit(name: str) -> None:
        outcomes.append(await storage.submit(account(name)))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(storage.run)
        store.forgets = store.mute = StoreError("disk")
        nursery.start_soon(submit, "alice")
        await trio.sleep(60)
        assert outcomes == []  # not even a Failed
        store.forgets = store.mute = None
        await trio.sleep(1)
        assert isinstance(outcomes.pop(), Registered)
        store.write_fails, store.mute = StoreError("disk"), RuntimeError("a bug")
        nursery.start_soon(submit, "bob")
        await trio.sleep(60)
        assert outcomes == []
        store.write_fails = store.mute = None
        await trio.sleep(1)
        assert outcomes == [Failed()]
        storage.close()


async def test_a_batch_is_asked_for_as_one(
    autojump_clock: trio.testing.MockClock, store: Held
) -> None:
    storage = Storage(store, batch=50)
    store.forgets = store.mute = StoreError("disk")
    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as submitters:
            for number in range(50):
                submitters.start_soon(storage.submit, account(f"user{number}"))
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(storage.run)
            await trio.sleep(0.2)
            store.mute = None
        storage.close()
    assert trio.current_time() < 1


async def test_a_transaction_that_never_began_has_failed_at_once(
    autojump_clock: trio.testing.MockClock, store: Held, tmp_path: Path
) -> None:
    """Since another holds the lock: that much the store knows without asking."""
    storage = Storage(store, batch=10)
    store._writer.set_busy_timeout(1)
    other = apsw.Connection(str(tmp_path / "trichat.db"))
    other.execute("BEGIN IMMEDIATE")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(storage.run)
        assert await storage.submit(account("alice")) == Failed()
        storage.close()
    assert trio.current_time() < 1
    other.close()
    assert await store.all_users() == []


async def test_a_task_that_is_cancelled_says_of_nothing_that_it_failed(
    autojump_clock: trio.testing.MockClock, store: Held
) -> None:
    storage = Storage(store, batch=10)
    outcomes: list[Outcome] = []

    async def submit() -> None:
        outcomes.append(await storage.submit(account("alice")))

    store.forgets = store.mute = StoreError("disk")
    async with trio.open_nursery() as submitters:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(storage.run)
            submitters.start_soon(submit)
            await trio.sleep(5)
            nursery.cancel_scope.cancel()
        await trio.sleep(5)
        assert outcomes == []
        submitters.cancel_scope.cancel()
