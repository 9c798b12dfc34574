"""What of a session's is under way when its credential ends (all-17)."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import START, Bench, Gate, ScriptedLink, open_bench
from trichat.core.commands import Add, Leave
from trichat.core.events import Entered
from trichat.core.model import Role, Room, Status, User
from trichat.runtime.administration import new_reason
from trichat.runtime.rooms import Envelope
from trichat.store.roles import SetRole

pytestmark = pytest.mark.promise("all-17")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def ban(bench: Bench, user: User) -> None:
    root = await bench.user("root")
    await bench.runtime.storage.submit(SetRole(root.id, Role.SUPER_ADMIN, START))
    put_out = bench.runtime.administration.suspend
    assert isinstance(await put_out(root, user, Status.BANNED, new_reason(), hours=None), User)


async def said(bench: Bench, room: Room) -> list[str]:
    messages, _ = await bench.runtime.store.history(room.id, limit=10)
    return [message.text for message in messages]


async def test_what_waits_in_an_inbox_when_its_sender_is_barred_is_not_said(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    gate = Gate(bench.runtime.store, "load")
    suspended, other, hearer = (bench.connect("room", user) for user in (ann, bob, bob))
    await gate.reached.wait()
    rest = bench.connect("chats", ann)
    for text in ("one", "two"):
        rest.says({"action": "message", "chat_id": room.uuid, "text": text})
    other.says({"message": "mine"})
    await wait_all_tasks_blocked()
    await ban(bench, ann)
    await wait_all_tasks_blocked()
    gate.opened.set()
    assert suspended.closed == 4001
    await wait_all_tasks_blocked()
    assert await said(bench, room) == ["mine"]
    assert [frame["message"] for frame in hearer.texts if "message" in frame] == ["mine"]


async def test_who_is_let_in_again_is_heard(autojump_clock: MockClock, bench: Bench) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    await ban(bench, ann)
    root = await bench.runtime.store.user_by_name("root")
    assert root is not None
    await bench.runtime.administration.reinstate(root, ann, new_reason())
    token = bench.runtime.accounts.token(ann)
    identity = await bench.runtime.accounts.identify(token)
    link = bench.connect("room", identity.user)
    link.says({"message": "back"})
    await wait_all_tasks_blocked()
    assert await said(bench, room) == ["back"]


async def test_what_was_taken_before_a_token_expired_is_carried_out_once(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """It was sent while the token was good; who is cut off before the answer asks the history."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    hearer = bench.connect("room", bob)
    await wait_all_tasks_blocked()
    link = bench.connect("chats", ann, expires_at=START / 1000 + 10)
    gate = Gate(bench.runtime.store, "write")
    link.says({"action": "message", "chat_id": room.uuid, "text": "in time"})
    await gate.reached.wait()
    await trio.sleep(11)
    assert link.closed == 1008
    link.says({"action": "message", "chat_id": room.uuid, "text": "too late"})
    gate.opened.set()
    await wait_all_tasks_blocked()
    assert await said(bench, room) == ["in time"]
    assert [frame["message"] for frame in hearer.texts if "message" in frame] == ["in time"]
    assert link.texts == []


async def fan_out(bench: Bench, event: Entered) -> None:
    """In this very step, as a room's actor does."""
    feed = bench.runtime.feeds.open(event.room)
    feed.add(event)
    await feed.draining.drain()


async def test_who_is_cut_off_hears_nothing_that_comes_behind(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """In the same step, before their session has had its turn."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    link, other = bench.connect("room", ann, login="one"), bench.connect("room", ann)
    await wait_all_tasks_blocked()
    before, heard = len(link.wire), len(other.wire)
    bench.runtime.connections.end_login(ann.id, "one")
    await fan_out(bench, Entered(room, bob, START, "room", True))
    assert len(other.wire) == heard + 1
    assert not link.ended.is_set()
    await wait_all_tasks_blocked()
    assert link.closed == 4001
    assert link.wire[before:] == []
    assert len(other.wire) == heard + 1


async def test_nor_by_a_direct_write(autojump_clock: MockClock, bench: Bench) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    link, entered = ScriptedLink(), Entered(room, bob, START, "room", True)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        link.descriptor = ours.fileno()
        bench.nursery.start_soon(bench.session(link, "room", ann, login="one").run)
        await wait_all_tasks_blocked()
        await fan_out(bench, entered)
        assert theirs.recv(1000)
        bench.runtime.connections.end_login(ann.id, "one")
        await fan_out(bench, entered)
        assert not link.ended.is_set()
        await wait_all_tasks_blocked()
        with pytest.raises(BlockingIOError):
            theirs.recv(1000)


async def test_nor_what_was_held_for_them(autojump_clock: MockClock, bench: Bench) -> None:
    """They are cut off while they wait for the history."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    gate = Gate(bench.runtime.store, "history_pages")
    link = bench.connect("room", ann, login="one")
    await gate.reached.wait()
    before = len(link.wire)
    await fan_out(bench, Entered(room, bob, START, "room", True))
    bench.runtime.connections.end_login(ann.id, "one")
    gate.opened.set()
    await wait_all_tasks_blocked()
    assert link.closed == 4001
    assert link.wire[before:] == []


async def test_who_is_barred_as_they_leave_hears_nothing_behind_the_farewell(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room, directory = await bench.room(ann, private=True), bench.runtime.directory
    await directory.request(room, Add(bob), ann)
    link = bench.connect("lobby", bob)
    link.says({"type": "join_room", "data": {"room_id": room.uuid}})
    joined = await link.text(0)

    def bar(outcome: object) -> None:  # in the step in which they leave
        bench.runtime.connections.suspend(bob.id)

    await directory.send(room, Envelope(Leave(), bob, bar))
    await link.ended.wait()
    assert [frame["type"] for frame in (joined, *link.texts[1:])] == ["join", "error"]
