"""REST and pages by nginx, HAProxy and Caddy: whose address counts, what is large, what ends."""

import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urljoin

import httpx
import trio

from tests.e2e.launching import PATIENCE
from tests.e2e.raw import GOING_AWAY, Raw, dialled, target
from tests.e2e.users import PASSWORD, users_of
from tests.proxies.configured import PREFIX, Proxy
from tests.proxies.running import Front, each_proxy, fronted
from trichat.runtime.connections import ENDED_TOGETHER

LONG = "é" * 1999


@each_proxy
async def test_a_clients_own_address_counts(proxy: Proxy, tmp_path: Path) -> None:
    """For wrong passwords and for sockets; nothing that a client writes changes it."""
    env = {"TRICHAT_AUTH_LOGIN_ATTEMPTS": "2", "TRICHAT_LIMITS_CONNECTIONS_PER_ADDRESS": "1"}
    async with fronted(proxy, tmp_path, env=env) as front, AsyncExitStack() as stack:
        (ann,) = await front.users.people("ann")
        statuses = []
        for source, password in (
            ("127.0.0.2", "one"),
            ("127.0.0.2", "two"),
            ("127.0.0.2", PASSWORD),
            ("127.0.0.3", PASSWORD),
        ):
            forged = {"X-Forwarded-For": "192.0.2.99", "Forwarded": "for=192.0.2.98"}
            async with front.client(source) as http:
                body = {"username": "ann", "password": password}
                answer = await http.post("/api/v1/auth/login", json=body, headers=forged)
                statuses.append(answer.status_code)
        assert statuses == [401, 401, 429, 200]
        statuses = []
        for source in ("127.0.0.2", "127.0.0.2", "127.0.0.3"):
            raw = await stack.enter_async_context(
                dialled(front.address, front.trusting, source=source)
            )
            await raw.upgrade(target(front.users, "lobby", ann))
            statuses.append(raw.status)
        assert statuses == [101, 429, 101]
        assert "trusted_proxies" not in front.server.said


@each_proxy
async def test_large_and_many(proxy: Proxy, tmp_path: Path) -> None:
    """Large answers and frames come whole, large bodies are refused; connections are kept."""
    async with fronted(proxy, tmp_path) as front:
        users = front.users
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("hall", ann, bob)
        for _ in range(100):
            await users.post(ann, channel, LONG)
        assert await users.history(ann, channel) == [LONG] * 100
        async with users.socket("room", bob, "hall") as socket:
            for _ in range(50):
                assert (await socket.until(type="chat_message"))["message"] == LONG
        async with front.client() as http:
            body = {"channel_id": channel, "content": "x" * 300_000}
            answer = await http.post(
                "/api/v1/messages/", json=body, headers={"Authorization": f"Bearer {ann.token}"}
            )
            assert answer.status_code == 413
        port = int(front.server.address.rpartition(":")[2])
        assert len(set(_connections_to(port))) < 25  # of more than 100 requests


def _connections_to(port: int) -> Iterator[str]:
    """Those of this machine, also which have just ended."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, *_ = line.split()
        if int(remote.partition(":")[2], 16) == port:
            yield local


@each_proxy
async def test_requests_that_are_none_for_a_socket(proxy: Proxy, tmp_path: Path) -> None:
    """A page that asks a socket's address, metrics, HTTP in the clear, HTTP/2."""
    async with fronted(proxy, tmp_path) as front, httpx.AsyncClient() as bare:
        async with front.client() as http:
            plain = await http.get("/ws/chat")
            direct = await bare.get(f"{front.server.address}/ws/chat")
            assert plain.status_code == direct.status_code == 426
            told = direct.json()["detail"].replace("with ws://", "with wss://")
            assert plain.json() == {"detail": told}
            assert plain.headers["sec-websocket-version"] == "13"
            assert (await http.get("/metrics")).status_code == 404
            assert (await http.get("/swagger/")).status_code == 200
        moved = await bare.get(f"{front.plain}/ws/chat?x=1", headers={"Host": "localhost"})
        assert moved.status_code == 308
        # Caddy takes the port for one that something else maps to 443.
        secure = "https://localhost" if proxy.name == "caddy" else front.address
        assert moved.headers["location"] == f"{secure}/ws/chat?x=1"
        async with front.client(http2=True) as http:
            answer = await http.get("/healthz")
            assert (answer.status_code, answer.http_version) == (200, "HTTP/2")


@each_proxy
async def test_the_documents_name_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    async with fronted(proxy, tmp_path) as front, front.client() as http:
        forged = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "http"}
        rest = (await http.get("/openapi.json", headers=forged)).json()
        assert rest["servers"] == [{"url": front.address}]
        sockets = (await http.get("/asyncapi.json", headers=forged)).json()
        host = front.address.partition("://")[2]
        assert sockets["servers"] == {"here": {"host": host, "protocol": "wss"}}


@each_proxy
async def test_all_of_it_under_a_prefix(proxy: Proxy, tmp_path: Path) -> None:
    """As the note of each file has it."""
    async with (
        fronted(proxy, tmp_path, note=PREFIX) as front,
        front.client() as http,
        users_of(f"{front.address}/chat", front.trusting) as people,
    ):
        users = f"{front.address}/chat"
        (ann,) = await people.people("ann")
        rest = (await http.get("/chat/openapi.json")).json()
        assert rest["servers"] == [{"url": users}]
        sockets = (await http.get("/chat/asyncapi.json")).json()
        assert sockets["servers"]["here"]["pathname"] == "/chat"
        for path, leads in (("/chat/swagger", "/chat/swagger/"), ("/chat/health/", "/chat/health")):
            moved = await http.get(path)
            assert moved.status_code == 307
            assert urljoin(path, moved.headers["location"]) == leads
            assert (await http.get(leads)).status_code == 200
        async with dialled(front.address, front.trusting) as raw:
            await raw.upgrade(f"/chat/ws/chat/general/?token={ann.token}")
            assert raw.status == 101


@each_proxy
async def test_no_token_is_in_its_log(proxy: Proxy, tmp_path: Path) -> None:
    """Neither of a socket, nor of a request that fails because the server is away."""
    async with fronted(proxy, tmp_path) as front:
        (ann,) = await front.users.people("ann")
        async with front.users.socket("channels", ann):
            pass
        async with front.client() as http:
            await http.get(f"/api/v1/auth/me?token={ann.token}")
            front.server.process.terminate()
            await front.server.ended()
            await http.get(f"/ws?token={ann.token}")
        front.process.terminate()
        with trio.fail_after(PATIENCE):
            await front.process.wait()
        assert proxy.name == "caddy" or "/ws" in front.said
        assert ann.token not in front.said


@each_proxy
async def test_the_end_of_the_server(proxy: Proxy, tmp_path: Path) -> None:
    """Sockets get 1001; who comes meanwhile 503 with Retry-After, and so does who comes after."""
    env = {"TRICHAT_SERVER_DRAIN_SPREAD": "5s"}
    async with fronted(proxy, tmp_path, env=env) as front, AsyncExitStack() as stack:
        (ann,) = await front.users.people("ann")
        peers: list[Raw] = []
        for _ in range(ENDED_TOGETHER + 5):
            peer = await stack.enter_async_context(dialled(front.address, front.trusting))
            await peer.upgrade(target(front.users, "channels", ann))
            peers.append(peer)
        told: list[Raw] = []
        first = trio.Event()

        async def hear(peer: Raw) -> None:
            assert GOING_AWAY[2:] in await peer.rest()
            told.append(peer)
            if len(told) == ENDED_TOGETHER:
                first.set()

        async with trio.open_nursery() as nursery:
            for peer in peers:
                nursery.start_soon(hear, peer)
            front.server.process.terminate()
            await first.wait()
            if len(told) == ENDED_TOGETHER:  # the others' moment is within 5 s, at random
                await _is_sent_away(front, target(front.users, "channels", ann))
        assert await front.server.ended() == 0
        await _is_sent_away(front, target(front.users, "channels", ann))
        async with front.client() as http:
            answer = await http.get("/api/v1/auth/me")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json() == {"detail": "The server is away, try again later"}


async def _is_sent_away(front: Front, path: str) -> None:
    async with dialled(front.address, front.trusting) as late:
        await late.upgrade(path)
        assert late.status == 503
        assert re.search(rb"\r\nretry-after: [1-5]\r\n", late.heard, re.IGNORECASE)


@each_proxy
async def test_one_that_is_not_named_locks_nobody_out(proxy: Proxy, tmp_path: Path) -> None:
    env = {"TRICHAT_SERVER_TRUSTED_PROXIES": "", "TRICHAT_AUTH_LOGIN_ATTEMPTS": "2"}
    async with fronted(proxy, tmp_path, env=env) as front:
        await front.users.people("ann")
        async with front.client("127.0.0.2") as stranger, front.client("127.0.0.3") as home:
            body = {"username": "ann", "password": PASSWORD}
            for number in range(5):
                wrong = {**body, "password": f"wrong {number}"}
                answer = await stranger.post("/api/v1/auth/login", json=wrong)
                assert answer.status_code == 401
            assert (await home.post("/api/v1/auth/login", json=body)).status_code == 200
        assert front.server.said.count('set server.trusted_proxies to ["127.0.0.1"]') == 1
