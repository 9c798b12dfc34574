"""permessage-deflate at the five doors: only where it is set and offered, and nobody hears less."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.trio.client import ClientConnection, connect

from tests.dialects.speech import DIALECTS, text_of
from tests.rooms import open_room
from tests.server import PATIENCE, ChatServer, open_chat_server, settings_for
from trichat.settings import Server

AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
LONG = "the same words again, " * 60


@asynccontextmanager
async def deflating(data: Path) -> AsyncIterator[ChatServer]:
    async with open_chat_server(
        settings_for(data, server=Server(port=0, data=data, deflate=True))
    ) as it:
        yield it


def agreed(socket: ClientConnection) -> str | None:
    assert socket.response is not None
    return socket.response.headers.get("Sec-WebSocket-Extensions")


async def said(socket: ClientConnection, dialect: str) -> str:
    """The next message's words."""
    while True:
        with trio.fail_after(PATIENCE):
            frame = json.loads(await socket.recv())
        if (text := text_of(frame, dialect)) is not None and "again" in text:
            return text


async def test_all_14_everybody_hears_the_same_compressed_or_not(tmp_path: Path) -> None:
    async with deflating(tmp_path) as server, AsyncExitStack() as stack:
        people = [await server.person(f"{dialect}_reader") for dialect in DIALECTS]
        here = await open_room(server, people[0], "hall", *people[1:])
        sockets: list[tuple[str, ClientConnection]] = []
        for dialect, person in zip(DIALECTS, people, strict=True):
            for compression in ("deflate", None):
                url = server.url(dialect, person.token, room=here.name)
                socket = await stack.enter_async_context(connect(url, compression=compression))
                assert agreed(socket) == (AGREED if compression else None)
                sockets.append((dialect, socket))
                if dialect in ("chats", "lobby"):
                    await enter(socket, dialect, here.uuid)
        dialect, sender = sockets[0]
        for number in range(3):
            await sender.send(json.dumps(here.message(dialect, f"{number} {LONG}")))
        for dialect, socket in sockets:
            heard = [await said(socket, dialect) for _ in range(3)]
            assert [text.strip() for text in heard] == [f"{n} {LONG}".strip() for n in range(3)]


async def enter(socket: ClientConnection, dialect: str, uuid: str) -> None:
    frames: dict[str, Any] = {
        "chats": {"action": "subscribe", "chat_ids": [uuid]},
        "lobby": {"type": "join_room", "data": {"room_id": uuid}},
    }
    await socket.send(json.dumps(frames[dialect]))
    if dialect == "chats":
        await socket.recv()
    else:  # a request that is refused tells that the one before it is done
        await socket.send(json.dumps({"type": "?"}))
        while json.loads(await socket.recv())["type"] != "error":
            pass


async def test_a_narrow_window_is_kept_to(tmp_path: Path) -> None:
    """This client's own zlib would refuse a distance beyond its window."""
    async with deflating(tmp_path) as server:
        person = await server.person("narrow")
        here = await open_room(server, person, "hall")
        narrow = ClientPerMessageDeflateFactory(server_max_window_bits=9)
        url = server.url("room", person.token, room=here.name)
        async with connect(url, compression=None, extensions=[narrow]) as socket:
            assert agreed(socket) == f"{AGREED}; server_max_window_bits=9"
            words = "".join(f"{number} again " for number in range(150))
            for text in (f"again {LONG[:100]}", words + words):
                await socket.send(json.dumps({"message": text}))
                assert (await said(socket, "room")).strip() == text.strip()


async def test_nobody_gets_it_who_does_not_find_it_set(server: ChatServer) -> None:
    person = await server.person("hopeful")
    async with connect(server.url("channels", person.token)) as socket:
        assert agreed(socket) is None


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_12_a_bomb_ends_its_connection_with_1009(tmp_path: Path, dialect: str) -> None:
    async with deflating(tmp_path) as server:
        person = await server.person("bomber")
        here = await open_room(server, person, "hall")
        async with connect(server.url(dialect, person.token, room=here.name)) as socket:
            await socket.send(" " * 50_000_000)
            with trio.fail_after(PATIENCE):
                await socket.wait_closed()
            assert socket.close_code == 1009
