"""Rooms end: those that nobody comes to any more (lobby-14), and private ones with their last
member (all-24).
"""

from attrs import evolve

from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.model import Kind, Origin, Room, User
from trichat.store.ends import ArchiveRoom, NoteVisited
from trichat.store.log import Committed, Stale
from trichat.store.port import Store
from trichat.store.rooms import Changed, Opened

LATER = NOW + 1_000_000_000


async def den(ledger: Ledger, owner: User, *invited: User, **fields: object) -> Room:
    """A room of the lobby that was visited when it was made."""
    made = await ledger.room(owner, *invited, **{"origin": Origin.LOBBY, "max_users": 9, **fields})
    assert await ledger.write(NoteVisited(((made.id, NOW),))) is True
    return made


class Ends:
    async def test_a_room_that_was_visited_long_ago_is_deserted(self, store: Store) -> None:
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await den(ledger, alice)
        await ledger.room(alice, origin=Origin.LOBBY)  # never visited
        await den(ledger, alice, kind=Kind.PRIVATE)
        await den(ledger, alice, bob)
        other = await ledger.room(alice)  # made by REST
        await ledger.write(NoteVisited(((other.id, NOW),)))
        assert await store.deserted(LATER) == [room]
        assert await store.deserted(NOW - 1) == []

    async def test_the_latest_visit_counts_and_so_does_what_was_done(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await den(ledger, alice)
        await ledger.write(NoteVisited(((room.id, LATER), (room.id, NOW))))
        assert await store.deserted(LATER - 1) == []
        quiet = await den(ledger, alice)
        said = (await ledger.say(quiet, alice, "still here"))[0]
        assert quiet not in await store.deserted(said.created_at - 1)
        assert quiet in await store.deserted(said.created_at)

    async def test_archived_it_is_gone_and_its_log_is_kept(self, store: Store) -> None:
        ledger = Ledger(store)
        alice = await ledger.person("alice")
        room = await den(ledger, alice)
        await ledger.say(room, alice, "kept")
        write = ArchiveRoom(room.id, LATER, LATER + 1)
        changed = await ledger.write(write)
        assert isinstance(changed, Changed)
        assert changed.room == evolve(room, archived_at=LATER + 1)
        (event,) = changed.events
        assert (event.room, event.by, event.changes) == (
            changed.room, None, {"archived_at": LATER + 1},
        )  # fmt: skip
        (*_, last) = await store.log(room.id, 0, -1)
        assert last == event
        assert await ledger.write(write) is False
        assert await store.room_by_uuid(room.uuid) is None
        assert await store.open_rooms(kind=None, user_id=alice.id) == []
        assert await store.admissions(alice.id) == []
        assert await store.load(room.id) is None
        messages, _ = await store.history(room.id, limit=10)
        assert [message.text for message in messages] == ["kept"]
        again = ledger.create(alice, origin=Origin.LOBBY, limit=1)
        assert isinstance(await ledger.write(again), Opened)

    async def test_who_comes_in_between_keeps_it(self, store: Store) -> None:
        """The archive is decided behind every commit before it, and no commit follows it."""
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await den(ledger, alice)
        join = await ledger.commit_of(room, (bob, c.Join()))
        archive = ArchiveRoom(room.id, LATER, LATER)
        joined, archived = await store.write([join, archive])
        assert isinstance(joined, Committed)
        assert archived is False
        empty = await den(ledger, alice)
        join = await ledger.commit_of(empty, (bob, c.Join()))
        archived, joined = await store.write([ArchiveRoom(empty.id, LATER, LATER), join])
        assert isinstance(archived, Changed)
        assert joined == Stale(archived.events)

    async def test_a_private_room_ends_with_its_last_member(self, store: Store) -> None:
        """In the commit of their leaving, and its name is free for who makes another."""
        ledger = Ledger(store)
        alice, bob = await ledger.people("alice", "bob")
        room = await ledger.room(alice, bob, kind=Kind.PRIVATE, handle="cave")
        await ledger.do(room, (bob, c.Leave()))
        assert await store.room_by_handle("cave") == room
        left, changed = await ledger.do(room, (alice, c.Leave()))
        assert isinstance(left, e.Left)
        assert isinstance(changed, e.RoomChanged)
        assert changed.room == evolve(room, handle=None, archived_at=changed.at)
        assert (await store.log(room.id, 2, -1))[1:] == [
            evolve(left, room=changed.room), changed,
        ]  # fmt: skip
        assert await store.load(room.id) is None
        assert await store.was_borne("cave")
        assert isinstance(await ledger.write(ledger.create(bob, handle="cave")), Opened)
