"""What the benchmark puts into trichat's database is what trichat itself would find there."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import trio
from attrs import evolve
from bench.audience import MARKER, Audience, payload
from bench.dialects import SPEECHES
from bench.peer import Seat
from bench.peers.visitor import Visitor
from bench.seeding import Stock
from bench.trichat import CONFIG, speeches

from bench import seeding
from tests.server import open_chat_server
from tests.store.ledger import members_of
from trichat.settings import Settings, load
from trichat.store.sqlite import SqliteStore

ROOMS = Audience("pair", rooms=3, members=2, talkers=1)


def _seeded(folder: Path, audiences: Sequence[Audience], stock: Stock) -> Path:
    source = seeding.seeded(folder / "cache", audiences, stock)
    target = folder / "trichat.db"
    seeding.copy(source, target)
    return target


def _settings(folder: Path) -> Settings:
    """Those of the benchmark, in this folder."""
    config = folder / "trichat.toml"
    config.write_text(CONFIG)
    settings = load(config, environ={})
    return evolve(settings, server=evolve(settings.server, port=0, data=folder))


async def test_users_rooms_members_and_messages_are_as_the_store_writes_them(
    tmp_path: Path,
) -> None:
    stock = Stock(users=4, rooms=2, histories=(("pair", 9),), messages=6)
    path = _seeded(tmp_path, (ROOMS,), stock)
    world = seeding.read(path, (ROOMS,))
    store = await SqliteStore.open(path)
    try:
        assert len(await store.all_users()) == 6 + 4
        hall = world.rooms["pair"][1]
        members = await members_of(store, hall.id)
        assert [user.username for user in members] == ["user00001", "user00004"]
        messages, head = await store.history(hall.id, limit=10)
        assert (len(messages), head) == (3, 2 + 3)
        assert (messages[0].id, messages[-1].id) == seeding.message_ids(path, hall)
        assert [event.seq for event in await store.log(hall.id, 0, 10)] == [1, 2, 3, 4, 5]
        state = await store.load(hall.id)
        assert state is not None
        assert state.seq == 5
    finally:
        await store.aclose()


def test_a_database_is_made_once(tmp_path: Path) -> None:
    first = seeding.seeded(tmp_path, (ROOMS,))
    made = first.stat().st_mtime_ns
    assert seeding.seeded(tmp_path, (ROOMS,)) == first
    assert first.stat().st_mtime_ns == made
    assert seeding.seeded(tmp_path, (evolve(ROOMS, members=3),)) != first


@pytest.mark.parametrize("dialect", [name for name in SPEECHES if name != "channels"])
async def test_each_dialect_is_spoken_so_that_the_server_understands(
    dialect: str, tmp_path: Path
) -> None:
    """Whoever has had the frames they wait for is in the room; their message is heard by all."""
    audience = Audience("mixed", rooms=1, members=2, dialects=(dialect, "channels"))
    path = _seeded(tmp_path, (audience,), Stock())
    speech = speeches(seeding.read(path, (audience,)), (audience,))
    text = payload(200)

    def talk(port: int) -> tuple[bytes, bytes]:
        sender, other = (Visitor(port, speech("mixed", s), s) for s in audience.seats())
        sender.say(text)
        for visitor in (sender, other):
            visitor.hear(MARKER)
            visitor.close()
        return sender.heard, other.heard

    async with open_chat_server(_settings(tmp_path)) as server:
        port = int(server.address.rpartition(":")[2])
        with trio.fail_after(20):
            heard, other = await trio.to_thread.run_sync(partial(talk, port))
    assert MARKER in heard
    assert b'"new_message"' in other


def test_a_message_is_as_long_as_was_asked_for() -> None:
    hall = seeding.Hall(7, "0192c6e0-0000-7000-8000-000000000000", "hall")
    for name, speech in SPEECHES.items():
        if name != "channels":
            seat = Seat(0, 0)
            assert len(speech(hall, "token").message(seat, payload(300))) == 300
