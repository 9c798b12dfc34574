"""How a session ends: cancelled from outside, hung up, at fault; and what it leaves behind."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench

GOING_AWAY, FAILED, BAD_PAYLOAD = 1001, 1011, 1007


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def test_a_seat_granted_to_who_was_cancelled_meanwhile_is_not_taken(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """A server without taken connections cancels its handler when the peer leaves."""
    ann = await bench.user("ann")
    room = await bench.room(ann)
    gate = Gate(bench.runtime.store, "load")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.session(ScriptedLink(), "room", ann).run)
        await gate.reached.wait()
        nursery.cancel_scope.cancel()
    assert len(bench.runtime.connections) == 0
    gate.opened.set()
    await wait_all_tasks_blocked()
    assert bench.runtime.audiences.present(room.id) == ()


async def test_who_is_cancelled_from_outside_is_still_told_what_was_put(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    link, talker = ScriptedLink(), bench.connect("room", bob)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.session(link, "room", ann).run)
        await wait_all_tasks_blocked()
        link.stuck = True
        for number in range(3):
            talker.says({"message": str(number)})
            await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
        link.reads_again()
    assert [frame["message"] for frame in link.texts[-3:]] == ["0", "1", "2"]
    assert link.closed == GOING_AWAY


async def test_who_is_cancelled_from_outside_and_never_reads_holds_up_nobody(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    link, talker = ScriptedLink(), bench.connect("room", bob)
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.session(link, "room", ann).run)
        await wait_all_tasks_blocked()
        link.stuck = True
        talker.says({"message": "x"})
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert link.closed == GOING_AWAY
    assert trio.current_time() - began < 2.1


async def test_what_came_in_one_packet_behind_a_fatal_frame_is_not_carried_out(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    await bench.runtime.directory.find(room.uuid)  # from now on it is found without waiting
    link = ScriptedLink(eager=True)
    link.says("{")
    link.says({"action": "message", "chat_id": room.uuid, "text": "too late"})
    await bench.session(link, "chats", ann).run()
    assert link.closed == BAD_PAYLOAD
    await wait_all_tasks_blocked()
    messages, _ = await bench.runtime.store.history(room.id, limit=10)
    assert messages == []


async def test_a_peer_that_is_turned_away_in_its_greeting_is_told_nothing_else(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """Also when it has sent frames already (room-4)."""
    link = ScriptedLink(eager=True)
    link.says({"message": "early"})
    session = bench.session(link, "room", await bench.user("ann"))
    session._greet = bench.endpoints.room(" ").greet
    await session.run()
    assert (link.closed, link.wire) == (4000, [])


async def test_an_answer_that_cannot_be_given_ends_the_session_that_waits_for_it(
    autojump_clock: MockClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored it is: to say that it failed would have it sent twice."""
    ann = await bench.user("ann")
    room = await bench.room(ann)
    link = bench.connect("chats", ann)

    def broken(*args: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(bench.endpoint("chats").dialect, "answer", broken)
    link.says({"action": "message", "chat_id": room.uuid, "text": "x"})
    with trio.fail_after(50):
        await link.ended.wait()
    assert (link.closed, link.wire) == (FAILED, [])


async def test_our_own_slowness_over_a_greeting_is_not_the_peers_silence(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    gate = Gate(bench.runtime.store, "admissions")
    link = bench.connect("channels", ann)
    await trio.sleep(90)
    assert link.closed is None
    gate.opened.set()
    assert (await link.text(0))["type"] == "connection_established"
    await trio.sleep(59)
    assert link.closed is None
