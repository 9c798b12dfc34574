"""A mistyped address costs nobody anything: a room made by connecting in which nothing was said is
forgotten once it is empty (all-24).
"""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench
from trichat.core.answers import Done
from trichat.core.commands import Delete, Join, Leave, Say
from trichat.core.events import Said
from trichat.core.model import Room, User
from trichat.core.refusals import NoSuchRoom, Taken, TooManyRooms
from trichat.runtime.silentreaper import EMPTY_ROOMS_KEPT
from trichat.settings import Rooms, Settings
from trichat.store.ends import ForgetRoom

pytestmark = pytest.mark.promise("all-24")

TTL = 1200.0
SETTINGS = Settings(rooms=Rooms(empty_ttl=TTL, max_created=3, max_created_per_hour=0))


async def visit(bench: Bench, user: User, name: str, *said: str) -> Room | None:
    """Somebody connects, says this and goes; the room that it was."""
    link = bench.connect("room", user, room=name)
    await wait_all_tasks_blocked()
    for text in said:
        link.says({"message": text})
    await wait_all_tasks_blocked()
    link.hears_close()
    await link.ended.wait()
    await wait_all_tasks_blocked()
    return await bench.runtime.store.room_by_handle(name)


async def stay(bench: Bench, user: User, name: str, resume: str | None = None) -> ScriptedLink:
    link = bench.connect("room", user, room=name, resume=resume)
    await wait_all_tasks_blocked()
    return link


async def there(bench: Bench, room: Room) -> bool:
    found = await bench.runtime.store.room(room.id)
    return found is not None


async def rows_of(bench: Bench, room: Room) -> int:
    return len(await bench.runtime.store.log(room.id, 0, -1))


async def past_ttl() -> None:
    await trio.sleep(TTL * 1.1)
    await wait_all_tasks_blocked()


async def test_an_hour_after_the_last_visit_nothing_is_left(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    assert Rooms().empty_ttl == 3600
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        room = await visit(bench, ann, "genral")
        assert room is not None
        await trio.sleep(TTL - 1)
        await wait_all_tasks_blocked()
        assert await there(bench, room)
        await trio.sleep(TTL * 0.1)
        await wait_all_tasks_blocked()
        assert not await there(bench, room)
        assert await bench.runtime.store.open_rooms(kind=None, user_id=ann.id) == []
        anew = await visit(bench, ann, "genral")
        assert anew is not None
        assert anew.id > room.id  # an id is never given again


async def test_each_visit_begins_the_time_anew(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        room = await visit(bench, ann, "genral")
        assert room is not None
        for _ in range(3):
            await trio.sleep(TTL * 0.9)
            assert await visit(bench, bob, "genral") == room
        await past_ttl()
        assert not await there(bench, room)


async def test_what_was_said_in_or_belongs_to_somebody_stays(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        said = await visit(bench, ann, "said", "something")
        joined = await visit(bench, ann, "joined")
        assert said is not None
        assert joined is not None
        await bench.runtime.directory.request(joined, Join(), bob)
        await past_ttl()
        assert await there(bench, said)
        assert await there(bench, joined)
        await bench.runtime.directory.request(joined, Leave(), bob)
        assert await visit(bench, bob, "joined") == joined
        await past_ttl()
        assert not await there(bench, joined)
        assert await rows_of(bench, joined) == 0


async def test_a_room_that_stays_is_there_all_the_while(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who writes to it over REST meets a moment in which it is not found."""
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        room = await visit(bench, ann, "said", "something")
        assert room is not None
        retired: list[int] = []
        stock = bench.runtime.directory.retire

        def retire(room: Room) -> bool:
            retired.append(room.id)
            return stock(room)

        monkeypatch.setattr(bench.runtime.directory, "retire", retire)
        silent, joined = await visit(bench, ann, "silent"), await visit(bench, ann, "joined")
        assert silent is not None
        assert joined is not None
        await bench.runtime.directory.request(joined, Join(), ann)
        await past_ttl()
        assert retired == [silent.id]


async def test_a_room_that_is_being_forgotten_takes_nothing_any_more(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Who found it before is told that it is not there; if it stays, it takes again."""
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, directory = await bench.user("ann"), bench.runtime.directory
        room = await visit(bench, ann, "genral")
        assert room is not None
        await trio.sleep(TTL / 2)  # its actor has gone
        assert directory.retire(room)
        assert await directory.request(room, Say("x"), ann) == NoSuchRoom()
        directory.reinstate(room)
        assert isinstance(await directory.request(room, Join(), ann), Done)


async def test_what_was_said_and_taken_back_was_said(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        room = await visit(bench, ann, "said")
        assert room is not None
        directory = bench.runtime.directory
        await directory.request(room, Join(), ann)
        said = await directory.request(room, Say("something"), ann)
        assert isinstance(said, Done)
        (event,) = said.events
        assert isinstance(event, Said)
        await directory.request(room, Delete(event.message.uuid), ann)
        await directory.request(room, Leave(), ann)
        assert await visit(bench, ann, "said") == room
        await past_ttl()
        assert await there(bench, room)


async def test_who_is_in_it_keeps_it(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        link = await stay(bench, ann, "genral")
        room = await bench.runtime.store.room_by_handle("genral")
        assert room is not None
        for _ in range(100):
            await trio.sleep(20)
            link.says({"type": "ping"})
        assert await there(bench, room)
        assert link.closed is None


async def test_its_name_bars_nothing_once_it_is_empty(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        old = await visit(bench, ann, "genral")
        assert old is not None
        link = await stay(bench, bob, "genral")
        made = await bench.runtime.room_factory.open_channel(ann, "genral", None, private=True)
        assert made == Taken("handle")  # bob is there
        link.hears_close()
        await link.ended.wait()
        await wait_all_tasks_blocked()
        made = await bench.runtime.room_factory.open_channel(ann, "genral", None, private=True)
        assert isinstance(made, Room)
        assert not await there(bench, old)
        assert (await stay(bench, bob, "genral")).closed == 4003


async def test_it_counts_for_nobody_from_its_last_visitor_s_leaving(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        for number in range(20):
            assert await visit(bench, ann, f"typo {number}") is not None
        links = [await stay(bench, ann, f"here {number}") for number in range(3)]
        assert [link.closed for link in links] == [None] * 3
        further = await stay(bench, ann, "further")
        assert (further.closed, further.reason) == (4000, "room not created: too many rooms")
        made = await bench.runtime.room_factory.open_channel(ann, "rest", None, private=False)
        assert made == TooManyRooms()
        assert await visit(bench, bob, "typo 1") is not None  # it is there, and counts for nobody
        links[0].hears_close()
        await links[0].ended.wait()
        await wait_all_tasks_blocked()
        made = await bench.runtime.room_factory.open_channel(ann, "rest", None, private=False)
        assert isinstance(made, Room)


async def test_what_was_empty_when_the_server_ended_is_forgotten_by_the_next(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        rooms = [await visit(bench, ann, f"typo {number}") for number in range(3)]
    async with open_bench(tmp_path, SETTINGS) as bench:
        await wait_all_tasks_blocked()
        made = await bench.runtime.room_factory.open_channel(ann, "rest", None, private=False)
        assert isinstance(made, Room)  # they count for nothing here too
        made = await bench.runtime.room_factory.open_channel(ann, "typo 1", None, private=False)
        assert isinstance(made, Room)
        await past_ttl()
        for room in rooms:
            assert room is not None
            assert not await there(bench, room)


async def test_who_made_a_room_and_never_came_does_not_keep_it(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        room = await bench.runtime.room_factory.room_named("genral", ann)
        assert isinstance(room, Room)
        made = await bench.runtime.room_factory.open_channel(ann, "genral", None, private=False)
        assert made == Taken("handle")  # ann is about to come
        await past_ttl()
        assert not await there(bench, room)


async def test_a_crowd_of_empty_rooms_is_not_kept_for_its_time(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        for number in range(EMPTY_ROOMS_KEPT + 20):
            await visit(bench, ann, f"typo {number}")
        await trio.sleep(5)
        await wait_all_tasks_blocked()
        rooms = await bench.runtime.store.silent()
        assert [room.handle for room in rooms] == [
            f"typo {n}" for n in range(20, EMPTY_ROOMS_KEPT + 20)
        ]


# -- while it is being forgotten


async def test_who_connects_while_it_is_being_forgotten_is_in_a_room_that_stays(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        old = await visit(bench, ann, "genral")
        assert old is not None
        gate = Gate(bench.runtime.store, "write")
        await past_ttl()
        assert gate.reached.is_set()
        link = await stay(bench, bob, "genral")
        assert link.closed is None
        gate.opened.set()
        await wait_all_tasks_blocked()
        assert (await link.text(0))["users"] == [{"id": bob.uuid, "username": "bob"}]
        link.says({"message": "anybody?"})
        await wait_all_tasks_blocked()
        anew = await bench.runtime.store.room_by_handle("genral")
        assert anew is not None
        assert anew.id != old.id
        assert [m.text for m in (await bench.runtime.store.history(anew.id, limit=9))[0]] == [
            "anybody?"
        ]


async def test_who_found_it_before_it_was_forgotten_makes_it_anew(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """It is looked up, then forgotten, and only then entered."""
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        old = await visit(bench, ann, "genral")
        assert old is not None
        stock = bench.runtime.store.room_by_handle
        gate = Gate(bench.runtime.store, "room_by_handle", behind=True)
        link = await stay(bench, bob, "genral")
        assert gate.reached.is_set()
        await past_ttl()
        assert not await there(bench, old)
        gate.opened.set()
        await wait_all_tasks_blocked()
        assert link.closed is None
        anew = await stock("genral")
        assert anew is not None
        assert [user.id for user, _ in bench.runtime.audiences.present(anew.id)] == [bob.id]


async def test_a_room_that_could_not_be_forgotten_is_tried_again(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        old = await visit(bench, ann, "genral")
        assert old is not None
        with monkeypatch.context() as patch:

            async def broken(*_: object) -> object:
                raise RuntimeError("no")

            patch.setattr(bench.runtime.store, "write", broken)
            await past_ttl()
        assert await visit(bench, ann, "genral") == old
        await past_ttl()
        assert not await there(bench, old)


async def test_a_role_in_it_keeps_it(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        room = await visit(bench, ann, "genral")
        assert room is not None
        bench.runtime.store._writer.execute(  # type: ignore[attr-defined]
            "INSERT INTO grants (uuid, user_id, role, room_id, at)"
            " VALUES ('x', 1, 'MODERATOR', ?, 1)",
            (room.id,),
        )
        assert await bench.runtime.storage.submit(ForgetRoom(room.id)) is False


async def test_a_cursor_of_a_forgotten_room_is_a_gap(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, SETTINGS) as bench:
        ann = await bench.user("ann")
        link = await stay(bench, ann, "genral", "1")
        cursor = (await link.text(1))["cursor"]
        link.hears_close()
        await link.ended.wait()
        await past_ttl()
        link = await stay(bench, ann, "genral", cursor)
        kinds = [frame["type"] for frame in link.texts]
        assert kinds == ["room_users_list", "gap", "cursor", "user_join"]
        assert link.texts[2]["cursor"] != cursor
        for dialect in ("channels", "conversations"):
            other = bench.connect(dialect, ann, resume=cursor)
            await wait_all_tasks_blocked()
            assert any(cursor.split(".")[0] in frame.get("unknown", ()) for frame in other.texts)
