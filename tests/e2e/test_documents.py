"""The documents' own example clients, run as they stand: changed are address, token and ids."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import frozen

from tests.e2e.documents import NAMES, Example, examples, needs_documents
from tests.e2e.frames import SAID, SAYS
from tests.e2e.programs import Program, interpreter, needs_node, running
from tests.e2e.users import Json, Person, Users
from tests.server import Client

pytestmark = needs_documents

PRELOAD = Path(__file__).with_name("patient.cjs")

_ADDRESS = re.compile(r"localhost:\d+")
_TOKEN = re.compile(r"your-jwt-token|your_token|eyJ[\w.\-]+")
_CALLED = re.compile(r"^ +(\w+)\(.*\);$", re.M)


def clients(document: str, *languages: str) -> list[Example]:
    return [e for e in examples(document) if e.is_client and e.language in languages]


def undefined(code: str) -> list[str]:
    """The functions that a JavaScript example calls and leaves to its reader."""
    return [name for name in _CALLED.findall(code) if f"{name}(" not in _definitions(code)]


def _definitions(code: str) -> str:
    return " ".join(re.findall(r"(?:function |^ +(?=\w+\(.*\) \{$))(\w+\()", code, re.M))


@frozen
class Stage:
    """ann runs the example, bob is there too."""

    users: Users
    ann: Person
    bob: Person
    hall: str
    directory: Path

    @asynccontextmanager
    async def running(self, example: Example, ids: Mapping[str, str]) -> AsyncIterator[Program]:
        """The example as a program of its own."""
        address = self.users.address.removeprefix("http://")
        code = _TOKEN.sub(self.ann.token, _ADDRESS.sub(address, example.text))
        for old, new in ids.items():
            code = re.sub(rf"(['\"]){re.escape(old)}\1", rf"\g<1>{new}\g<1>", code)
        if example.language == "python":
            command, env = interpreter(".py"), {}
        else:
            command = [*interpreter(".cjs"), "--require", str(PRELOAD)]
            env = {"STUBS": " ".join(undefined(code)), "TOKEN": self.ann.token}
        script = self.directory / ("example.py" if example.language == "python" else "example.cjs")
        script.write_text(code)
        async with running(*command, str(script), env=env, cwd=self.directory) as program:
            yield program


@pytest.fixture
async def stage(users: Users, tmp_path: Path) -> Stage:
    ann, bob = await users.people("ann", "bob")
    return Stage(users, ann, bob, await users.channel("hall", ann, bob), tmp_path)


async def heard(socket: Client, dialect: str, author: str) -> str:
    """What the author says next, as someone else hears it."""
    while not SAYS[dialect](frame := await socket.next()) or SAID[dialect](frame)[0] != author:
        pass
    return SAID[dialect](frame)[1]


async def frame(program: Program, **keys: object) -> Json:
    """What the example's socket got, by these values."""

    def wanted(line: str) -> bool:
        if not line.startswith("<frame>"):
            return False
        frame = json.loads(line.removeprefix("<frame>"))
        return all(frame.get(key) == value for key, value in keys.items())

    return json.loads((await program.line(wanted)).removeprefix("<frame>"))


def test_every_client_is_run() -> None:
    """A document that gains one is noticed here."""
    found = {name: [e.language for e in examples(name) if e.is_client] for name in NAMES}
    assert found == {
        "chats": ["javascript", "python"],
        "room": [],
        "lobby": ["javascript", "javascript"],
        "channels": ["javascript", "python"],
        "conversations": ["js"],
    }


@pytest.mark.parametrize("language", [pytest.param("javascript", marks=needs_node), "python"])
async def test_chats_client(stage: Stage, language: str) -> None:
    """It subscribes, sends, and shows what it gets, its own message too."""
    (example,) = clients("chats", language)
    ids = {"chat-uuid-1": stage.hall}
    async with stage.users.socket("chats", stage.bob) as bob:
        await bob.request({"action": "subscribe", "chat_ids": [stage.hall]})
        async with stage.running(example, ids) as program:
            text = await heard(bob, "chats", "ann")
            await program.line(lambda line: text in line)
            await stage.users.post(stage.bob, stage.hall, "and this from bob")
            await program.line(lambda line: "and this from bob" in line)
    assert any("subscribe_response" in line for line in program.said)
    assert any("message_response" in line for line in program.said)
    assert not any("'error'" in line or '"error"' in line for line in program.said)


@needs_node
async def test_lobby_connection(stage: Stage) -> None:
    example, _ = clients("lobby", "javascript")
    async with stage.users.socket("channels", stage.bob) as bob:
        async with stage.running(example, {}) as program:
            await program.line(lambda line: line == "<open>")
            status = await bob.until(type="user_status")
            assert (status["user_id"], status["status"]) == (stage.ann.uuid, "online")
        assert not any(line.startswith("<close>") for line in program.said)


@needs_node
async def test_lobby_client(stage: Stage) -> None:
    """It creates a room, lists rooms, joins one and says something in it."""
    _, example = clients("lobby", "javascript")
    async with stage.users.socket("lobby", stage.bob) as bob:
        await bob.send({"type": "join_room", "data": {"room_id": stage.hall}})
        await bob.until(type="join", user_email="bob@example.com")
        async with stage.running(example, {"room-uuid": stage.hall}) as program:
            assert (await bob.next())["content"] == "ann@example.com joined the room"
            text = await heard(bob, "lobby", "ann")
            created = await frame(program, type="room_created")
            listed = await frame(program, type="rooms_list")
            assert created["data"]["id"] in [room["id"] for room in listed["data"]]
            assert (await frame(program, type="text"))["content"] == text
            await program.line(lambda line: text in line and not line.startswith("<"))
    names = [created["data"]["name"], text]
    own = "\n".join(line for line in program.said if not line.startswith("<"))
    assert all(name in own for name in names)
    assert not any('"type":"error"' in line for line in program.said)


@needs_node
async def test_channels_client_in_javascript(stage: Stage) -> None:
    """It joins, and hands new messages, typing and status to the page around it."""
    (example,) = clients("channels", "javascript")
    stubs = undefined(example.text)
    assert len(stubs) == 3
    async with stage.running(example, {"channel-uuid": stage.hall}) as program:
        assert (await frame(program, type="channel_joined"))["channel_id"] == stage.hall
        async with stage.users.socket("channels", stage.bob) as bob:
            await stage.users.post(stage.bob, stage.hall, "for the page")
            await bob.send(
                {"type": "typing_indicator", "channel_id": stage.hall, "is_typing": True}
            )
            for name in stubs:
                await program.line(lambda line, name=name: line.startswith(f"<{name}>"))  # type: ignore[misc]
    called = [
        json.loads(line.partition(">")[2])
        for line in program.said
        if line[1:].startswith(tuple(stubs))
    ]
    assert [stage.bob.uuid, True] in called
    assert [stage.bob.uuid, "online"] in called
    assert "for the page" in [args[0]["content"] for args in called if isinstance(args[0], dict)]


async def test_channels_client_in_python(stage: Stage) -> None:
    (example,) = clients("channels", "python")
    async with stage.running(example, {"channel-uuid": stage.hall}) as program:
        await program.line(lambda line: "channel_joined" in line and stage.hall in line)
        await stage.users.post(stage.bob, stage.hall, "for all")
        await program.line(lambda line: "new_message" in line and "for all" in line)
    assert "connection_established" in program.said[0]


@needs_node
async def test_conversations_connection(stage: Stage) -> None:
    (example,) = clients("conversations", "js")
    async with stage.users.socket("channels", stage.bob) as bob:
        async with stage.running(example, {}) as program:
            await program.line(lambda line: line == "<open>")
            status = await bob.until(type="user_status")
            assert (status["user_id"], status["status"]) == (stage.ann.uuid, "online")
        assert not any(line.startswith("<close>") for line in program.said)
