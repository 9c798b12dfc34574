"""Between what is told again and what is live nothing is lost or doubled, whenever anything falls
in, and wherever a connection is cut.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.dialects.keeping import Keeper, gaps
from tests.dialects.speech import DIALECTS, texts
from tests.rooms import NamedRoom
from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench
from trichat.core.answers import Done
from trichat.core.commands import Add, Leave, Say
from trichat.core.cursor import parse, position
from trichat.core.model import Room, User
from trichat.runtime.delivery import Delivery
from trichat.runtime.rooms import Envelope, RoomActor
from trichat.settings import Limits, Settings
from trichat.store.health import StoreError
from trichat.wire.missed import PAGE

each = pytest.mark.parametrize("dialect", DIALECTS)
MOMENTS = range(9)  # more than there are reads of the store on the way in


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


class Scene:
    """Ann talks, Bob is a member of the hall and may come in."""

    def __init__(self, bench: Bench, ann: User, bob: User, room: Room) -> None:
        self.bench = bench
        self.ann = ann
        self.bob = bob
        self.room = room
        self.said: list[str] = []
        self.over = False  # whether nothing falls in any more

    async def say(self, *more: str) -> None:
        """The next message, committed and answered."""
        for text in more or (str(len(self.said)),):
            self.said.append(text)
            outcome = await self.bench.runtime.directory.request(self.room, Say(text), self.ann)
            assert isinstance(outcome, Done)

    async def say_at_once(self, *texts: str) -> None:
        """As one batch of the room's actor."""
        self.said += texts
        for text in texts:
            envelope = Envelope(Say(text), self.ann, lambda outcome: None)
            await self.bench.runtime.directory.send(self.room, envelope)
        await wait_all_tasks_blocked()

    async def cursor(self) -> str:
        """Of who has been told everything so far."""
        store = self.bench.runtime.store
        heads = await store.heads([self.room.id])
        return f"t.0~{position(self.room.id, *heads[self.room.id])}"

    def come(self, dialect: str, cursor: str) -> ScriptedLink:
        """Bob, on their way in."""
        link = self.bench.connect(dialect, self.bob, resume=cursor)
        hall = NamedRoom(self.room.uuid, self.room.id, "hall")
        if dialect == "chats":
            link.says({"action": "subscribe", "chat_ids": [hall.uuid]})
        elif dialect == "lobby":
            link.says({"type": "join_room", "data": {"room_id": hall.uuid}})
        return link


async def scene(bench: Bench) -> Scene:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    await bench.runtime.directory.request(room, Add(bob), ann)
    return Scene(bench, ann, bob, room)


def at_each_read(store: Any, happens: Callable[[], Awaitable[object]]) -> None:
    """Before and behind everything that is read of the log."""
    for method in ("heads", "log", "history_pages"):
        stock = getattr(store, method)

        async def between(*args: Any, stock: Any = stock, **kwargs: Any) -> Any:
            await happens()
            result = await stock(*args, **kwargs)
            await happens()
            return result

        setattr(store, method, between)


def heard(link: ScriptedLink, dialect: str, first: int = 0) -> tuple[Keeper, list[str]]:
    keeper = Keeper(dialect)
    for frame in link.texts[first:]:
        keeper.take(frame)
    return keeper, texts(keeper.frames, dialect)


@each
async def test_what_is_said_at_any_moment_of_coming_in_is_told_once(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    here = await scene(bench)
    await here.say()
    cursor, before = await here.cursor(), len(here.said)
    await here.say()
    moments: list[None] = []

    async def happens() -> None:
        if len(moments) < 8 and not here.over:
            moments.append(None)
            await here.say()

    at_each_read(bench.runtime.store, happens)
    link = here.come(dialect, cursor)
    await wait_all_tasks_blocked()
    assert len(moments) >= 4
    here.over = True
    await here.say()
    await wait_all_tasks_blocked()
    keeper, got = heard(link, dialect)
    assert got == here.said[before:]
    assert gaps(keeper.frames) == []
    assert keeper.positions[str(here.room.id)] == (await here.cursor()).partition("~")[2]


@each
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("late", [(RoomActor, "_deliver"), (Delivery, "drain")])
async def test_what_is_committed_at_any_moment_and_pushed_late_is_told_once(
    autojump_clock: MockClock,
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    dialect: str,
    moment: int,
    late: tuple[type, str],
) -> None:
    """late: what waits, before it is taken in or before it is fanned out."""
    here = await scene(bench)
    await here.say("loaded")
    cursor = await here.cursor()
    owner, step = late
    monkeypatch.setattr(owner, step, getattr(owner, step))  # to be there again afterwards
    held = Gate(owner, step)
    count = 0

    async def happens() -> None:
        nonlocal count
        if count == moment:
            await here.say("late")
        count += 1

    at_each_read(bench.runtime.store, happens)
    link = here.come(dialect, cursor)
    await wait_all_tasks_blocked()
    held.opened.set()
    await wait_all_tasks_blocked()
    if "late" not in here.said:
        await here.say("late")
        await wait_all_tasks_blocked()
    assert heard(link, dialect)[1] == ["late"]


@each
@pytest.mark.parametrize("moment", MOMENTS)
async def test_who_begins_without_a_cursor_is_told_all_behind_the_one_he_gets(
    autojump_clock: MockClock, bench: Bench, dialect: str, moment: int
) -> None:
    here = await scene(bench)
    await here.say("loaded")
    count = 0

    async def happens() -> None:
        nonlocal count
        if count == moment and not here.over:
            await here.say()
        count += 1

    at_each_read(bench.runtime.store, happens)
    link = here.come(dialect, "1")
    await wait_all_tasks_blocked()
    here.over = True
    await here.say()
    await wait_all_tasks_blocked()
    number = next(n for n, frame in enumerate(link.texts) if "cursor" in str(frame))
    first = Keeper(dialect)
    first.take(link.texts[number])
    cursor = parse(first.cursor)
    assert cursor is not None
    behind = await bench.runtime.store.log(here.room.id, cursor.positions[here.room.id].seq, -1)
    live = texts([Keeper(dialect).take(frame) for frame in link.texts[number + 1 :]], dialect)
    assert live == [event.message.text for event in behind]  # type: ignore[union-attr]


@each
async def test_wherever_a_connection_is_cut_the_next_tells_the_rest(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    """Also while it is told what it missed: a frame and its place come or go together."""
    here = await scene(bench)
    cursor = await here.cursor()
    await here.say("one", "two @bob", "three")
    link = here.come(dialect, cursor)
    await wait_all_tasks_blocked()
    await here.say_at_once("four", "five @bob @ann", "six")
    whole = [frame for frame in link.texts if _durable(frame)]
    link.hears_close()
    for cut in range(len(link.texts) + 1):
        keeper = Keeper(dialect)
        for position_ in cursor.split("~"):
            keeper.positions[position_.partition(".")[0]] = position_
        for frame in link.texts[:cut]:
            keeper.take(frame)
        rest = here.come(dialect, keeper.cursor)
        await wait_all_tasks_blocked()
        told = [*link.texts[:cut], *rest.texts]
        assert [frame for frame in told if _durable(frame)] == whole, cut
        assert gaps(told) == []
        rest.hears_close()
        await wait_all_tasks_blocked()


def whole(link: ScriptedLink) -> list[Any]:
    """The messages that a conversations client was sent, long ones too."""
    frames = [json.loads(part[part.index(b"{") :]) for part in link.wire if b"{" in part]
    return [frame for frame in frames if frame["type"] == "chat.message"]


def _durable(frame: Any) -> bool:
    """Whether it tells of an event of the log."""
    return "cursor" in frame and frame.get("type", frame.get("action")) not in (
        "cursor", "chat.cursor",
    )  # fmt: skip


@each
async def test_more_than_a_page_is_told_in_order(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    here = await scene(bench)
    cursor = await here.cursor()
    await here.say(*map(str, range(PAGE * 2 + 1)))
    link = here.come(dialect, cursor)
    await wait_all_tasks_blocked()
    assert heard(link, dialect)[1] == here.said


@each
async def test_a_log_that_cannot_be_read_ends_the_connection(
    autojump_clock: MockClock, bench: Bench, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await scene(bench)
    cursor = await here.cursor()
    await here.say()

    async def log(*args: Any) -> Any:
        raise StoreError("disk")

    monkeypatch.setattr(bench.runtime.store, "log", log)
    link = here.come(dialect, cursor)
    await link.ended.wait()
    assert link.closed == 1011
    assert heard(link, dialect)[1] == []


async def test_however_much_is_said_while_the_log_is_read_none_of_it_waits_in_memory(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    limits = Limits(outbox_bytes=131_072)
    async with open_bench(tmp_path, evolve(Settings(), limits=limits)) as bench:
        here = await scene(bench)
        cursor = await here.cursor()
        await here.say("missed")
        reading = Gate(bench.runtime.store, "log")
        link = here.come("conversations", cursor)
        await reading.reached.wait()
        await here.say(*[f"{number} " + "x" * 9000 for number in range(60)])  # four times as much
        await wait_all_tasks_blocked()
        (session,) = bench.runtime.connections.of(here.bob.id)
        assert session.waiting == 0
        reading.opened.set()
        await wait_all_tasks_blocked()
        assert [frame["message"]["content"] for frame in whole(link)] == here.said


async def test_who_is_put_out_while_he_is_told_what_he_missed_is_told_no_more(
    autojump_clock: MockClock, bench: Bench
) -> None:
    here = await scene(bench)
    cursor = await here.cursor()
    await here.say("missed")
    reading = Gate(bench.runtime.store, "log")
    link = here.come("chats", cursor)
    await reading.reached.wait()
    await here.say("held")
    bench.runtime.connections.expelled(here.bob.id, here.room)
    reading.opened.set()
    await wait_all_tasks_blocked()
    await here.say("live")
    await wait_all_tasks_blocked()
    assert heard(link, "chats")[1] == []


async def test_one_room_s_much_costs_no_other_room_its_little(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """And what is a gap is told in one frame."""
    async with open_bench(tmp_path, Settings(limits=Limits(replay=5))) as bench:
        here = await scene(bench)
        others = [await bench.room(here.ann, name) for name in ("much", "little")]
        for room in others:
            await bench.runtime.directory.request(room, Add(here.bob), here.ann)
        positions = await bench.runtime.store.heads([1, 2, 3])
        cursor = "~".join(["t.0", *(str(position(id_, *head)) for id_, head in positions.items())])
        for room, many in ((here.room, 6), (others[0], 4), (others[1], 2)):
            for number in range(many):
                say = Say(f"{room.id} {number}")
                await bench.runtime.directory.request(room, say, here.ann)
        link = bench.connect("conversations", here.bob, resume=cursor)
        await wait_all_tasks_blocked()
        keeper, got = heard(link, "conversations")
        assert got == ["3 0", "3 1"]
        (gap,) = gaps(keeper.frames)
        assert sorted(gap["conversation_ids"]) == [1, 2]
        assert keeper.positions["1"].startswith("1.8.")
        with trio.fail_after(1):
            await bench.runtime.directory.request(here.room, Say("live"), here.ann)
        await wait_all_tasks_blocked()
        assert heard(link, "conversations")[1] == ["3 0", "3 1", "live"]


@pytest.mark.parametrize("dialect", ["channels", "conversations"])
@pytest.mark.parametrize("behind", [False, True])
async def test_who_leaves_and_comes_back_while_they_are_told_hears_what_is_live_and_nothing_before(
    autojump_clock: MockClock, bench: Bench, dialect: str, behind: bool
) -> None:
    """What was missed was for who left; they are in the room anew, and stand where that began."""
    here = await scene(bench)
    cursor = await here.cursor()
    await here.say("missed")
    reading = Gate(bench.runtime.store, "log", behind=behind)
    link = here.come(dialect, cursor)
    await reading.reached.wait()
    await bench.runtime.directory.request(here.room, Leave(), here.bob)
    await bench.runtime.directory.request(here.room, Add(here.bob), here.ann)
    await here.say("live")
    await wait_all_tasks_blocked()
    reading.opened.set()
    await wait_all_tasks_blocked()
    await here.say("more")
    await wait_all_tasks_blocked()
    keeper, got = heard(link, dialect)
    assert got == ["live", "more"]
    assert keeper.positions[str(here.room.id)] == (await here.cursor()).partition("~")[2]
    assert link.closed is None
