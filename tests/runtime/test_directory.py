"""Where rooms are found, and the actor of each that is at work."""

from pathlib import Path

import pytest
import trio
import trio.testing

from tests.runtime.running import Running, configured, running
from tests.store.ledger import NOW
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.answers import Done
from trichat.core.model import Room
from trichat.core.requests import RoomRef
from trichat.runtime import directory
from trichat.runtime.rooms import Envelope
from trichat.store.rooms import Changed, UpdateRoom

Clock = trio.testing.MockClock


async def test_a_room_is_found_by_its_uuid_in_either_case_and_by_its_number(house: Running) -> None:
    alice = await house.ledger.person("alice")
    room = await house.ledger.room(alice)
    refs: list[RoomRef] = [room.uuid, room.uuid.upper(), room.id]
    for ref in refs * 2:
        assert await house.runtime.directory.find(ref) == room


@pytest.mark.parametrize(
    "ref",
    [
        None,
        "",
        "general",
        "01890a5d-ac96-774b-bcce-b302099a8057",
        0,
        -1,
        999,
        2**53,
        2**70,
        "\ud800",
    ],
)
async def test_what_names_no_room_finds_none(house: Running, ref: RoomRef) -> None:
    assert await house.runtime.directory.find(ref) is None


async def test_what_is_remembered_is_bounded(
    house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "REMEMBERED", 4)
    alice = await house.ledger.person("alice")
    rooms = [await house.ledger.room(alice) for _ in range(5)]
    for room in rooms * 2:
        assert await house.runtime.directory.find(room.id) == room
    assert len(house.runtime.directory._known) == 4


async def test_an_actor_lives_while_there_is_work_and_then_its_idle_time(
    tmp_path: Path, autojump_clock: Clock
) -> None:
    async with running(tmp_path, configured(rooms={"idle_unload": 60.0})) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
        working = house.runtime.directory
        for _ in range(3):
            assert isinstance(await working.request(room, c.Say("x"), alice), Done)
            assert working.working == 1
            await trio.sleep(61)
            assert working.working == 0


async def test_commands_of_many_rooms_share_transactions(house: Running) -> None:
    alice = await house.ledger.person("alice")
    rooms = [await house.ledger.room(alice) for _ in range(20)]
    house.store.groups.clear()
    async with trio.open_nursery() as nursery:
        for room in rooms:
            nursery.start_soon(house.runtime.directory.request, room, c.Say("x"), alice)
    assert sum(house.store.groups) == 20
    assert len(house.store.groups) < 20


async def test_listening_starts_no_actor(house: Running) -> None:
    alice = await house.ledger.person("alice")
    house.listener(alice, await house.ledger.room(alice))
    assert house.runtime.directory.working == 0


async def test_a_full_inbox_holds_who_tells_and_loses_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, configured(rooms={"inbox": 2})) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
        house.store.close_gate()
        outcomes: list[Done | r.Refusal] = []

        def reply(outcome: Done | r.Refusal) -> None:
            outcomes.append(outcome)

        async with trio.open_nursery() as nursery:

            async def flood() -> None:
                for number in range(20):
                    envelope = Envelope(c.Say(str(number)), alice, reply)
                    await house.runtime.directory.send(room, envelope)

            nursery.start_soon(flood)
            await trio.testing.wait_all_tasks_blocked()
            assert outcomes == []
            house.store.gate.set()
        await trio.testing.wait_all_tasks_blocked()
        assert len(outcomes) == 20
        history, _ = await house.store.history(room.id, limit=100)
        assert [message.text for message in history] == [str(number) for number in range(20)]


async def test_who_gives_up_waiting_does_not_undo_the_command(house: Running) -> None:
    alice = await house.ledger.person("alice")
    room = await house.ledger.room(alice)
    listener = house.listener(alice, room)
    house.store.close_gate()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(house.runtime.directory.request, room, c.Say("x"), alice)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    house.store.gate.set()
    await trio.testing.wait_all_tasks_blocked()
    assert listener.heard == ["said 2 x"]


async def test_a_refusal_is_an_answer(house: Running) -> None:
    alice, bob = await house.ledger.people("alice", "bob")
    room = await house.ledger.room(alice)
    assert await house.runtime.directory.request(room, c.Say("x"), bob) == r.NotMember()


async def test_a_room_that_can_have_no_actor_any_more_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        alice = await house.ledger.person("alice")
        room = await house.ledger.room(alice)
    for _ in range(2):
        with trio.fail_after(5), pytest.raises(RuntimeError):
            await house.runtime.directory.request(room, c.Say("x"), alice)


async def _renamed(house: Running, room: Room) -> Room:
    write = UpdateRoom(room.id, None, NOW + 1, {"title": "renamed"})
    outcome = await house.runtime.storage.submit(write)
    assert isinstance(outcome, Changed)
    await house.runtime.feeds.publish(room, outcome.events)
    return outcome.room


async def test_a_room_that_changed_is_found_as_it_is_now(house: Running) -> None:
    alice = await house.ledger.person("alice")
    room, found = await house.ledger.room(alice), house.runtime.directory.find
    listener = house.listener(alice, room)
    assert await found(room.uuid) == room
    await house.batch(room, (alice, c.Say("before")))
    renamed = await _renamed(house, room)
    assert await found(room.uuid) == await found(room.id) == renamed
    assert listener.subscriptions[room.id].room == renamed
    (outcome,) = await house.batch(room, (alice, c.Say("after")))
    assert isinstance(outcome, Done)
    (said,) = outcome.events
    assert isinstance(said, e.Said)
    assert (said.seq, said.room) == (4, renamed)


async def test_what_was_read_before_a_room_changed_is_not_remembered(
    house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await house.ledger.person("alice")
    room, found = await house.ledger.room(alice), house.runtime.directory.find
    read = house.store.room

    async def slow(room_id: int) -> Room | None:
        was = await read(room_id)
        await _renamed(house, room)
        return was

    monkeypatch.setattr(house.store, "room", slow)
    await found(room.id)
    monkeypatch.undo()
    now = await found(room.id)
    assert now is not None
    assert now.title == "renamed"


async def test_a_room_that_somebody_is_about_to_follow_is_not_retired(house: Running) -> None:
    """They would be in a room that is archived."""
    alice = await house.ledger.person("alice")
    room = await house.ledger.room(alice)
    async with house.runtime.feeds.begun([room]):
        assert not house.runtime.directory.retire(room)
    assert await house.runtime.directory.find(room.id) == room
    assert house.runtime.directory.retire(room)
