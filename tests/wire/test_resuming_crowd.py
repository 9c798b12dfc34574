"""What it costs the others when many come back, and much was missed: a bounded part at a time."""

from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.dialects.speech import DIALECTS, texts
from tests.wire.scripted import Bench, ScriptedLink, open_bench
from trichat.core.commands import Add, Say
from trichat.core.cursor import position
from trichat.core.model import Room, User
from trichat.runtime.frames import Outgoing
from trichat.runtime.logreader import READS_AT_ONCE
from trichat.wire.link import Taken, unnoticed
from trichat.wire.missed import PAGE

MANY = 3 * READS_AT_ONCE
SIZE = 9000
HELD = 80_000  # bytes: some messages of this size


async def missing(bench: Bench, *said: str) -> tuple[User, Room, str]:
    """Bob, a room of theirs, and their cursor from before this was said in it."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    await bench.runtime.directory.request(room, Add(bob), ann)
    heads = await bench.runtime.store.heads([room.id])
    for text in said:
        await bench.runtime.directory.request(room, Say(text), ann)
    return bob, room, f"t.0~{position(room.id, *heads[room.id])}"


def come(bench: Bench, dialect: str, bob: User, room: Room, cursor: str) -> ScriptedLink:
    link = bench.connect(dialect, bob, resume=cursor)
    if dialect == "chats":
        link.says({"action": "subscribe", "chat_ids": [room.uuid]})
    elif dialect == "lobby":
        link.says({"type": "join_room", "data": {"room_id": room.uuid}})
    return link


class Counted:
    """A method of the store whose every call is answered when the test says so."""

    def __init__(self, store: Any, method: str) -> None:
        self.under_way = self.most = self.results = 0
        self._go = trio.Event()
        stock = getattr(store, method)

        async def counted(*args: Any) -> Any:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await self._go.wait()
            self.under_way -= 1
            found = await stock(*args)
            self.results += len(found)
            return found

        setattr(store, method, counted)

    async def answer_all(self) -> None:
        """Until nobody asks any more."""
        await wait_all_tasks_blocked()
        while self.under_way:
            go, self._go = self._go, trio.Event()
            go.set()
            await wait_all_tasks_blocked()

    def open(self) -> None:
        """Answer at once from now on."""
        self._go.set()


@pytest.mark.parametrize("method", ["heads", "log"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_crowd_that_comes_back_asks_the_store_for_few_logs_at_a_time(
    autojump_clock: MockClock, tmp_path: Path, dialect: str, method: str
) -> None:
    """So that who asks it for something else waits for few of them; and all are told."""
    async with open_bench(tmp_path) as bench:
        bob, room, cursor = await missing(bench, "missed")
        counted = Counted(bench.runtime.store, method)
        links = [come(bench, dialect, bob, room, cursor) for _ in range(MANY)]
        await counted.answer_all()
        assert counted.most == READS_AT_ONCE
        for link in links:
            assert texts(link.texts, dialect) == ["missed"]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_who_does_not_read_what_they_missed_holds_little_of_it(
    autojump_clock: MockClock, tmp_path: Path, dialect: str
) -> None:
    """However much it is: the rest is read from the log when they go on; nothing is lost then."""
    said = [f"{number} ".ljust(SIZE, "x") for number in range(2 * PAGE)]
    async with open_bench(tmp_path) as bench:
        bob, room, cursor = await missing(bench, *said)
        counted = Counted(bench.runtime.store, "log")
        counted.open()
        link = come(bench, dialect, bob, room, cursor)
        link.stuck = True
        offered: list[int] = []
        stock = link.write

        async def write(outgoing: Outgoing, taken: Taken = unnoticed) -> None:
            offered.append(len(outgoing.wire))
            await stock(outgoing, taken)

        link.write = write  # type: ignore[method-assign]
        await wait_all_tasks_blocked()
        # A room begins with the list of who is there, which is not taken either.
        assert counted.results == (0 if dialect == "room" else PAGE)
        assert 0 < max(offered) <= HELD
        link.reads_again()
        await wait_all_tasks_blocked()
        assert texts(link.texts, dialect) == said
        assert max(offered) <= HELD
        assert counted.results <= PAGE + 2 * len(said)
