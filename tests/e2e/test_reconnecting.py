"""The programs in examples/ outlive the server's ends, and miss and double nothing they could."""

import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import trio
from attrs import evolve

from tests.e2e.launching import PATIENCE, Launched, command, launched, serve
from tests.e2e.programs import BOTH_LANGUAGES, Program
from tests.e2e.rooms import ProgramsRoom, chatter, open_programs_room
from tests.e2e.users import DIALECTS, Person, Users, users_of
from tests.e2e.wire import wire

# Those that can tell by the history whether a text had arrived, and those that cannot.
RECALLING, FORGETFUL = ("chats", "channels", "conversations"), ("room", "lobby")

Programs = dict[str, Program]


@asynccontextmanager
async def all_five(room: ProgramsRoom, suffix: str, by: Person) -> AsyncIterator[Programs]:
    """A program of each dialect."""
    async with AsyncExitStack() as stack:
        programs = {
            dialect: await stack.enter_async_context(room.program(dialect, suffix, by))
            for dialect in DIALECTS
        }
        yield programs


async def connected(programs: Programs, times: int = 1) -> None:
    for program in programs.values():
        await program.notes("connected", times=times)


async def end_all(programs: Programs) -> None:
    for dialect, program in programs.items():
        assert await program.end(signal.SIGINT) == 0, (dialect, program.said[-20:])


def typed(dialect: str, when: str) -> str:
    return f"by {dialect} {when}"


async def all_type(programs: Programs, when: str) -> list[str]:
    for dialect, program in programs.items():
        await program.type(typed(dialect, when))
    return [typed(dialect, when) for dialect in programs]


async def hear(programs: Programs, *texts: str) -> None:
    for program in programs.values():
        for text in texts:
            await program.chats(text)


async def away(programs: Programs, server: Launched, end: signal.Signals) -> None:
    """End the server, and wait until all have noticed."""
    before = {
        dialect: sum("trying again" in line for line in program.said)
        for dialect, program in programs.items()
    }
    server.process.send_signal(end)
    assert await server.ended() == (0 if end is signal.SIGTERM else -end)
    for dialect, program in programs.items():
        await program.notes("trying again", times=before[dialect] + 1)


async def said_meanwhile(data: Path, by: Person, room: ProgramsRoom, text: str) -> None:
    """On a server at another port, so that no program hears it when it is said."""
    async with launched(serve(data)) as server, users_of(server.address) as users:
        await users.post(by, room.uuid, text)


@asynccontextmanager
async def serving(data: Path, port: str) -> AsyncIterator[tuple[Launched, Users]]:
    async with launched(serve(data, "--port", port)) as server, users_of(server.address) as users:
        yield server, users


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_a_restart(data: Path, suffix: str) -> None:
    """After a kill -9 and after a drain: what was typed meanwhile and what others said arrives,
    once. The lobby has no history: there one hears what is said from the return on.
    """
    async with serving(data, "0") as (server, users):
        port = server.address.rpartition(":")[2]
        ann, bob = await users.people("ann", "bob")
        room = await open_programs_room(users, ann, bob)

    async with all_five(room, suffix, ann) as programs:
        remembering = {key: programs[key] for key in programs if key != "lobby"}
        async with serving(data, port) as (server, users):
            await connected(programs)
            await users.post(bob, room.uuid, "first")
            await hear(programs, "first")
            await away(programs, server, signal.SIGKILL)
        assert any("close code 1006" in line for line in programs["room"].said)
        texts = ["first", "missed", *await all_type(programs, "after the kill")]
        await said_meanwhile(data, bob, room, "missed")

        async with serving(data, port) as (server, users):
            await hear(remembering, *texts)
            await programs["lobby"].chats(typed("lobby", "after the kill"))
            await away(programs, server, signal.SIGTERM)
        assert any("close code 1001" in line for line in programs["room"].said)
        texts += await all_type(programs, "after the drain")

        async with serving(data, port) as (_, users):
            await hear(remembering, *texts)
            await programs["lobby"].chats(typed("lobby", "after the drain"))
            await users.post(bob, room.uuid, "last")
            await hear(programs, "last")
            texts.append("last")
            history = await users.history(ann, room.uuid)
            await end_all(programs)
    assert Counter(history) == Counter(texts)
    for program in remembering.values():
        assert [text for _, text in chatter(program)] == history
    heard = [text for _, text in chatter(programs["lobby"])]
    assert set(heard) >= {"first", "last"}
    assert [text for text in history if text in heard] == heard


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_what_was_under_way_when_the_line_broke(users: Users, suffix: str) -> None:
    """Once if that can be known; else it is not sent again, and said to be doubtful."""
    ann, bob = await users.people("ann", "bob")
    async with wire(users.address) as line:
        room = evolve(await open_programs_room(users, ann, bob), address=line.address)
        async with all_five(room, suffix, ann) as programs:
            await connected(programs)
            line.lose("down")
            texts = await all_type(programs, "stored")
            with trio.fail_after(PATIENCE):
                while len(await users.history(ann, room.uuid)) < len(texts):
                    pass
            line.cut()
            await connected(programs, times=2)

            line.lose("up")
            await all_type(programs, "lost")
            await line.lost_of(len(programs))
            line.cut()
            await connected(programs, times=3)

            texts += [typed(dialect, "lost") for dialect in RECALLING]
            texts += await all_type(programs, "after all")
            await hear(programs, *(typed(dialect, "after all") for dialect in programs))
            history = await users.history(ann, room.uuid)
            await end_all(programs)
    assert Counter(history) == Counter(texts)
    for dialect in (*RECALLING, "room"):
        assert [text for _, text in chatter(programs[dialect])] == history, dialect
    for dialect, program in programs.items():
        doubts = [line for line in program.said if "perhaps not sent" in line]
        expected = [typed(dialect, when) for when in ("stored", "lost") if dialect in FORGETFUL]
        assert doubts == [f"* perhaps not sent: {text}" for text in expected]


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_more_is_typed_than_is_kept(users: Users, suffix: str) -> None:
    """While nobody is there: then the input waits, and nothing is lost or out of order."""
    (ann,) = await users.people("ann")
    texts = [f"line {number}" for number in range(250)]
    async with wire(users.address) as line:
        room = evolve(await open_programs_room(users, ann), address=line.address)
        there, line.port = line.port, 1
        async with room.program("conversations", suffix, ann) as program:
            await program.notes("trying again", times=2)
            await program.type(*texts)
            await program.close_input()
            await program.notes("trying again", times=4)
            line.port = there
            assert await program.ended() == 0, program.said[-20:]
    assert await users.history(ann, room.uuid) == texts


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_more_was_missed_than_a_page(users: Users, suffix: str) -> None:
    ann, bob = await users.people("ann", "bob")
    async with wire(users.address) as line, AsyncExitStack() as stack:
        room = evolve(await open_programs_room(users, ann, bob), address=line.address)
        opened = [room.program(dialect, suffix, ann) for dialect in RECALLING]
        programs = {
            dialect: await stack.enter_async_context(program)
            for dialect, program in zip(RECALLING, opened, strict=True)
        }
        await connected(programs)
        await users.post(bob, room.uuid, "first")
        await hear(programs, "first")
        there, line.port = line.port, 1
        line.cut()
        for program in programs.values():
            await program.notes("trying again")
        texts = ["first", *(f"missed {number}" for number in range(120))]
        for text in texts[1:]:
            await users.post(bob, room.uuid, text)
        line.port = there
        await connected(programs, times=2)
        await users.post(bob, room.uuid, "last")
        await hear(programs, "last")
        await end_all(programs)
        for program in programs.values():
            assert [text for _, text in chatter(program)] == [*texts, "last"]


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_a_line_that_is_dead_without_having_closed(users: Users, suffix: str) -> None:
    """It is noticed, in a connection and in the making of one."""
    (ann,) = await users.people("ann")
    async with wire(users.address) as line:
        room = evolve(await open_programs_room(users, ann), address=line.address)
        async with room.program("room", suffix, ann, "--heartbeat", "1.5") as program:
            await program.notes("connected")
            line.lose("down")
            await program.notes("trying again", times=2)
            line.cut()
            await program.notes("connected", times=2)
            assert await program.end(signal.SIGINT) == 0


@pytest.mark.parametrize("suffix", BOTH_LANGUAGES)
async def test_who_is_put_out_does_not_come_again(data: Path, users: Users, suffix: str) -> None:
    """A suspension closes with 1008 or 4001: the programs say so and end."""
    ann, bob = await users.people("ann", "bob")
    assert (await command("user", "role", "bob", "ADMIN", "--data", str(data)))[0] == 0
    room = await open_programs_room(users, ann)
    async with all_five(room, suffix, ann) as programs:
        await connected(programs)
        path = f"/api/v1/admin/users/{ann.uuid}/suspend"
        await users.call(bob, "POST", path, {"user_id": ann.uuid, "reason": "rest"})
        for dialect, program in programs.items():
            assert await program.ended() == 1
            code = 4001 if dialect in ("room", "conversations") else 1008
            assert program.said[-1].startswith("* the token is wrong or ")
            assert program.said[-1].endswith(f"(close code {code})")
