"""What changes while a connection begins: nothing of it is missed, doubled or shown too late."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench
from trichat.core import commands as c
from trichat.core.answers import Done
from trichat.store.health import StoreError
from trichat.wire.departure import ROOMS_AT_ONCE

GOING_AWAY, FAILED, NOT_ADMITTED = 1001, 1011, 4003


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


def messages(link: ScriptedLink) -> list[str]:
    return [frame["message"] for frame in link.texts if frame.get("type") == "chat_message"]


async def test_room_7_what_is_committed_before_history_is_read_and_told_after_it_comes_once(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    await bench.room(ann)
    talker = bench.connect("room", bob)
    await wait_all_tasks_blocked()
    reading = Gate(bench.runtime.store, "history_pages")
    link = bench.connect("room", ann)
    await reading.reached.wait()
    committed = Gate(bench.runtime.store, "write", behind=True)
    talker.says({"message": "x"})
    await committed.reached.wait()
    reading.opened.set()  # history has it, and its room has not heard yet that it is committed
    await wait_all_tasks_blocked()
    assert messages(link) == ["x"]
    committed.opened.set()
    await wait_all_tasks_blocked()
    talker.says({"message": "y"})
    await wait_all_tasks_blocked()
    assert messages(link) == ["x", "y"] == messages(talker)


async def test_room_7_what_is_committed_after_history_was_read_comes_behind_it(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    await bench.room(ann)
    talker = bench.connect("room", bob)
    talker.says({"message": "x"})
    await wait_all_tasks_blocked()
    read = Gate(bench.runtime.store, "history_pages", behind=True)
    link = bench.connect("room", ann)
    await read.reached.wait()
    talker.says({"message": "y"})
    await wait_all_tasks_blocked()
    assert [frame["type"] for frame in link.texts] == ["room_users_list"]
    read.opened.set()
    await wait_all_tasks_blocked()
    kinds = [frame["type"] for frame in link.texts]
    assert kinds == ["room_users_list", "chat_message", "chat_message", "user_join"]
    assert messages(link) == ["x", "y"]


async def test_a_history_that_cannot_be_read_ends_the_connection(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await bench.user("ann")

    async def history(*args: Any, **kwargs: Any) -> Any:
        raise StoreError("disk")

    monkeypatch.setattr(bench.runtime.store, "history_pages", history)
    link = bench.connect("room", ann)
    await link.ended.wait()
    assert link.closed == FAILED
    assert [frame["type"] for frame in link.texts] == ["room_users_list"]
    assert bench.runtime.audiences.present(1) == ()


async def test_who_is_put_out_while_his_history_is_read_sees_none_of_it(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann, private=True)
    directory = bench.runtime.directory
    assert isinstance(await directory.request(room, c.Add(bob), ann), Done)
    assert isinstance(await directory.request(room, c.Say("secret"), ann), Done)
    reading = Gate(bench.runtime.store, "history_pages")
    link = bench.connect("room", bob)
    await reading.reached.wait()
    assert isinstance(await directory.request(room, c.Leave(), bob), Done)
    reading.opened.set()
    await link.ended.wait()
    assert link.closed == NOT_ADMITTED
    assert messages(link) == []


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("command", [c.Join(), c.Leave()], ids=["join", "leave"])
@pytest.mark.parametrize("read", ["admissions", "heads"])
async def test_a_membership_that_changes_while_memberships_are_read_counts(
    autojump_clock: MockClock, bench: Bench, command: Any, behind: bool, read: str
) -> None:
    """Whether the read saw the change or not; also while it is read where their feeds begin."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room, other = await bench.room(ann), await bench.room(ann, "other")
    await bench.runtime.directory.request(other, c.Join(), bob)
    directory, runtime = bench.runtime.directory, bench.runtime
    if isinstance(command, c.Leave):
        await directory.request(room, c.Join(), bob)
    await trio.sleep(bench.runtime.settings.rooms.idle_unload + 1)  # nobody has a feed
    reading = Gate(runtime.store, read, behind=behind)
    link = bench.connect("channels", bob)
    await reading.reached.wait()
    await directory.request(room, command, bob)
    reading.opened.set()
    await wait_all_tasks_blocked()
    follows = isinstance(command, c.Join)
    assert link.texts[0]["type"] == "connection_established"
    assert (bob.id in runtime.audiences.ids(room.id)) is follows
    await directory.request(room, c.Say("x"), ann)
    heard = [frame for frame in link.texts if frame["type"] == "new_message"]
    assert len(heard) == follows


@pytest.mark.promise("channels-3")
async def test_whoever_has_the_greeting_hears_all_of_their_rooms(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """However many turns it takes to enter them; what is said meanwhile comes behind it."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    rooms = [await bench.room(ann, f"room {number}") for number in range(3 * ROOMS_AT_ONCE)]
    audiences, directory = bench.runtime.audiences, bench.runtime.directory
    link = bench.connect("channels", ann)
    while not audiences.ids(rooms[0].id):
        await trio.lowlevel.checkpoint()
    assert not audiences.ids(rooms[-1].id)  # not yet
    assert link.texts == []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(directory.request, rooms[0], c.Say("x"), ann)
        await link.text(0)
        assert all(ann.id in audiences.ids(room.id) for room in rooms)
    await wait_all_tasks_blocked()
    kinds = [frame["type"] for frame in link.texts]
    assert kinds[0] == "connection_established"
    assert kinds.count("new_message") == 1
    await directory.request(rooms[-1], c.Join(), bob)
    assert link.texts[-1]["type"] == "user_joined"


async def test_a_membership_committed_and_read_before_it_is_told_is_followed_once(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    runtime = bench.runtime
    committed = Gate(runtime.store, "write", behind=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runtime.directory.request, room, c.Join(), bob)
        await committed.reached.wait()
        link = bench.connect("channels", bob)
        await wait_all_tasks_blocked()
        assert bob.id in runtime.audiences.ids(room.id)
        committed.opened.set()
    await runtime.directory.request(room, c.Say("x"), ann)
    assert [frame["type"] for frame in link.texts].count("new_message") == 1
    link.hears_close()
    await link.ended.wait()
    assert bob.id not in runtime.audiences.ids(room.id)


@pytest.mark.parametrize(
    ("dialect", "method"), [("room", "history_pages"), ("channels", "admissions")]
)
async def test_a_drain_while_a_connection_begins_ends_it(
    autojump_clock: MockClock, bench: Bench, dialect: str, method: str
) -> None:
    ann = await bench.user("ann")
    began = trio.current_time()
    reading = Gate(bench.runtime.store, method)
    link = bench.connect(dialect, ann)
    await reading.reached.wait()
    await bench.runtime.drain()
    assert link.closed == GOING_AWAY
    assert trio.current_time() - began < 1


async def test_who_connects_while_the_server_drains_is_sent_away(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    link = bench.connect("room", ann)
    await wait_all_tasks_blocked()
    committing = Gate(bench.runtime.store, "write")
    link.says({"message": "last"})
    await committing.reached.wait()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.runtime.drain)
        await wait_all_tasks_blocked()
        late = bench.connect("chats", bob)
        await late.ended.wait()
        assert late.closed == GOING_AWAY
        assert not link.ended.is_set()
        committing.opened.set()
    assert link.closed == GOING_AWAY
    assert messages(link) == ["last"]
