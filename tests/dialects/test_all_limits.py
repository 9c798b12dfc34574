"""Bad clients, in every dialect: just at each limit and just beyond it, and nobody else hurt."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from prometheus_client import CollectorRegistry
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.dialects.speech import DIALECTS, NO_SUCH, heard
from tests.server import ChatServer, open_chat_server, settings_for
from tests.wire.scripted import Bench, ScriptedLink, open_bench
from trichat.runtime import frames
from trichat.runtime.listener import Batch, Part
from trichat.settings import Limits, Server, Settings
from trichat.wire.link import Broken

POLICY, TOO_SLOW = 1008, 1013
LIMIT = 5

# A frame that asks for nothing that can be done, and its answer.
BAD: dict[str, tuple[Any, Any]] = {
    "chats": ({"action": "x"}, {"error": "Unknown action", "status": "error"}),
    "room": ({"message": ""}, {"error": "The message is empty"}),
    "lobby": ({"type": "x"}, {"type": "error", "data": {"message": "invalid message"}}),
    "channels": (
        {"type": "x"},
        {
            "type": "error",
            "error_code": "unknown_message_type",
            "message": "Unknown message type: x",
            "details": "",
        },
    ),
    "conversations": ({"type": "x"}, {"type": "error", "message": "Unknown message type"}),
}
GOOD: dict[str, Any] = {
    "chats": {"action": "subscribe", "chat_ids": []},
    "room": {"message": "hello"},
    "lobby": {"type": "list_rooms"},
    "channels": {"type": "ping"},
    "conversations": {"type": "chat.search_user", "keyword": ""},
}


@asynccontextmanager
async def benched(data: Path, **limits: Any) -> AsyncIterator[Bench]:
    async with open_bench(data, Settings(limits=Limits(**limits))) as bench:
        yield bench


def errors(room_factory: CollectorRegistry, dialect: str, word: str) -> float:
    labels = {"dialect": dialect, "code": word}
    return room_factory.get_sample_value("trichat_errors_total", labels) or 0.0


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_so_many_bad_frames_in_a_row_end_a_connection(
    tmp_path: Path, autojump_clock: MockClock, dialect: str
) -> None:
    bad, answer = BAD[dialect]
    async with benched(tmp_path, bad_frames=LIMIT) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        link, other = bench.connect(dialect, ann), bench.connect(dialect, bob)
        for _ in range(3):  # a good one between them, and they are none in a row
            for frame in [bad] * (LIMIT - 1) + [GOOD[dialect]]:
                link.says(frame)
            await wait_all_tasks_blocked()
        assert not link.ended.is_set()
        assert [frame == answer for frame in link.texts].count(True) == 3 * (LIMIT - 1)
        for _ in range(LIMIT + 1):
            link.says(bad)
        await wait_all_tasks_blocked()
        assert (link.closed, link.reason) == (POLICY, "too many bad frames")
        assert [frame == answer for frame in link.texts].count(True) == 4 * LIMIT - 3
        assert errors(bench.runtime.metrics.registry, dialect, "too many bad frames") == 1
        other.says(GOOD[dialect])
        await wait_all_tasks_blocked()
        assert other.closed is None


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_flood_is_ended_behind_what_was_within_the_limit(
    tmp_path: Path, autojump_clock: MockClock, dialect: str
) -> None:
    async with benched(tmp_path) as bench:
        link = bench.connect(dialect, await bench.user("ann"))
        await wait_all_tasks_blocked()
        before = len(link.texts)
        link.says(GOOD[dialect])
        link.hears(Broken(POLICY))  # so a link says it
        await wait_all_tasks_blocked()
        assert len(link.texts) == before + 1
        assert (link.closed, link.reason) == (POLICY, "too many frames")
        assert errors(bench.runtime.metrics.registry, dialect, "too many frames") == 1


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_frames_per_second_over_a_real_socket(tmp_path: Path, dialect: str) -> None:
    limits = Limits(frames_per_second=30, bad_frames=1000)
    async with open_chat_server(settings_for(tmp_path / "data", limits=limits)) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        async with server.socket(dialect, bob, "hall") as other:
            async with server.socket(dialect, ann, "hall") as client:
                for _ in range(31):
                    await client.socket._stream.send_all(b"\x89\x80abcd")  # a ping
                assert await client.close_code() == POLICY
            await heard(other, dialect)


@asynccontextmanager
async def proxied(data: Path, most: int) -> AsyncIterator[ChatServer]:
    settings = settings_for(
        data,
        server=Server(port=0, data=data, trusted_proxies=("127.0.0.1",)),
        limits=Limits(connections_per_address=most),
    )
    async with open_chat_server(settings) as server:
        yield server


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_so_many_sockets_of_one_address(tmp_path: Path, dialect: str) -> None:
    """In every dialect before the upgrade: who they are was not asked yet."""
    here, there = ({"x-forwarded-for": f"192.0.2.{number}"} for number in (1, 2))
    async with proxied(tmp_path / "data", 2) as server:
        people = [await server.person(name) for name in ("ann", "bob", "cy")]
        path = server.url(dialect, people[2].token, "hall").partition(server.address)[2]
        async with AsyncExitStack() as sockets:
            for person in people[:2]:
                client = await sockets.enter_async_context(
                    server.socket(dialect, person, "hall", here)
                )
                await heard(client, dialect)
            for _ in range(2):
                refused = await server.refusal(path, here)
                assert refused.status_code == 429
                assert refused.json() == {"detail": "Too many connections"}
            async with server.socket(dialect, people[2], "hall", there) as other:
                await heard(other, dialect)
            assert errors(server.runtime.metrics.registry, dialect, "address") == 2
        async with server.socket(dialect, people[2], "hall", here) as client:
            await heard(client, dialect)


async def test_channels_joins_no_more_channels_than_a_socket_may_follow(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with benched(tmp_path, subscriptions=2) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        rooms = [await bench.room(ann, name) for name in ("one", "two", "three")]
        link = bench.connect("channels", bob)

        async def join(uuid: str) -> tuple[str, str]:
            await wait_all_tasks_blocked()
            before = len(link.texts)
            link.says({"type": "join_channel", "channel_id": uuid})
            frame = await link.text(before)
            return frame["type"], frame.get("error_code") or frame["channel_id"]

        for room in rooms[:2]:
            assert await join(room.uuid) == ("channel_joined", room.uuid)
        assert await join(rooms[2].uuid) == ("error", "join_channel_error")
        assert await join(rooms[0].uuid) == ("channel_joined", rooms[0].uuid)  # it is in there
        assert await join(NO_SUCH) == ("error", "access_denied")
        link.says({"type": "leave_channel", "channel_id": rooms[0].uuid})
        await wait_all_tasks_blocked()
        assert await join(rooms[2].uuid) == ("channel_joined", rooms[2].uuid)


def stick(link: ScriptedLink) -> int:
    """From now on its peer reads nothing: how many texts it has read."""
    link.stuck = True
    return len(link.texts)


async def test_lobby_coming_and_going_is_dropped_before_messages_are(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with benched(tmp_path, frame_bytes=131_072, outbox_bytes=131_072) as bench:
        ann, bob, cy = [await bench.user(name) for name in ("ann", "bob", "cy")]
        room = await bench.room(ann)
        slow, quick, goer = (bench.connect("lobby", user) for user in (ann, bob, cy))
        join = {"type": "join_room", "data": {"room_id": room.uuid}}
        for link in (slow, quick):
            link.says(join)
        await wait_all_tasks_blocked()
        before = stick(slow)
        goer.says(join)  # while there is space they wait like everything
        await wait_all_tasks_blocked()
        for _ in range(25):
            data = {"type": "text", "content": "\U0001f600" * 650, "room_id": room.uuid}
            quick.says({"type": "send_message", "data": data})
            await wait_all_tasks_blocked()
        goer.says({"type": "leave_room", "data": {"room_id": room.uuid}})
        await wait_all_tasks_blocked()
        goer.says(join)
        await wait_all_tasks_blocked()
        assert goer.texts[-1]["type"] == "join"  # by which they are answered
        slow.reads_again()
        await wait_all_tasks_blocked()
        kinds = [frame["type"] for frame in slow.texts[before:]]
        assert kinds == ["join", *["text"] * 25]
        assert slow.closed is None


async def test_channels_leaves_out_what_passes_before_messages(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with benched(tmp_path, frame_bytes=131_072, outbox_bytes=131_072) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        room = await bench.room(ann)
        slow, talker = bench.connect("channels", ann), bench.connect("channels", bob)
        await wait_all_tasks_blocked()
        before = stick(slow)

        async def come_type_and_go() -> None:
            for frame in (
                {"type": "join_channel", "channel_id": room.uuid},
                {"type": "typing_indicator", "channel_id": room.uuid, "is_typing": True},
                {"type": "leave_channel", "channel_id": room.uuid},
            ):
                talker.says(frame)
                await wait_all_tasks_blocked()

        await come_type_and_go()
        [session] = bench.runtime.connections.of(ann.id)
        session.put(Batch([Part(None, frames.text(b'"' + b"x" * 65_000 + b'"'))]))
        for _ in range(3):
            await come_type_and_go()
        session.put(Batch([Part(None, frames.text(b'{"type": "said"}'))]))
        slow.reads_again()
        await wait_all_tasks_blocked()
        heard = slow.texts[before:]
        kinds = [frame["type"] for frame in heard if isinstance(frame, dict)]
        went = ["user_joined", "typing_indicator", "typing_indicator", "user_left"]
        assert sorted(kinds) == sorted([*went, "said"])
        assert not slow.ended.is_set()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_who_reads_too_little_is_told_to_resume(
    tmp_path: Path, autojump_clock: MockClock, dialect: str
) -> None:
    async with benched(tmp_path, frame_bytes=131_072, outbox_bytes=131_072) as bench:
        slow = bench.connect(dialect, await bench.user("ann"))
        await wait_all_tasks_blocked()
        stick(slow)
        [session] = bench.runtime.connections.everyone()
        for size in (65_536 - 4, 65_536 - 4, 70_000):  # what waits before the last one may wait
            session.put(Batch([Part(None, frames.text(b"x" * size))]))
            await trio.sleep(5)
        assert not slow.ended.is_set()
        session.put(Batch([Part(None, frames.text(b""))]))
        await trio.sleep(5)
        assert (slow.closed, slow.reason) == (TOO_SLOW, "too slow: connect again and resume")
