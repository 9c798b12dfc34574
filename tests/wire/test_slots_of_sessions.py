"""The slots of sessions: clear whenever nothing waits, and closed before the socket is."""

import socket
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.dialects.speech import DIALECTS, heard, text_of, texts
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person
from tests.wire.scripted import ScriptedLink, lost, open_bench
from trichat.core.answers import Done
from trichat.core.commands import Say
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.listener import Batch, Slot
from trichat.wire.link import Broken, Pause, Received, let_others_run
from trichat.wire.session import Session


async def say(server: ChatServer, place: NamedRoom, by: Person, text: str) -> None:
    room = await server.runtime.directory.find(place.uuid)
    assert room is not None
    assert isinstance(await server.runtime.directory.request(room, Say(text), by.user), Done)


async def told_directly(
    server: ChatServer, place: NamedRoom, by: Person, client: Client, dialect: str
) -> tuple[bool, Any]:
    """Whether what somebody else says is written to Bob's socket directly, and the frame of it."""
    bob = await server.runtime.store.user_by_name("bob")
    assert bob is not None
    (session,) = server.runtime.connections.of(bob.id)
    assert isinstance(session, Session)
    was, puts = session.put, []

    def put(batch: Batch) -> None:
        puts.append(batch)
        was(batch)

    session.put = put
    await say(server, place, by, "said")
    told = await heard(client, dialect)
    assert texts(told, dialect) == ["said"]
    session.put = was
    (frame,) = [frame for frame in told if text_of(frame, dialect)]
    return not puts, frame


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_who_listens_is_written_to_directly(
    server: ChatServer, ann: Person, dialect: str
) -> None:
    bob = await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    await say(server, place, ann, "before")
    async with server.socket(dialect, bob, place.name) as client:
        await place.entered(client, dialect)
        directly, frame = await told_directly(server, place, ann, client, dialect)
        assert directly
        assert "cursor" not in frame
        if dialect != "channels":
            await client.send(place.message(dialect, "their own"))
            if dialect != "room":  # there `heard` is refused itself
                await client.send(place.message(dialect, ""))
            await heard(client, dialect)
            directly, _ = await told_directly(server, place, ann, client, dialect)
            assert directly


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_so_is_who_resumes(server: ChatServer, ann: Person, dialect: str) -> None:
    """Each frame of an event tells them where it stands: the same bytes for all who resume."""
    bob = await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    await say(server, place, ann, "before")
    async with server.socket(dialect, bob, place.name, resume="1") as client:
        await place.entered(client, dialect)
        for _ in range(2):
            directly, frame = await told_directly(server, place, ann, client, dialect)
            assert directly
            assert "cursor" in frame


class Closing(ScriptedLink):
    """fails: its next read does. at_end: where its session's slot led when it was closed."""

    slot: Slot

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.fails = False
        self.at_end: list[int | None] = []

    async def receive(self, pause: Pause = let_others_run) -> Received:
        received = await super().receive(pause)
        if self.fails:
            raise RuntimeError("broken")
        return received

    async def close(self, code: int, reason: str = "") -> None:
        self.at_end.append(self.slot.descriptor)
        await super().close(code, reason)

    def abort(self) -> None:
        self.at_end.append(self.slot.descriptor)
        super().abort()


@pytest.mark.parametrize(
    "how",
    ["closes", "vanishes", "breaks", "fails", "is ended", "is drained", "is cancelled", "is lost"],
)
async def test_the_slot_is_closed_before_the_socket_is(
    autojump_clock: MockClock, tmp_path: Path, how: str
) -> None:
    """The descriptor's number may be another connection's as soon as it is."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        async with open_bench(tmp_path) as bench, trio.open_nursery() as nursery:
            link = Closing(ours.fileno())
            session = bench.session(link, "lobby", await bench.user("ann"))
            link.slot = session.slot
            nursery.start_soon(session.run)
            await wait_all_tasks_blocked()
            assert session.slot.descriptor == ours.fileno()
            match how:
                case "closes":
                    link.hears_close()
                case "vanishes":
                    link.hears(lost())
                case "breaks":
                    link.hears(Broken(1002))
                case "fails":
                    link.fails = True
                    link.hears_close()
                case "is ended":
                    session.end(DisconnectReason.REVOKED)
                case "is drained":
                    session.drain()
                case "is cancelled":
                    nursery.cancel_scope.cancel()
                case "is lost":
                    link.aborted = True
                    session.outbox.answer(b"x")
            await link.ended.wait()
            assert link.at_end == [None]
            await wait_all_tasks_blocked()
            assert session.slot.descriptor is None
