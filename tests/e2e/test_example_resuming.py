"""The programs examples/resuming.* miss nothing, show nothing twice, have nothing stored twice."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trio
from attrs import evolve

from tests.e2e.launching import PATIENCE, Launched, launched, serve
from tests.e2e.programs import BOTH_LANGUAGES
from tests.e2e.rooms import chatter, open_programs_room
from tests.e2e.users import Users, users_of
from tests.e2e.wire import wire

SMALL = {"TRICHAT_LIMITS_REPLAY": "5"}


@asynccontextmanager
async def serving(data: Path, port: int = 0) -> AsyncIterator[tuple[Launched, Users]]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            launched(serve(data, "--port", str(port)), env=SMALL)
        )
        yield server, await stack.enter_async_context(users_of(server.address))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_an_end_of_the_server(data: Path, suffix: str, end: signal.Signals) -> None:
    """What was stored but not answered is sent again, and stored once; what others said meanwhile,
    at a server of the same data at another port, is told before what is live.
    """
    async with serving(data) as (_, users):
        ann, bob = await users.people("ann", "bob")
        room = await open_programs_room(users, ann, bob)
        await users.post(bob, room.uuid, "before")
    async with wire("http://127.0.0.1:1") as line, AsyncExitStack() as stack:
        room = evolve(room, address=line.address)
        program = await stack.enter_async_context(room.program("resuming", suffix, ann))
        async with serving(data) as (server, users):
            line.port = int(server.address.rpartition(":")[2])
            await program.notes("connected")
            await users.post(bob, room.uuid, "live")
            await program.chats("live")
            line.lose("down")
            await program.type("unanswered", "typed behind it")
            with trio.fail_after(PATIENCE):
                while "unanswered" not in await users.history(ann, room.uuid):
                    pass
            server.process.send_signal(end)
            assert await server.ended() == (0 if end is signal.SIGTERM else -end)
            line.port = 1
            line.cut()
            await program.notes("trying again")
        async with serving(data) as (server, users):
            for text in ("missed 1", "missed 2"):
                await users.post(bob, room.uuid, text)
            line.port = int(server.address.rpartition(":")[2])
            await program.chats("typed behind it")
            await users.post(bob, room.uuid, "last")
            await program.chats("last")
            history = await users.history(ann, room.uuid)
            assert await program.end(signal.SIGINT) == 0
    said = ["before", "live", "unanswered", "missed 1", "missed 2", "typed behind it", "last"]
    assert history == said
    assert [text for _, text in chatter(program)] == said
    assert not any("history" in note for note in program.said)


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_more_was_missed_than_is_told_again(data: Path, suffix: str) -> None:
    """The gap: the history has it, and the cursor goes on behind that."""
    async with AsyncExitStack() as stack:
        server, users = await stack.enter_async_context(serving(data))
        ann, bob = await users.people("ann", "bob")
        line = await stack.enter_async_context(wire(server.address))
        room = evolve(await open_programs_room(users, ann, bob), address=line.address)
        program = await stack.enter_async_context(room.program("resuming", suffix, ann))
        await program.notes("connected")
        said: list[str] = []
        for missed in (10, 3):
            there, line.port = line.port, 1
            before = sum("trying again" in note for note in program.said)
            line.cut()
            await program.notes("trying again", times=before + 1)
            for _ in range(missed):
                said.append(f"text {len(said)}")
                await users.post(bob, room.uuid, said[-1])
            line.port = there
            await program.chats(said[-1])
            await program.type(f"answer to {said[-1]}")
            said.append(f"answer to {said[-1]}")
            await program.chats(said[-1])
        assert await program.end(signal.SIGINT) == 0
        assert [text for _, text in chatter(program)] == said
        assert sum("reading the history" in note for note in program.said) == 1


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_tickets_open_its_connections_and_its_cursor_goes_along(
    users: Users, suffix: str
) -> None:
    """Another ticket each time, and no token in any address."""
    ann, bob = await users.people("ann", "bob")
    async with wire(users.address) as line:
        room = evolve(await open_programs_room(users, ann, bob), address=line.address)
        async with room.program("resuming", suffix, ann) as program:
            for time in (1, 2):
                await program.notes("connected", times=time)
                await users.post(bob, room.uuid, f"said {time}")
                await program.chats(f"said {time}")
                line.cut()
            await program.notes("connected", times=3)
            assert await program.end(signal.SIGINT) == 0
    targets = [request.split(b" ")[1].decode() for request in line.requests]
    queries = [
        parse_qs(urlsplit(target).query) for target in targets if target.startswith("/chats/ws")
    ]
    assert len(queries) == 3
    assert len({ticket for query in queries for ticket in query["ticket"]}) == 3
    assert [query["resume"] == ["1"] for query in queries] == [True, False, False]
    assert not any(ann.token in target for target in targets)
