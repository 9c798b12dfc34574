"""What an operator sees: values at /metrics that move as documented (lobby-17)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from tests.wire.scripted import START, open_bench
from trichat.runtime.metrics import CODES, MOST_WORDS, PEER, SERVER, Metrics
from trichat.settings import Lobby
from trichat.web.ops import Living

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
TOKEN = "a-token-for-prometheus"

Shown = dict[tuple[str, tuple[str, ...]], float]


async def get(server: ChatServer, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
        return await client.get(path, headers=headers)


async def shown(server: ChatServer) -> Shown:
    """Every value by its name and the values of its labels in the order of their names."""
    answer = await get(server, "/metrics")
    assert answer.status_code == 200
    return parsed(answer.text)


def parsed(text: str) -> Shown:
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def until(server: ChatServer, name: str, *labels: str, value: float) -> None:
    """What the server does after its peer is gone shows a moment later."""
    with trio.fail_after(10):
        while (await shown(server)).get((f"trichat_{name}", labels)) != value:
            await trio.lowlevel.checkpoint()


@asynccontextmanager
async def at(server: ChatServer, dialect: str, by: Person, room: str) -> AsyncIterator[Client]:
    """A socket in the room, in every dialect."""
    async with server.socket(dialect, by, room) as client:
        if dialect == "lobby":
            await client.send({"type": "join_room", "data": {"room_id": room}})
            await client.until(type="join")
        if dialect == "room":
            await client.until(type="user_join")
        yield client


def saying(dialect: str, room: str, number: int, text: str) -> dict[str, Any]:
    said: dict[str, dict[str, Any]] = {
        "chats": {"action": "message", "chat_id": room, "text": text},
        "room": {"message": text},
        "lobby": {
            "type": "send_message", "data": {"type": "text", "content": text, "room_id": room},
        },
        "conversations": {"type": "chat.message", "conversation_id": number, "content": text},
    }  # fmt: skip
    return said[dialect]


# Connections


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_lobby_17_active_connections_and_how_long_they_were(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    hall = await server.channel(ann, "hall")
    async with at(server, dialect, ann, hall):
        await until(server, "connections", dialect, value=1)
        before = await shown(server)
        others = [before["trichat_connections", (other,)] for other in DIALECTS]
        assert sum(others) == 1
        assert before["trichat_connection_seconds_count", (dialect,)] == 0
    await until(server, "connections", dialect, value=0)
    await until(server, "connections_closed_total", "peer", "1000", dialect, value=1)
    after = await shown(server)
    assert after["trichat_connection_seconds_count", (dialect,)] == 1
    assert 0 < after["trichat_connection_seconds_sum", (dialect,)] < 60
    assert after["trichat_outbox_bytes", (dialect,)] == 0


async def test_a_connection_counts_with_its_seconds(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with open_bench(tmp_path) as bench:
        link = bench.connect("chats", await bench.user("ann"), expires_at=START / 1000 + 30)
        await link.ended.wait()
        await wait_all_tasks_blocked()
        seconds = bench.runtime.metrics.registry.get_sample_value(
            "trichat_connection_seconds_sum", {"dialect": "chats"}
        )
        assert seconds == pytest.approx(30, abs=1)
        closed = bench.runtime.metrics.registry.get_sample_value(
            "trichat_connections_closed_total",
            {"dialect": "chats", "code": "1008", "by": "server"},
        )
        assert closed == 1


async def test_what_a_peer_does_not_take_is_seen_waiting(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        link = bench.connect("chats", ann)
        await wait_all_tasks_blocked()
        link.stuck = True
        for _ in range(3):
            link.says({"action": "subscribe", "chat_ids": []})
        await wait_all_tasks_blocked()
        bench.runtime.metrics.registry.register(Living(bench.runtime, DIALECTS))
        waiting = bench.runtime.metrics.registry.get_sample_value(
            "trichat_outbox_bytes", {"dialect": "chats"}
        )
        frame = 2 + len(b'{"action":"subscribe_response","results":[]}')
        assert waiting == 3 * frame
        link.stuck = False
        link._changed.set()


# Messages and errors


async def test_lobby_17_accepted_messages_by_dialect_and_kind_of_room(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    public = await server.channel(ann, "open", bob)
    private = await server.channel(ann, "closed", bob, private=True)
    for kind, room in (("public", public), ("private", private)):
        number = await server.room_id(room)
        for dialect in ("chats", "room", "lobby", "conversations"):
            async with at(server, dialect, bob, room) as client:
                await client.send(saying(dialect, room, number, "hello"))
                while "hello" not in await client.raw() and dialect != "chats":
                    pass
        status, _ = await server.rest(
            bob, "POST", "/messages/", {"channel_id": room, "content": "hello"}
        )
        assert status == 200
        values = await shown(server)
        for dialect in DIALECTS:
            assert values["trichat_messages_total", (dialect, kind)] == 1, (dialect, kind)
    assert (
        sum(value for (name, _), value in values.items() if name == "trichat_messages_total") == 10
    )


async def test_a_refused_message_is_an_error_and_no_message(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, lobby=Lobby(max_messages_per_min=1))
    async with open_chat_server(settings) as server:
        ann = await server.person("ann")
        hall = await server.channel(ann, "hall")
        async with at(server, "lobby", ann, hall) as client:
            for _ in range(3):
                await client.send(saying("lobby", hall, 0, "hello"))
            await client.until(type="error")
            await client.until(type="error")
        values = await shown(server)
    assert values["trichat_messages_total", ("lobby", "public")] == 1
    assert values["trichat_errors_total", ("rate limit exceeded", "lobby")] == 2


BAD = {
    "chats": ('{"action":"nonsense"}', "Unknown action"),
    "room": ("{", "Invalid JSON"),
    "lobby": ("{", "invalid message"),
    "channels": ('{"type":"secret nonsense"}', "unknown_message_type"),
    "conversations": ("{", "Invalid JSON"),
}
NO_ACCESS = {
    "chats": ({"action": "message", "chat_id": "x", "text": "y"}, "no access"),
    "room": ({"message": ""}, "The message is empty"),
    "lobby": ({"type": "join_room", "data": {"room_id": "x"}}, "room not found"),
    "channels": ({"type": "join_channel", "channel_id": "x"}, "access_denied"),
    "conversations": ({"type": "chat.read", "conversation_id": 99}, "Conversation not found"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_lobby_17_errors_by_dialect_in_its_own_words(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    hall = await server.channel(ann, "hall")
    async with at(server, dialect, ann, hall) as client:
        for frame, word in (BAD[dialect], NO_ACCESS[dialect]):
            await client.send(frame)
            while word not in await client.raw() and dialect != "channels":
                pass
            await until(server, "errors_total", word, dialect, value=1)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_who_is_turned_away_is_an_error(server: ChatServer, dialect: str) -> None:
    if dialect == "lobby":
        assert (await server.refusal("/ws/chat?token=bad")).status_code == 401
    else:
        async with trio.open_nursery() as nursery:
            client = await server.connect(nursery, dialect, "bad", "hall")
            await client.close_code()
            await client.abort()
    values = await shown(server)
    assert values["trichat_errors_total", ("unauthorized", dialect)] == 1


def test_neither_words_nor_close_codes_of_peers_make_series_without_end() -> None:
    counted = Metrics()
    meter = counted.dialect("chats")
    for number in range(MOST_WORDS + 50):
        meter.error(f"word {number}")
    for code in range(1000, 5000):
        for by in (SERVER, PEER):
            meter.closed(code, by, 1.0)
    families = {family.name: family for family in counted.registry.collect()}
    totals = [
        sample
        for name in ("trichat_errors", "trichat_connections_closed")
        for sample in families[name].samples
        if sample.name.endswith("_total")
    ]
    assert len(totals) == MOST_WORDS + 1 + 2 * (len(CODES) + 1)
    assert {sample.value for sample in totals if sample.labels["code"] == "other"} == {
        50,
        4000 - len(CODES),
    }


# Rooms, storage, the loop
