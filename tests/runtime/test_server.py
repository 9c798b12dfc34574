"""The order in which the server begins and ends."""

from pathlib import Path

import pytest
import trio
import trio.testing

from tests.runtime.running import Running, configured, running
from trichat.core import commands as c
from trichat.core.events import Exited
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.clock import new_uuid
from trichat.runtime.rooms import Envelope
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.users import CreateUser

Clock = trio.testing.MockClock


async def said(path: Path, room_id: int) -> list[str]:
    """What is in the database when all is over."""
    store = await SqliteStore.open(path / "trichat.db", offload=Inline)
    history, _ = await store.history(room_id, limit=100)
    await store.aclose()
    return [message.text for message in history]


async def test_sessions_end_first_then_actors_then_storage_then_the_store(
    tmp_path: Path, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a session was the last to ask for is committed and answered before the store closes."""
    order: list[str] = []
    settings = configured(server={"drain_deadline": 5.0})
    async with trio.open_nursery() as nursery, running(tmp_path, settings) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
        listener = house.listener(alice, room)
        drained = trio.Event()
        listener.on_drain = drained.set
        close = house.store.aclose

        async def aclose() -> None:
            order.append("store")
            await close()

        monkeypatch.setattr(house.store, "aclose", aclose)

        async def session() -> None:
            await drained.wait()
            envelope = Envelope(c.Say("last"), alice, lambda outcome: order.append("answer"))
            await house.runtime.directory.send(room, envelope)
            house.go(listener, room)
            order.append("session")

        nursery.start_soon(session)
    assert order == ["session", "answer", "store"]
    assert await said(tmp_path, room.id) == ["last"]


async def test_who_never_ends_is_cut_at_the_deadline(tmp_path: Path, autojump_clock: Clock) -> None:
    async with running(tmp_path, configured(server={"drain_deadline": 5.0})) as house:
        alice = await house.ledger.person("alice")
        listener = house.listener(alice)
        begun = trio.current_time()
    assert trio.current_time() - begun == pytest.approx(5)
    assert (listener.drained, listener.causes) == (1, [DisconnectReason.GOING_AWAY])


async def test_a_second_drain_does_no_harm(tmp_path: Path, autojump_clock: Clock) -> None:
    async with running(tmp_path, configured(server={"drain_deadline": 5.0})) as house:
        listener = house.listener(await house.ledger.person("alice"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(house.runtime.drain)
            await trio.sleep(1)
            house.go(listener)
        await house.runtime.drain()
    assert trio.current_time() == pytest.approx(1)


async def test_an_inbox_is_worked_off_at_the_end(tmp_path: Path) -> None:
    outcomes: list[object] = []

    def reply(outcome: object) -> None:
        outcomes.append(outcome)

    async with running(tmp_path, configured(rooms={"inbox": 50})) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
        house.store.close_gate()
        for number in range(40):
            envelope = Envelope(c.Say(str(number)), alice, reply)
            await house.runtime.directory.send(room, envelope)
        await trio.testing.wait_all_tasks_blocked()
        house.store.gate.set()
    assert len(outcomes) == 40
    assert await said(tmp_path, room.id) == [str(number) for number in range(40)]


async def test_idle_actors_do_not_hold_up_the_end(tmp_path: Path, autojump_clock: Clock) -> None:
    async with running(tmp_path) as house:
        alice = await house.ledger.person("alice")
        for _ in range(3):
            room = await house.ledger.room(alice)
            await house.runtime.directory.request(room, c.Say("x"), alice)
        assert house.runtime.directory.working == 3
    assert trio.current_time() == 0


async def test_a_request_that_comes_last_is_answered_and_holds_up_nothing(
    tmp_path: Path, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[object] = []
    async with trio.open_nursery() as nursery, running(tmp_path) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
        directory = house.runtime.directory
        finish = directory.finish

        async def late() -> None:
            answers.append(await directory.request(room, c.Say("late"), alice))

        def finish_and_ask() -> None:
            finish()
            nursery.start_soon(late)

        monkeypatch.setattr(directory, "finish", finish_and_ask)
        other = await house.ledger.room(alice)
        house.store.close_gate()  # the actors' nursery is open for as long as one is at work
        nursery.start_soon(directory.request, other, c.Say("x"), alice)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(_open_gate_after, house, 1)
    assert len(answers) == 1
    assert trio.current_time() == pytest.approx(1)


async def test_cancelled_from_outside_what_was_submitted_is_committed(tmp_path: Path) -> None:
    """The storage task ends when its inbox is closed, never sooner."""
    async with trio.open_nursery() as outer:

        async def serve(task_status: trio.TaskStatus[Running]) -> None:
            async with running(tmp_path) as house:
                task_status.started(house)
                await trio.sleep_forever()

        house = await outer.start(serve)
        house.store.close_gate()
        for name in ("alice", "bob", "carol"):
            write = CreateUser(new_uuid(), name, None, None, None, 1)
            outer.start_soon(house.runtime.storage.submit, write)
            await trio.testing.wait_all_tasks_blocked()

        async def release() -> None:
            with trio.CancelScope(shield=True):
                await trio.testing.wait_all_tasks_blocked()
                house.store.gate.set()

        outer.start_soon(release)
        outer.cancel_scope.cancel()
    store = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    assert [user.username for user in await store.all_users()] == ["alice", "bob", "carol"]
    await store.aclose()


async def test_a_body_that_raises_closes_the_store(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup):
        async with running(tmp_path) as house:
            raise RuntimeError("the server fails")
    with pytest.raises(Exception, match="closed"):
        await house.store.user(1)


async def test_who_is_last_to_leave_when_all_is_over_fails_over_nothing(
    tmp_path: Path, autojump_clock: Clock
) -> None:
    async with running(tmp_path) as house:
        alice, bob = await house.ledger.people("alice", "bob")
        room = await house.ledger.room(alice)
        alices, bobs = house.listener(alice, room), house.listener(bob, room)
    house.go(bobs, room)
    house.runtime.feeds.add(room, Exited(room, bob, 0, "plain", False))
    house.go(alices, room)
    assert not house.runtime.audiences.rooms()


async def _open_gate_after(house: Running, seconds: float) -> None:
    await trio.sleep(seconds)
    house.store.gate.set()
