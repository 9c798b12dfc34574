"""The end in order, seen by those who make it hard: over real processes, plain and TLS."""

import os
import re
import signal
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.e2e.certificates import certificate
from tests.e2e.launching import BIN, PATIENCE, RUNNING, Launched, launched, serve
from tests.e2e.raw import GOING_AWAY, Raw, dialled, masked, target
from tests.e2e.test_kill import SENDERS, Stream, is_in_order, until_gone, watch
from tests.e2e.users import DIALECTS, Users, users_of
from tests.server import Client
from trichat.runtime.connections import ENDED_TOGETHER

ROOT = Path(__file__).parents[2]
LONG = "é" * 10_000

REQUESTS = {
    "chats": b'{"action": "subscribe", "chat_ids": []}',
    "room": b'{"message": "and again"}',
    "lobby": b'{"type": "list_rooms", "data": {}}',
    "channels": b'{"type": "ping"}',
    "conversations": b'{"type": "chat.search_user", "keyword": ""}',
}

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@asynccontextmanager
async def serving(
    data: Path, tmp_path: Path, tls: bool = False, **env: str
) -> AsyncIterator[tuple[Launched, Users, ssl.SSLContext | None]]:
    """A server, its people, and what a client over TLS trusts."""
    secure = certificate(tmp_path) if tls else None
    options = secure.options if secure else []
    trusting = secure.trusting if secure else None
    settings = {f"TRICHAT_{name.upper()}": value for name, value in env.items()}
    async with launched(serve(data, *options), settings) as server:
        address = server.address.replace("127.0.0.1", "localhost") if tls else server.address
        async with users_of(address, trusting) as users:
            yield server, users, trusting


async def is_ready(users: Users) -> bool:
    return (await users._http.get("/readyz")).status_code == 200


async def listens(address: str) -> bool:
    try:
        await trio.aclose_forcefully(
            await trio.open_tcp_stream("127.0.0.1", int(address.rpartition(":")[2]))
        )
    except OSError:
        return False
    return True


@asynccontextmanager
async def beside_who_never_reads(
    server: Launched, users: Users, trusting: ssl.SSLContext | None
) -> AsyncIterator[Client]:
    """Ann over chats, who has said more than the kernel keeps for Bob: the rest waits for them."""
    async with dialled(server.address, trusting, receives=4096) as stuck:
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("hall", ann, bob)
        await stuck.upgrade(target(users, "room", bob, "hall"))
        async with users.socket("chats", ann) as chats:
            for _ in range(250):
                await chats.request({"action": "message", "chat_id": channel, "text": LONG})
            yield chats


async def until_not(request: Callable[..., Awaitable[bool]], *args: object) -> None:
    """What another process does is told by nobody."""
    with trio.fail_after(PATIENCE):
        while await request(*args):  # noqa: ASYNC110
            await trio.sleep(0.01)


@tls
async def test_every_dialect_hears_exactly_1001_as_its_last_frame(
    data: Path, tmp_path: Path, tls: bool
) -> None:
    """Who sends all the time, too: what it has sent and nobody reads does not cost it that."""
    async with serving(data, tmp_path, tls) as (server, users, trusting), AsyncExitStack() as stack:
        (ann,) = await users.people("ann")
        await users.channel("hall", ann)
        peers: list[Raw] = []
        for dialect in DIALECTS * 2:
            peer = await stack.enter_async_context(dialled(server.address, trusting))
            await peer.upgrade(target(users, dialect, ann, "hall"))
            assert peer.status == 101
            peers.append(peer)

        async def send_for_ever(peer: Raw, dialect: str) -> None:
            try:
                while True:
                    await peer.stream.send_all(masked(REQUESTS[dialect]) * 20)
                    await trio.sleep(0.005)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

        async with trio.open_nursery() as nursery:
            for peer, dialect in zip(peers[len(DIALECTS) :], DIALECTS, strict=True):
                nursery.start_soon(send_for_ever, peer, dialect)
            await trio.sleep(0.2)
            server.process.terminate()
            for peer in peers:
                heard = await peer.rest()
                assert heard.endswith(GOING_AWAY), (peer.heard[-200:], server.said)
                assert heard.count(GOING_AWAY) == 1
            nursery.cancel_scope.cancel()
        assert await server.ended() == 0, server.said


@tls
async def test_who_never_reads_holds_it_up_no_longer_than_the_deadline(
    data: Path, tmp_path: Path, tls: bool
) -> None:
    env = {"limits_outbox_bytes": "8000000", "server_drain_deadline": "2s"}
    async with (
        serving(data, tmp_path, tls, **env) as (server, users, trusting),
        beside_who_never_reads(server, users, trusting) as chats,
    ):
        began = time.monotonic()
        server.process.terminate()
        assert await chats.close_code() == 1001
        assert await server.ended() == 0, server.said
        assert time.monotonic() - began < 10  # 2 s, and 4 for what is queued and the close frame
        assert "by force" not in server.said


@tls
async def test_who_is_amid_a_handshake_is_answered_or_let_go(
    data: Path, tmp_path: Path, tls: bool
) -> None:
    env = {"limits_admissions": "1", "limits_admission_wait": "8s"}
    async with serving(data, tmp_path, tls, **env) as (server, users, trusting):
        (ann,) = await users.people("ann")
        async with AsyncExitStack() as stack:
            silent = await stack.enter_async_context(dialled(server.address))
            half = await stack.enter_async_context(dialled(server.address, trusting))
            await half.write(half.request(target(users, "chats", ann))[:40])
            first, *waiting = [
                await stack.enter_async_context(dialled(server.address, trusting)) for _ in range(4)
            ]
            await first.upgrade(target(users, "chats", ann))
            for peer in waiting:
                await peer.write(peer.request(target(users, "chats", ann)))
            await trio.sleep(0.2)
            server.process.terminate()
            began = time.monotonic()
            for peer in waiting:
                await peer.rest()
            statuses = sorted(peer.status for peer in waiting)
            assert statuses[1:] == [503, 503]
            assert statuses[0] in (101, 503)  # its second may have come
            assert all(b"retry-after: " in peer.heard for peer in waiting if peer.status == 503)
            assert time.monotonic() - began < 5
            assert (await first.rest()).endswith(GOING_AWAY)
            assert await silent.rest() == b""
            assert b"101" not in await half.rest()
            assert await server.ended() == 0, server.said


@tls
async def test_a_request_that_is_under_way_is_answered(
    data: Path, tmp_path: Path, tls: bool
) -> None:
    """Its body is still to come when all sockets have gone and nobody listens any more."""
    async with serving(data, tmp_path, tls) as (server, users, trusting):
        (ann,) = await users.people("ann")
        channel = await users.channel("hall", ann)
        body = b'{"channel_id": "%s", "content": "just in time"}' % channel.encode()
        async with dialled(server.address, trusting) as peer:
            head = (
                f"POST /api/v1/messages/ HTTP/1.1\r\nHost: {peer.host}\r\n"
                f"Authorization: Bearer {ann.token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            await peer.write(head.encode() + body[:20])
            async with users.socket("chats", ann) as chats:
                server.process.terminate()
                assert await chats.close_code() == 1001
            await until_not(listens, server.address)
            await peer.write(body[20:])
            assert b"just in time" in await peer.rest()
            assert peer.status == 200
        assert await server.ended() == 0, server.said
    async with serving(data, tmp_path) as (_, users, _):
        assert await users.history(ann, channel) == ["just in time"]


@tls
@pytest.mark.promise("all-7")
async def test_what_was_acknowledged_is_there_when_it_is_started_again(
    data: Path, tmp_path: Path, tls: bool
) -> None:
    stream = Stream(enough=200)
    async with serving(data, tmp_path, tls) as (server, users, _):
        (ann,) = await users.people("ann")
        channel = await users.channel("stream", ann)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(until_gone, watch, users, ann, stream)
            for sender in SENDERS:
                nursery.start_soon(until_gone, sender, users, ann, channel, stream)
            with trio.fail_after(60):
                await stream.reached.wait()
                server.process.terminate()
                assert await server.ended() == 0, server.said
    async with serving(data, tmp_path) as (_, users, _):
        history = await users.history(ann, channel)
        assert len(history) == len(set(history))
        for texts in (*stream.acknowledged.values(), stream.pushed):
            assert is_in_order(texts, history)


async def test_a_load_balancer_has_time_to_notice(data: Path, tmp_path: Path) -> None:
    """Readiness goes first, for as long as is set; until then all is as ever."""
    async with serving(data, tmp_path, server_drain_notice="3s") as (server, users, _):
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("hall", ann, bob)
        assert await is_ready(users)
        async with users.socket("chats", ann) as early:
            began = time.monotonic()
            server.process.terminate()
            await until_not(is_ready, users)
            async with users.socket("room", bob, "hall") as late:
                await early.request({"action": "message", "chat_id": channel, "text": "still here"})
                await late.until(type="chat_message", message="still here")
                assert await early.close_code() == 1001
                assert await late.close_code() == 1001
                assert time.monotonic() - began >= 3
        assert await server.ended() == 0, server.said


async def test_many_are_told_in_batches_and_nobody_is_let_in_meanwhile(
    data: Path, tmp_path: Path
) -> None:
    env = {"server_drain_spread": "5s"}
    async with (
        serving(data, tmp_path, False, **env) as (server, users, _),
        AsyncExitStack() as stack,
    ):
        (ann,) = await users.people("ann")
        peers: list[Raw] = []
        for _ in range(ENDED_TOGETHER + 5):
            peer = await stack.enter_async_context(dialled(server.address))
            await peer.upgrade(target(users, "channels", ann))
            peers.append(peer)
        told: list[Raw] = []
        first = trio.Event()

        async def hear(peer: Raw) -> None:
            assert (await peer.rest()).endswith(GOING_AWAY)
            told.append(peer)
            if len(told) == ENDED_TOGETHER:
                first.set()

        began = time.monotonic()
        async with trio.open_nursery() as nursery:
            for peer in peers:
                nursery.start_soon(hear, peer)
            server.process.terminate()
            await first.wait()
            if len(told) == ENDED_TOGETHER:  # the others' moment is within 5 s, at random
                async with dialled(server.address) as late:
                    await late.upgrade(target(users, "channels", ann))
                    assert late.status == 503
                    assert re.search(rb"\r\nretry-after: [1-5]\r\n", late.heard)
                assert not await is_ready(users)
        assert time.monotonic() - began < 8
        assert await server.ended() == 0, server.said


async def test_a_second_signal_waits_for_nobody(data: Path, tmp_path: Path) -> None:
    env = {"limits_outbox_bytes": "8000000", "server_drain_notice": "60s"}
    async with (
        serving(data, tmp_path, False, **env) as (server, users, trusting),
        beside_who_never_reads(server, users, trusting) as chats,
    ):
        server.process.terminate()
        await until_not(is_ready, users)
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert await chats.close_code() == 1001
        assert await server.ended() == 1
        assert time.monotonic() - began < 5
        assert "ended by force 2 s after a second signal, SIGINT; not waited for: 1 " in server.said


HYPERCORN = [str(BIN / "hypercorn"), "-k", "trio", "--config", str(ROOT / "config/hypercorn.toml")]
HYPERCORN += ["--bind", "127.0.0.1:0"]


@pytest.mark.parametrize("by", ["trichat", "hypercorn"])
async def test_a_disk_that_never_answers_holds_it_up_no_longer_than_the_deadline(
    data: Path, by: str
) -> None:
    """Sockets hear 1001 all the same; what had no answer is told, and the exit code is 1."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {"TRICHAT_SERVER_DATA": str(data), "PYTHONPATH": path}
    env |= {"TRICHAT_SERVER_DRAIN_DEADLINE": "1s", "TRICHAT_SERVER_DRAIN_SPREAD": "1s"}
    if by == "trichat":
        env["TRICHAT_SERVER_GRACEFUL_TIMEOUT"] = "2s"
        command, ready = [sys.executable, "-m", "tests.e2e.stuck", *serve(data)[1:]], {}
    else:
        command = [*HYPERCORN, "--graceful-timeout", "2", "tests.e2e.stuck:app"]
        ready = {"ready": RUNNING}
    async with launched(command, env, **ready) as server, users_of(server.address) as users:
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("hall", ann, bob)
        async with users.socket("chats", ann) as one, users.socket("conversations", bob) as other:
            await one.send({"action": "message", "chat_id": channel, "text": "stuck"})
            await one.send({"action": "message", "chat_id": channel, "text": "behind it"})
            await trio.sleep(0.3)
            began = time.monotonic()
            server.process.terminate()
            assert await other.close_code() == 1001
            assert await one.close_code() == 1001
        assert await server.ended() == 1, server.said
        assert 6 < time.monotonic() - began < 12
        told = re.search(r"ended by force 7 s after .*; not waited for: (.*)", server.said)
        assert told, server.said
        assert "0 connections, 1 writes" in told[1]
    async with launched(serve(data)) as server, users_of(server.address) as users:
        assert await users.history(ann, channel) == []
