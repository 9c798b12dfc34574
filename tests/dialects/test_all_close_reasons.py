"""Whatever ends a socket says why in its close frame: every reason there is, in every dialect that
has it, is brought about here (all-22).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.dialects.closes import EARLY, table
from tests.dialects.speech import DIALECTS, NO_SUCH
from tests.wire.scripted import START, Bench, ScriptedLink, open_bench
from trichat.auth.providererrors import KeysNotKnownError
from trichat.core.commands import Leave
from trichat.core.model import Kind, Room, User
from trichat.dialects.disconnects import MAX_REASON, DisconnectReason
from trichat.settings import Limits, Rooms, Settings
from trichat.store.health import StoreError
from trichat.store.rooms import CreateRoom
from trichat.web.endpoints import Endpoints
from trichat.web.sockets import serve
from trichat.wire.link import Broken, Link

PER_USER, BAD_FRAMES = 3, 4
SETTINGS = Settings(
    limits=Limits(connections_per_user=PER_USER, bad_frames=BAD_FRAMES, outbox_bytes=131_072),
    rooms=Rooms(max_created=1),
)


@define(eq=False)
class Peer:
    """An upgrade request, and what became of it."""

    query: Mapping[str, str]
    headers: Mapping[str, str]
    path: str = "/"
    peer: str = "192.0.2.1"
    link: ScriptedLink = field(factory=ScriptedLink)
    refused: tuple[int, str] | None = None

    async def accept(self) -> Link:
        await trio.lowlevel.checkpoint()
        return self.link

    async def refuse(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        await trio.lowlevel.checkpoint()
        self.refused = status, json.loads(body)["detail"]

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        await session()


@define(eq=False)
class Stage:
    """One dialect of a server, and somebody who comes to it."""

    bench: Bench
    dialect: str
    ann: User
    patch: pytest.MonkeyPatch

    def knocks(self, *, room: str = "hall", headers: Any = (), **query: str) -> Peer:
        """By the door: with this query."""
        peer = Peer(query, dict(headers))
        endpoint = self.bench.endpoint(self.dialect, room)
        self.bench.nursery.start_soon(serve, self.bench.runtime, endpoint, peer)
        return peer

    async def inside(self, *, room: str = "hall", **identity: Any) -> ScriptedLink:
        """Her session, which has begun if it can."""
        link = self.bench.connect(self.dialect, self.ann, room=room, **identity)
        await wait_all_tasks_blocked()
        return link

    @property
    def token(self) -> str:
        return self.bench.runtime.accounts.token(self.ann)

    async def broken(self, code: int) -> ScriptedLink:
        link = await self.inside()
        link.hears(Broken(code))
        return link

    async def says(self, *frames: Any) -> ScriptedLink:
        link = await self.inside()
        for frame in frames:
            link.says(frame)
        return link


async def _undecided(stage: Stage) -> Peer:
    class Unreachable:
        create = False

        async def verify(self, token: str) -> None:
            raise KeysNotKnownError(5)

    stage.patch.setattr(stage.bench.runtime.accounts, "_provider", Unreachable())
    return stage.knocks(token="somebody else's")


async def _revoked(stage: Stage) -> ScriptedLink:
    link = await stage.inside(login="phone")
    stage.bench.runtime.connections.end_login(stage.ann.id, "phone")
    return link


async def _key_revoked(stage: Stage) -> ScriptedLink:
    link = await stage.inside(key_id=7)
    stage.bench.runtime.connections.revoke_key(7)
    return link


async def _barred(stage: Stage) -> ScriptedLink:
    link = await stage.inside()
    stage.bench.runtime.connections.suspend(stage.ann.id)
    return link


async def _expired(stage: Stage) -> ScriptedLink:
    link = await stage.inside(expires_at=START / 1000 + 20)
    await trio.sleep(21)
    return link


async def _key_expired(stage: Stage) -> ScriptedLink:
    link = await stage.inside(key_id=7, expires_at=START / 1000 + 20)
    await trio.sleep(21)
    return link


async def _room_ended(stage: Stage) -> ScriptedLink:
    room_factory, directory = stage.bench.runtime.room_factory, stage.bench.runtime.directory
    room = await room_factory.open_channel(stage.ann, "ended", None, private=True)
    assert isinstance(room, Room)
    await directory.request(room, Leave(), stage.ann)
    return await stage.inside(room="ended")


async def _too_many_rooms(stage: Stage) -> ScriptedLink:
    await stage.inside(room="one")
    return await stage.inside(room="another")


async def _not_stored(stage: Stage) -> ScriptedLink:
    store = stage.bench.runtime.store
    stock = store.write

    async def full(writes: Any) -> Any:
        if any(isinstance(write, CreateRoom) for write in writes):
            raise StoreError("the disk is full")
        return await stock(writes)

    stage.patch.setattr(store, "write", full)
    return await stage.inside(room="fresh")


async def _not_admitted(stage: Stage) -> ScriptedLink:
    await stage.bench.room(await stage.bench.user("bob"), "secret", private=True)
    return await stage.inside(room="secret")


async def _full(stage: Stage) -> ScriptedLink:
    bob, carl = await stage.bench.user("bob"), await stage.bench.user("carl")
    room = await stage.bench.runtime.room_factory.open_lobby_room(
        bob, "small", Kind.PUBLIC, 2, (carl.uuid,)
    )
    assert isinstance(room, Room)
    return await stage.inside(room=room.uuid)


async def _crowded(stage: Stage) -> Peer:
    for _ in range(PER_USER):
        await stage.inside()
    return stage.knocks(token=stage.token)


async def _too_slow(stage: Stage) -> ScriptedLink:
    link = await stage.inside()
    link.stuck = True
    for _ in range(10):
        for session in stage.bench.runtime.connections.of(stage.ann.id):
            session.end(DisconnectReason.TOO_SLOW)  # as its outbox does (tests/wire/test_outbox.py)
    link.reads_again()
    return link


async def _silent(stage: Stage) -> ScriptedLink:
    link = await stage.inside()
    await trio.sleep(70)
    return link


async def _closed(stage: Stage) -> ScriptedLink:
    link = await stage.inside()
    link.hears_close()
    return link


async def _going_away(stage: Stage) -> ScriptedLink:
    link = await stage.inside()
    stage.bench.nursery.start_soon(stage.bench.runtime.drain)
    return link


async def _storage_failed(stage: Stage) -> Peer:
    async def failing(*args: Any) -> None:
        await trio.lowlevel.checkpoint()
        raise StoreError("the disk is gone")

    token = stage.token
    stage.patch.setattr(stage.bench.runtime.store, "token_status", failing)
    return stage.knocks(token=token)


async def _failed(stage: Stage) -> ScriptedLink:
    async def raises(session: object) -> None:
        await trio.lowlevel.checkpoint()
        raise ValueError("a fault of ours")

    link = ScriptedLink()
    session = stage.bench.session(link, stage.dialect, stage.ann)
    stage.patch.setattr(session, "_greet", raises)
    stage.bench.nursery.start_soon(session.run)
    return link


async def _knock(stage: Stage, **shown: Any) -> Peer:
    await trio.lowlevel.checkpoint()
    return stage.knocks(**shown)


BROUGHT_ABOUT: Mapping[str, Callable[[Stage], Awaitable[Peer | ScriptedLink]]] = {
    "TOKEN_MISSING": lambda stage: _knock(stage),
    "TOKEN_INVALID": lambda stage: _knock(stage, token="nonsense"),
    "TOKEN_EXPIRED": _expired,
    "TICKET_INVALID": lambda stage: _knock(stage, ticket="tct_nonsense"),
    "KEY_INVALID": lambda stage: _knock(stage, headers={"x-api-key": "tck_nonsense"}),
    "UNDECIDED": _undecided,
    "REVOKED": _revoked,
    "KEY_REVOKED": _key_revoked,
    "KEY_EXPIRED": _key_expired,
    "BARRED": _barred,
    "NAME_INVALID": lambda stage: stage.inside(room="a\1b"),
    "NO_ROOM": lambda stage: stage.inside(room=NO_SUCH),
    "ROOM_ENDED": _room_ended,
    "TOO_MANY_ROOMS": _too_many_rooms,
    "NOT_STORED": _not_stored,
    "NOT_ADMITTED": _not_admitted,
    "FULL": _full,
    "CROWDED": _crowded,
    "FLOOD": lambda stage: stage.broken(1008),
    "NONSENSE": lambda stage: stage.says(*["nonsense" for _ in range(10)]),
    "BROKEN_FRAME": lambda stage: stage.broken(1002),
    "NOT_UTF8": lambda stage: stage.broken(1007),
    "TOO_BIG": lambda stage: stage.broken(1009),
    "NOT_JSON": lambda stage: stage.says("{"),
    "NOT_AN_OBJECT": lambda stage: stage.says("[]"),
    "NOT_TEXT": lambda stage: stage.says(b"{}"),
    "SILENT": _silent,
    "TOO_SLOW": _too_slow,
    "CLOSED": _closed,
    "GOING_AWAY": _going_away,
    "STORAGE_FAILED": _storage_failed,
    "FAILED": _failed,
}


@pytest.mark.parametrize(
    ("dialect", "why"), [(dialect, why) for dialect in DIALECTS for why in table(dialect)]
)
async def test_all_22_whatever_ends_a_socket_says_why(
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    dialect: str,
    why: str,
) -> None:
    if (dialect, why) == ("chats", "NONSENSE"):  # what is no JSON ends it at once there
        frames = [{"action": "dance"} for _ in range(BAD_FRAMES)]
        bring_about: Any = lambda stage: stage.says(*frames)  # noqa: E731
    else:
        bring_about = BROUGHT_ABOUT[why]
    async with open_bench(tmp_path, SETTINGS) as bench:
        came = await bring_about(Stage(bench, dialect, await bench.user("ann"), monkeypatch))
        await trio.sleep(5)
        link = came.link if isinstance(came, Peer) else came
        if dialect == "lobby" and why in EARLY:
            assert isinstance(came, Peer)
            assert came.refused == (EARLY[why], table(dialect)[why][1])
        else:
            assert (link.closed, link.reason) == table(dialect)[why]


def test_all_22_there_is_no_other_reason_and_each_fits_into_a_frame() -> None:
    endpoints = Endpoints(Settings())
    known: set[DisconnectReason] = set()
    for endpoint in (*endpoints.fixed.values(), endpoints.room("hall")):
        dialect = endpoint.dialect
        known |= set(dialect.codes)
        expected = {name: code for name, (code, _) in table(dialect.name).items()}
        assert {each.name: code for each, code in dialect.codes.items()} == expected
        assert len(endpoint.words(DisconnectReason.TOKEN_MISSING).encode()) <= MAX_REASON
    assert known == set(DisconnectReason)
    for each in DisconnectReason:
        assert len(each.reason.encode()) <= MAX_REASON
        assert each.reason.isascii()
        assert each.about
        assert bool(each.reason) or each is DisconnectReason.CLOSED
