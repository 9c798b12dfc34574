"""Kinds of events have names of their own on disk, and one of another version is passed over."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import apsw
import pytest
from attrs import evolve

from tests.store.archive.test_round_trip import CHECKS, exported, imported, rows_of
from tests.store.contract.overviews import unread
from tests.store.ledger import Ledger, members_of, numbers
from tests.store.populated import populated
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Room
from trichat.store.log import Stale
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.sqlite.checking import verify
from trichat.store.sqlite.kinds import KINDS

# What databases hold: a name here is never another's, and never goes.
ON_DISK = {
    "said": e.Said,
    "edited": e.Edited,
    "deleted": e.Deleted,
    "reacted": e.Reacted,
    "unreacted": e.Unreacted,
    "admitted": e.Admitted,
    "left": e.Left,
    "changed": e.RoomChanged,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trichat.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(path, offload=Inline)
    yield store
    await store.aclose()


def add_unknown(path: Path, room_id: int, count: int = 1) -> None:
    """As a version that knows more would have written it."""
    with apsw.Connection(str(path)) as db:
        for _ in range(count):
            db.execute(
                "UPDATE rooms SET last_seq = last_seq + 1, last_at = last_at + 1 WHERE id = ?",
                (room_id,),
            )
            db.execute(
                "INSERT INTO events (room_id, seq, kind, at, data)"
                " SELECT id, last_seq, 'painted', last_at, '{\"colour\":\"red\"}' FROM rooms"
                " WHERE id = ?",
                (room_id,),
            )


def test_the_names_on_disk_are_those_of_before() -> None:
    assert {kind.name: kind.event for kind in KINDS} == ON_DISK


def test_every_event_has_a_kind() -> None:
    classes = set(e.Numbered.__subclasses__())
    assert {kind.event for kind in KINDS} == classes - {e.Unknown}


async def test_what_is_written_has_these_names(path: Path) -> None:
    await populated(path)
    with apsw.Connection(str(path)) as db:
        found = {str(kind) for (kind,) in db.execute("SELECT DISTINCT kind FROM events")}
    assert found == set(ON_DISK)


async def a_log(store: SqliteStore, path: Path) -> tuple[Ledger, Room]:
    """What is known, twice what is not, and what is known again."""
    ledger = Ledger(store)
    alice, bob = await ledger.people("alice", "bob")
    room = await ledger.room(alice, bob)
    await ledger.say(room, alice, "before")
    add_unknown(path, room.id, 2)
    await ledger.say(room, alice, "after, @bob")
    return ledger, room


def kinds(events: Iterable[e.RoomEvent]) -> list[type]:
    return [type(event) for event in events]


async def test_a_log_is_read_over_it(store: SqliteStore, path: Path) -> None:
    _, room = await a_log(store, path)
    events = await store.log(room.id, 0, -1)
    assert kinds(events) == [e.Admitted, e.Admitted, e.Said, e.Unknown, e.Unknown, e.Said]
    assert numbers(events) == [1, 2, 3, 4, 5, 6]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert kinds(await store.log(room.id, 3, 1)) == [e.Unknown]
    assert (await store.heads([room.id]))[room.id] == (6, events[-1].at)
    bob = await store.user_by_name("bob")
    assert bob is not None
    assert await store.admission(room.id, bob.id, 0) == 2
    assert await store.admission(room.id, bob.id, 3) is None


async def test_it_takes_its_number_and_changes_nothing_else(store: SqliteStore, path: Path) -> None:
    """Of the room's state, as of what is read from tables."""
    ledger, room = await a_log(store, path)
    state = await store.load(room.id)
    assert state is not None
    members = {**state.members}
    add_unknown(path, room.id)
    for event in await store.log(room.id, state.seq, -1):
        state.fold(event)
    assert (state.seq, state.members) == (7, members)
    assert [user.username for user in await members_of(store, room.id)] == ["alice", "bob"]
    messages, head = await store.history(room.id, limit=9)
    assert ([message.text for message in messages], head) == (["before", "after, @bob"], 7)
    bob = await store.user_by_name("bob")
    assert bob is not None
    assert await unread(store, bob) == [True]
    await ledger.do(room, (bob, c.Leave()))
    assert numbers(await store.log(room.id, 7, -1)) == [8]


async def test_who_did_not_know_of_it_is_told(store: SqliteStore, path: Path) -> None:
    ledger = Ledger(store)
    alice = await ledger.person("alice")
    room = await ledger.room(alice)
    late = await ledger.commit_of(room, (alice, c.Say("late")))
    add_unknown(path, room.id)
    stale = await ledger.write(late)
    assert isinstance(stale, Stale)
    assert kinds(stale.missing) == [e.Unknown]
    await ledger.write(evolve(late, expected_seq=2))
    assert kinds(await store.log(room.id, 1, -1)) == [e.Unknown, e.Said]


async def test_it_is_exported_and_imported_as_it_stands(tmp_path: Path, path: Path) -> None:
    await populated(path)
    add_unknown(path, 1)
    with apsw.Connection(str(path)) as db:
        verify(db, str(path))
    lines = exported(path)
    assert [row["data"] for row in rows_of(lines) if row.get("kind") == "painted"] == [
        '{"colour":"red"}'
    ]
    new = imported(lines, tmp_path / "new.db", checks=CHECKS)
    assert exported(new) == lines
    store = await SqliteStore.open(new, offload=Inline)
    *_, last = await store.log(1, 0, -1)
    assert isinstance(last, e.Unknown)
    await store.aclose()
