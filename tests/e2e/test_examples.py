"""The programs in examples/ chat with each other, in all five dialects and both languages."""

import json
import signal
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.e2e.certificates import certificate
from tests.e2e.frames import READY, SAID, SAYS
from tests.e2e.launching import launched, serve
from tests.e2e.people import DIALECTS, Person, Town, town
from tests.e2e.programs import BOTH_LANGUAGES, EXAMPLES, Program, interpreter, needs_node, running
from tests.house import PATHS


def messages(dialect: str, program: Program) -> list[tuple[str, str]]:
    """Who said what, of all that the program has printed."""
    frames = [json.loads(line) for line in program.said]
    return [SAID[dialect](frame) for frame in frames if SAYS[dialect](frame)]


@frozen
class Hall:
    """A room, by all its names."""

    here: Town
    uuid: str
    number: int

    def program(
        self, dialect: str, suffix: str, by: Person, *options: str
    ) -> AbstractAsyncContextManager[Program]:
        room = {"room": "hall", "conversations": str(self.number)}.get(dialect, self.uuid)
        script = str(EXAMPLES / f"{dialect}{suffix}")
        words = [*interpreter(suffix), script, self.here.address, by.token, room, *options]
        return running(*words)


async def open_hall(here: Town, *people: Person) -> Hall:
    channel = await here.channel("hall", *people)
    return Hall(here, channel, await here.number(people[0]))


@needs_node
@pytest.mark.parametrize(("listening", "speaking"), [(".js", ".py"), (".py", ".js")])
async def test_everyone_hears_everyone(here: Town, listening: str, speaking: str) -> None:
    """Five listeners in one language, then five speakers, one after another, in the other."""
    ann, bob = await here.people("ann", "bob")
    hall = await open_hall(here, ann, bob)
    said = [("bob", f"said in {dialect}") for dialect in DIALECTS]
    async with AsyncExitStack() as stack:
        listeners = {
            dialect: await stack.enter_async_context(hall.program(dialect, listening, ann))
            for dialect in DIALECTS
        }
        for dialect, listener in listeners.items():
            await listener.frame(**READY[dialect])
        for dialect, (_, text) in zip(DIALECTS, said, strict=True):
            async with hall.program(dialect, speaking, bob, "--say", text) as speaker:
                await speaker.line(lambda line, text=text: text in line)  # type: ignore[misc]
                assert await speaker.end(signal.SIGINT) == 0
        for dialect, listener in listeners.items():
            await listener.line(lambda line: said[-1][1] in line)
            assert messages(dialect, listener) == said
            assert await listener.end() == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_an_example_ends_after_so_many_frames(here: Town, suffix: str) -> None:
    (ann,) = await here.people("ann")
    hall = await open_hall(here, ann)
    async with hall.program("chats", suffix, ann, "--say", "one", "--frames", "3") as program:
        assert await program.ended() == 0
    assert [json.loads(line) for line in program.said] == [
        {
            "action": "subscribe_response",
            "results": [{"chat_id": hall.uuid, "status": "success"}],
        },
        {"action": "message_response", "status": "success"},
        {"from": "ann", "message": "one", "chat_id": hall.uuid},
    ]


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_a_room_is_made_and_a_conversation_begun(here: Town, suffix: str) -> None:
    """What a newcomer without any id can do."""
    ann, bob = await here.people("ann", "bob")
    url = here.address
    lobby = [*interpreter(suffix), str(EXAMPLES / f"lobby{suffix}"), url, ann.token]
    async with running(*lobby, "--create", "A new room", "--say", "hello") as program:
        assert (await program.frame(type="room_created"))["data"]["name"] == "A new room"
        assert (await program.frame(type="text"))["content"] == "hello"
        assert await program.end() == 0
    number = str(await here.user_number(bob, ann))
    talk = [*interpreter(suffix), str(EXAMPLES / f"conversations{suffix}"), url, ann.token]
    async with (
        here.socket("conversations", bob) as bobs,
        running(*talk, "--with", number, "--say", "hello") as program,
    ):
        await program.frame(type="chat.message")
        assert (await bobs.until(type="chat.message"))["message"]["content"] == "hello"
        assert await program.end() == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_an_example_over_tls(tmp_path: Path, suffix: str) -> None:
    """wss and https, by the address alone."""
    secure = certificate(tmp_path)
    async with launched(serve(tmp_path / "data", *secure.options)) as server:
        address = server.address.replace("127.0.0.1", "localhost")
        async with town(address, secure.trusting) as here:
            (ann,) = await here.people("ann")
            channel = await here.channel("hall", ann)
            script = str(EXAMPLES / f"channels{suffix}")
            words = [script, address, ann.token, channel, "--say", "hello"]
            async with running(*interpreter(suffix), *words, env=secure.environment) as program:
                said = await program.frame(type="new_message")
                assert said["data"]["content"] == "hello"
                assert await program.end() == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_a_bad_token_is_an_error(here: Town, suffix: str, capfd: Any) -> None:
    """In every dialect: a line that says so, no traceback, a non-zero exit code."""
    nobody = Person("nobody", "", "no.such.token")
    (ann,) = await here.people("ann")
    hall = await open_hall(here, ann)
    for dialect in PATHS:
        async with hall.program(dialect, suffix, nobody) as program:
            assert await program.ended() == 1, dialect
        complaint = capfd.readouterr().err
        assert complaint.strip(), dialect
        assert "Traceback" not in complaint, dialect
        assert "    at " not in complaint, dialect


@pytest.mark.promise("channels-18")
async def test_the_test_client(here: Town) -> None:
    """channels-18"""
    (ann,) = await here.people("ann")
    await here.channel("hall", ann)
    script = str(EXAMPLES.parent / "test_websocket.py")
    url = f"{here.address.replace('http', 'ws', 1)}/ws"
    async with running(*interpreter(".py"), script, ann.token, "--url", url) as program:
        assert await program.ended() == 0
    types = [json.loads(line)["type"] for line in program.said]
    assert [type_ for type_ in types if type_ != "user_status"] == [
        "connection_established",
        "pong",
        "channel_joined",
        "online_users",
    ]


@pytest.mark.promise("channels-18")
async def test_the_test_client_refuses_in_a_line(here: Town, capfd: Any) -> None:
    """A bad token, and a server that is not there."""
    script = str(EXAMPLES.parent / "test_websocket.py")
    served = f"{here.address.replace('http', 'ws', 1)}/ws"
    for url, words in ((served, "refused the token"), ("ws://127.0.0.1:1/ws", "no channels API")):
        async with running(*interpreter(".py"), script, "bad", "--url", url) as program:
            assert await program.ended() == 1
        complaint = capfd.readouterr().err
        assert words in complaint
        assert complaint.count("\n") == 1
