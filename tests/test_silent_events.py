"""A server goes on over events that have no frames, which another process writes beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.dialects.keeping import Keeper, gaps
from tests.dialects.speech import DIALECTS, texts
from tests.dialects.talks import come, say, stay, talking
from tests.server import ChatServer, open_chat_server, settings_for
from tests.store.ledger import Ledger
from tests.store.test_kinds import add_unknown
from trichat.core.model import Origin
from trichat.store.ends import ArchiveRoom, NoteVisited
from trichat.store.rooms import Changed, UpdateRoom
from trichat.store.sqlite import Inline, SqliteStore


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "trichat.db"


@pytest.fixture
async def server(database: Path) -> AsyncIterator[ChatServer]:
    async with open_chat_server(settings_for(database.parent)) as server:
        yield server


@pytest.fixture
async def beside(server: ChatServer, database: Path) -> AsyncIterator[SqliteStore]:
    """Another process's store."""
    store = await SqliteStore.open(database, offload=Inline)
    yield store
    await store.aclose()


Happening = Callable[[SqliteStore, Path, int], Awaitable[object]]


async def unknown(store: SqliteStore, database: Path, room_id: int) -> None:
    add_unknown(database, room_id, 3)


async def change(store: SqliteStore, database: Path, room_id: int) -> None:
    seq, at = (await store.heads([room_id]))[room_id]
    (changed,) = await store.write([UpdateRoom(room_id, None, at, {"description": f"by {seq}"})])
    assert isinstance(changed, Changed)
    assert changed.events


@pytest.mark.parametrize("happens", [unknown, change])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_is_said_is_heard_and_what_was_missed_is_told_again(
    server: ChatServer, beside: SqliteStore, database: Path, dialect: str, happens: Happening
) -> None:
    """While the room's actor is at work, and while nobody is there."""
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    async with server.socket(dialect, bob, "hall", resume="1") as client:
        await come(client, place, keeper)
        await say(server, ann, place, "one")
        await happens(beside, database, place.number)
        await say(server, ann, place, "two")
        heard = await keeper.hear(client)
        assert texts(heard, dialect) == ["one", "two"]
        await client.abort()
    await say(server, ann, place, "three")
    await happens(beside, database, place.number)
    await say(server, ann, place, "four")
    missed = await stay(server, bob, place, keeper)
    assert (texts(missed, dialect), gaps(missed)) == (["three", "four"], [])
    events = await server.runtime.store.log(place.number, 0, -1)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_an_actor_at_work_decides_upon_the_room_as_it_has_become(
    server: ChatServer, beside: SqliteStore
) -> None:
    ann, _, place = await talking(server)
    cat = await server.person("cat")
    await say(server, ann, place, "one")

    async def seats(number: int) -> None:
        write = UpdateRoom(place.number, ann.user, 1, {"max_users": number})
        (changed,) = await beside.write([write])
        assert isinstance(changed, Changed)

    async def join() -> int:
        body = {"channel_id": place.uuid}
        return (await server.rest(cat, "POST", "/channels/join", body))[0]

    await seats(2)
    assert await join() == 400
    await seats(3)
    await say(server, ann, place, "two")  # a refusal is decided upon what the actor knows
    assert await join() == 200


async def test_in_a_room_that_another_archived_nothing_happens(
    server: ChatServer, beside: SqliteStore
) -> None:
    ann = await server.person("ann")
    room = await Ledger(beside).room(ann.user, origin=Origin.LOBBY, title="den")

    async def say() -> int:
        body = {"content": "hello", "channel_id": room.uuid}
        return (await server.rest(ann, "POST", "/messages/", body))[0]

    assert await say() == 200
    later = (await beside.heads([room.id]))[room.id][1] + 1
    _, archived = await beside.write(
        [NoteVisited(((room.id, 1),)), ArchiveRoom(room.id, later, later)]
    )
    assert isinstance(archived, Changed)
    assert await say() == 403
    assert await say() == 403
