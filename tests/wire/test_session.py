"""A session's time: heartbeats, expiry, drain, and what a slow peer costs; the clock is mocked."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import START, Bench, ScriptedLink, lost, open_bench
from trichat.settings import Limits, Settings
from trichat.wire.link import Closed, Ping, Pong

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
GOING_AWAY, ABNORMAL, TRY_AGAIN = 1001, 1006, 1013


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def closed(link: ScriptedLink) -> int | None:
    """The close code, once it ended; None when it was dropped."""
    with trio.fail_after(3600):
        await link.ended.wait()
    return link.closed


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("lobby-15")
async def test_a_peer_is_pinged_in_time_and_cut_after_60_s_of_silence(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    """The lobby's document says 54 s; the others' say nothing, and proxies drop what is silent."""
    period = 54.0 if dialect == "lobby" else 25.0
    link = bench.connect(dialect, await bench.user("ann"))
    await trio.sleep(period - 0.1)
    assert link.pinged == 0
    await trio.sleep(0.2)
    assert link.pinged == 1
    await trio.sleep(59.9 - period - 0.1)
    assert link.pinged == int(60 // period)
    assert link.closed is None
    began = trio.current_time()
    assert await closed(link) == GOING_AWAY
    assert trio.current_time() - began < 0.2


@pytest.mark.parametrize("sign", [Pong(), Ping(b"you?"), "{}"])
@pytest.mark.promise("lobby-15")
async def test_any_sign_of_life_keeps_a_connection(
    autojump_clock: MockClock, bench: Bench, sign: Any
) -> None:
    link = bench.connect("lobby", await bench.user("ann"))
    for _ in range(60):
        await trio.sleep(59)
        link.says(sign) if isinstance(sign, str) else link.hears(sign)
    await wait_all_tasks_blocked()
    assert link.closed is None
    assert link.pinged == 65
    if isinstance(sign, Ping):
        assert link.wire.count(b"\x8a\x04you?") == 60


@pytest.mark.parametrize(("dialect", "code"), [
    ("chats", 1008), ("lobby", 1008), ("channels", 1008), ("room", 4001), ("conversations", 4001),
])  # fmt: skip
async def test_all_17_an_open_socket_ends_when_its_token_expires(
    autojump_clock: MockClock, bench: Bench, dialect: str, code: int
) -> None:
    user = await bench.user("ann")
    link = bench.connect(dialect, user, expires_at=START / 1000 + 50)
    await trio.sleep(49.9)
    assert link.closed is None
    assert await closed(link) == code
    assert trio.current_time() < 50.2
    told = [frame.get("type") for frame in link.texts]  # no bar: a code without a frame
    assert not {"error", "force_disconnect"} & set(told)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("chats-14")
async def test_drain_answers_what_is_in_flight_and_says_1001(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    link = bench.connect(dialect, await bench.user("ann"))
    await wait_all_tasks_blocked()
    await bench.runtime.drain()
    assert link.closed == GOING_AWAY


@pytest.mark.promise("chats-14")
async def test_what_was_received_before_a_clean_close_is_carried_out(
    autojump_clock: MockClock, bench: Bench
) -> None:
    user = await bench.user("ann")
    link = bench.connect("room", user)
    for number in range(300):
        link.says({"message": str(number)})
    link.hears(Closed(1000))
    assert await closed(link) == 1000
    room = await bench.runtime.store.room_by_handle("hall")
    assert room is not None
    messages, _ = await bench.runtime.store.history(room.id, limit=400)
    assert [message.text for message in messages] == [str(number) for number in range(300)]
    said = [frame["message"] for frame in link.texts if frame["type"] == "chat_message"]
    assert said == [str(number) for number in range(300)]


@pytest.mark.promise("room-9")
async def test_a_lost_peer_leaves_its_rooms(autojump_clock: MockClock, bench: Bench) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    watcher, link = bench.connect("room", ann), bench.connect("room", bob)
    await wait_all_tasks_blocked()
    link.hears(lost())
    await closed(link)
    assert watcher.texts[-1] == {"type": "user_leave", "user_id": bob.uuid, "username": "bob"}
    assert len(bench.runtime.connections) == 1


@pytest.mark.promise("channels-7")
async def test_typing_is_cleared_120_s_after_the_last_true(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    made = await bench.runtime.room_factory.open_channel(ann, "hall", None, private=False)
    assert not isinstance(made, tuple)
    first, second = bench.connect("channels", ann), bench.connect("channels", bob)
    room = await bench.runtime.store.room_by_handle("hall")
    assert room is not None
    second.says({"type": "join_channel", "channel_id": room.uuid})
    await wait_all_tasks_blocked()
    typing = {"type": "typing_indicator", "channel_id": room.uuid, "is_typing": True}
    second.says(typing)
    await trio.sleep(50)
    first.hears(Pong())
    second.says(typing)  # the span begins anew
    for _ in range(3):
        await trio.sleep(39.9)
        first.hears(Pong())
        second.hears(Pong())
    assert [_on(frame) for frame in first.texts if "is_typing" in frame] == [True, True]
    await trio.sleep(0.5)
    assert [_on(frame) for frame in first.texts if "is_typing" in frame] == [True, True, False]


def _on(frame: Any) -> bool:
    return bool(frame["is_typing"])


@pytest.mark.promise("lobby-15")
async def test_a_peer_that_never_reads_costs_itself_alone(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    settings = Settings(limits=Limits(outbox_bytes=200_000, frame_bytes=131_072))
    async with open_bench(tmp_path, settings) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        healthy, stuck = bench.connect("room", ann), bench.connect("room", bob)
        await wait_all_tasks_blocked()
        stuck.stuck = True
        sent = 0
        while not (stuck.closed or stuck.aborted):
            healthy.says({"message": "x" * 5000})
            sent += 1
            await trio.sleep(0.1)
            if bob.id not in bench.runtime.audiences.ids(1):
                await trio.sleep(3)  # its close has a deadline
            assert sent < 100
        assert 35 < sent < 45  # the bound is in bytes, and not of a few frames
        assert (stuck.closed, stuck.reason) == (TRY_AGAIN, "too slow: connect again and resume")
        heard = [frame for frame in healthy.texts if frame.get("type") == "chat_message"]
        assert len(heard) == sent


async def test_a_flooder_fills_nobodys_inbox(autojump_clock: MockClock, bench: Bench) -> None:
    """At most 64 commands of a session are under way; the rest waits unread in its link."""
    link = bench.connect("room", await bench.user("ann"))
    await wait_all_tasks_blocked()
    seen: list[int] = []
    store = bench.runtime.store
    write = store.write

    async def watched(writes: Any, *named: Any) -> Any:
        seen.extend(len(getattr(one, "events", ())) for one in writes)
        return await write(writes, *named)

    store.write = watched  # type: ignore[method-assign, assignment]
    for number in range(500):
        link.says({"message": str(number)})
    link.hears(Closed(1000))
    await closed(link)
    assert sum(seen) == 500
    assert max(seen) <= 64


async def test_a_session_is_small(autojump_clock: MockClock, bench: Bench) -> None:
    """Instances of one class share the keys of their tables up to some 30 attributes. With one more
    each has keys of its own: 1.3 KiB for every connection, and slower to look at.
    """
    link = bench.connect("chats", await bench.user("ann"))
    await wait_all_tasks_blocked()
    (session,) = bench.runtime.connections.everyone()
    assert len(vars(session)) < 30
    link.hears(Closed(1000))
    await closed(link)
