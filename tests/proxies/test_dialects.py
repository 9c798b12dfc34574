"""The five dialects by nginx, HAProxy and Caddy, each with its file of config/ as it is there."""

import re
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import trio

from tests.e2e.everyone import assert_everyone_hears
from tests.e2e.raw import Raw, dialled, masked, target
from tests.e2e.users import DIALECTS, PATIENCE, Person
from tests.proxies.configured import REWRITE, Proxy
from tests.proxies.running import Front, by, each_proxy, fronted

PING, PONG = b"\x89\x00", b"\x8a\x00"
END = b"\r\n\r\n"


async def refusal(address: str, tls: ssl.SSLContext | None, path: str) -> tuple[int, bytes]:
    """How a socket is refused: the status, and its body or what comes over the socket."""
    async with dialled(address, tls) as raw:
        await raw.upgrade(path)
        if raw.status == 101:
            await raw.rest()
        else:
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", raw.heard)
            assert length is not None
            await heard(raw, lambda text: len(text.partition(END)[2]) == int(length[1]))
        return raw.status, raw.heard.partition(END)[2]


def contains(part: bytes, text: bytes) -> bool:
    return part in text


async def heard(raw: Raw, enough: Callable[[bytes], bool]) -> None:
    """Until enough has come."""
    with trio.fail_after(PATIENCE):
        while not enough(raw.heard):
            data = await raw.stream.receive_some(65536)
            assert data, f"the end came after {raw.heard!r}"
            raw.heard += bytes(data)


@each_proxy
@pytest.mark.parametrize("local", [False, True], ids=["tcp", "unix"])
async def test_everyone_hears_and_is_refused_as_without_a_proxy(
    proxy: Proxy, local: bool, tmp_path: Path
) -> None:
    async with fronted(proxy, tmp_path, local=local) as front:
        ann, bob = await front.users.people("ann", "bob")
        await assert_everyone_hears(front.users, ann, bob)
        if local:
            return
        stranger = Person("", "", "wrong")
        for dialect in DIALECTS:
            path = target(front.users, dialect, stranger, "general")
            refused = await refusal(front.address, front.trusting, path)
            assert refused == await refusal(front.server.address, None, path)
            assert refused[0] == (401 if dialect == "lobby" else 101)
            assert refused[1][:1] == (b"{" if dialect == "lobby" else b"\x88")


@each_proxy
async def test_who_resumes_misses_nothing(proxy: Proxy, tmp_path: Path) -> None:
    async with fronted(proxy, tmp_path) as front:
        users = front.users
        ann, bob = await users.people("ann", "bob")
        channel = await users.channel("hall", ann, bob)
        async with users.socket("channels", bob, resume="1") as socket:
            frame = await socket.next()
            while "cursor" not in frame:
                frame = await socket.next()
        await users.post(ann, channel, "missed")
        async with users.socket("channels", bob, resume=frame["cursor"]) as socket:
            missed = await socket.until(type="new_message")
        assert missed["data"]["content"] == "missed"


@each_proxy
async def test_conversations_at_an_address_with_a_number(proxy: Proxy, tmp_path: Path) -> None:
    """The rewrite that each file has in a comment; rooms with other names are where they were."""
    async with fronted(proxy, tmp_path, note=REWRITE) as front:
        (ann,) = await front.users.people("ann")
        for path, request, answer in (
            ("/ws/chat/17/", b'{"type": "chat.get_conversations"}', b"chat.conversations"),
            ("/ws/chat/17x/", b'{"message": "hello"}', b"chat_message"),
        ):
            async with dialled(front.address, front.trusting) as raw:
                await raw.upgrade(f"{path}?token={ann.token}")
                assert raw.status == 101
                await raw.write(masked(request))
                await heard(raw, partial(contains, answer))


@each_proxy
async def test_a_silent_socket_outlives_the_proxys_patience(proxy: Proxy, tmp_path: Path) -> None:
    """Its pings are more frequent; they alone are what keeps it open."""
    env = {"TRICHAT_HEARTBEAT_PING_PERIOD": "500ms", "CHAT_PING_PERIOD": "500ms"}
    async with fronted(proxy, tmp_path, env=env, timeout=2) as front:
        (ann,) = await front.users.people("ann")
        async with trio.open_nursery() as nursery:
            for dialect in DIALECTS:
                nursery.start_soon(_stays_open, front, dialect, ann)


async def _stays_open(front: Front, dialect: str, ann: Person) -> None:
    async with dialled(front.address, front.trusting) as raw:
        await raw.upgrade(target(front.users, dialect, ann, "general"))
        assert raw.status == 101, dialect
        await heard(raw, lambda text: text.count(PING) >= 8)  # 4 s
        await raw.write(masked(b"", opcode=9))
        await heard(raw, partial(contains, PONG))


@by("nginx", "haproxy")  # Caddy has no such limit
async def test_without_pings_it_does_not(proxy: Proxy, tmp_path: Path) -> None:
    """So the test before this one shows what it says."""
    async with fronted(proxy, tmp_path, timeout=1) as front:
        (ann,) = await front.users.people("ann")
        async with dialled(front.address, front.trusting) as raw:
            await raw.upgrade(target(front.users, "channels", ann))
            await raw.rest()
