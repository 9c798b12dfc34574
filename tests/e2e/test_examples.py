"""The programs in examples/ chat with each other, in all five dialects and both languages."""

import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.e2e.certificates import certificate
from tests.e2e.launching import launched, serve
from tests.e2e.programs import BOTH_LANGUAGES, needs_node
from tests.e2e.rooms import ProgramsRoom, chatter, open_programs_room
from tests.e2e.users import DIALECTS, Person, Users, users_of
from tests.server import NEW_KEY


@needs_node
@pytest.mark.parametrize(("listening", "speaking"), [(".js", ".py"), (".py", ".js")])
async def test_everyone_hears_everyone(users: Users, listening: str, speaking: str) -> None:
    """Five listeners in one language, then five speakers, one after another, in the other."""
    ann, bob = await users.people("ann", "bob")
    room = await open_programs_room(users, ann, bob)
    said = [f"said in {dialect}" for dialect in DIALECTS]
    async with AsyncExitStack() as stack:
        listeners = [
            await stack.enter_async_context(room.program(dialect, listening, ann))
            for dialect in DIALECTS
        ]
        for listener in listeners:
            await listener.notes("connected")
        for dialect, text in zip(DIALECTS, said, strict=True):
            async with room.program(dialect, speaking, bob) as speaker:
                await speaker.type(text)
                await speaker.close_input()
                assert await speaker.ended() == 0
        for listener in listeners:
            await listener.chats(said[-1])
            assert chatter(listener) == [("bob", text) for text in said]
            assert await listener.end(signal.SIGINT) == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_the_end_of_the_input_ends_it_when_all_is_stored(users: Users, suffix: str) -> None:
    """As in `echo hello | python chats.py …`; with --listen it stays."""
    ann, bob = await users.people("ann", "bob")
    room = await open_programs_room(users, ann, bob)
    async with room.program("chats", suffix, bob, "--listen") as listener:
        await listener.close_input()
        for dialect in DIALECTS:
            async with room.program(dialect, suffix, ann) as program:
                texts = [f"{dialect} one", f"{dialect} zwei ☺", f"  {dialect} three  "]
                await program.type(*texts, "", " \t")
                await program.close_input()
                assert await program.ended() == 0, program.said
                assert (await users.history(ann, room.uuid))[-3:] == texts
            await listener.chats(texts[-1])
        assert await listener.end(signal.SIGINT) == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_what_cannot_be_shown_is_not(users: Users, suffix: str) -> None:
    """A message moves no cursor and forges no line."""
    ann, bob = await users.people("ann", "bob")
    room = await open_programs_room(users, ann, bob)
    async with room.program("channels", suffix, ann) as program:
        await program.notes("connected")
        await users.post(bob, room.uuid, "a\x1b[2Jb\nann: c\x9b")
        await program.chats("c\N{REPLACEMENT CHARACTER}")
        (line,) = [line for line in program.said if line.startswith("bob")]
    assert line == "bob: a\ufffd[2Jb\ufffdann: c\ufffd"


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_a_room_is_made_and_a_conversation_begun(users: Users, suffix: str) -> None:
    """What a newcomer without any id can do."""
    ann, bob = await users.people("ann", "bob")
    room = ProgramsRoom("", 0, "", users.address)
    async with room.program("lobby", suffix, ann, "--create", "A new room", room=()) as program:
        await program.notes("made the room ")
        await program.type("hello")
        await program.chats("hello")
        assert await program.end() == 0
    number = str(await users.user_number(bob, ann))
    async with (
        users.socket("conversations", bob) as bobs,
        room.program("conversations", suffix, ann, room=("--with", number)) as program,
    ):
        await program.type("hello")
        assert (await bobs.until(type="chat.message"))["message"]["content"] == "hello"
        await program.chats("hello")
        assert await program.end() == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_an_api_key_opens_the_lobby(users: Users, suffix: str) -> None:
    (ann,) = await users.people("ann")
    room = await open_programs_room(users, ann)
    made = await users.call(ann, "POST", "/api/v1/auth/keys", NEW_KEY)
    key = Person("ann", ann.uuid, made["key"])
    async with room.program("lobby", suffix, key, "--key") as program:
        await program.type("by key")
        assert await program.chats("by key") == "ann@example.com: by key"
        assert await program.end() == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_an_example_over_tls(tmp_path: Path, suffix: str) -> None:
    """wss and https, by the address alone."""
    secure = certificate(tmp_path)
    async with launched(serve(tmp_path / "data", *secure.options)) as server:
        address = server.address.replace("127.0.0.1", "localhost")
        async with users_of(address, secure.trusting) as users:
            (ann,) = await users.people("ann")
            room = ProgramsRoom(await users.channel("hall", ann), 0, "hall", users.address)
            async with room.program("channels", suffix, ann, env=secure.environment) as program:
                await program.type("hello")
                await program.chats("hello")
                assert await program.end() == 0


REFUSED = {
    "chats": "no access to the chat ",
    "room": "the room is private, or full (close code 4003)",
    "lobby": "not joined: unauthorized",
    "channels": "Access denied to channel: User is not a member of this private channel",
    "conversations": "Conversation not found",
}


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_what_will_not_pass_ends_it(users: Users, suffix: str) -> None:
    """A bad token, a room that is not ours: a line that says so, a non-zero exit code."""
    nobody = Person("nobody", "", "no.such.token")
    ann, bob = await users.people("ann", "bob")
    room = await open_programs_room(users, ann, private=True)
    for dialect, reason in REFUSED.items():
        for by, words in ((nobody, "the token is wrong or "), (bob, reason)):
            async with room.program(dialect, suffix, by) as program:
                assert await program.ended() == 1, dialect
            *before, last = program.said
            assert words in last, (dialect, program.said)
            assert all(line.startswith("* no history of this chat") for line in before)


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
@pytest.mark.parametrize("typed", [(), ("one", "two")])
async def test_a_server_that_is_not_there(suffix: str, typed: tuple[str, ...]) -> None:
    """It tries on until Ctrl-C, and says what was not sent."""
    room = ProgramsRoom("", 1, "hall", "http://127.0.0.1:1")
    nobody = Person("nobody", "", "token")
    async with room.program("room", suffix, nobody) as program:
        await program.type(*typed)
        await program.notes("trying again in ", times=3)
        assert await program.end(signal.SIGINT) == (1 if typed else 0)
    assert ("* not sent: 2 of what was typed" in program.said) == bool(typed)
