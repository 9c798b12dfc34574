"""Answers in the order of requests, where a push is the answer: under a mocked clock."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.dialects.speech import text_of
from tests.rooms import NamedRoom
from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench
from trichat.core import commands as c
from trichat.core.model import Room, User
from trichat.runtime.fanout import WRITES_PER_YIELD
from trichat.settings import Limits, Settings

PUSHED = ("room", "lobby", "conversations")  # whose answer to a message is its push
NONSENSE = {"room": "[]", "lobby": "{", "conversations": "{"}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    limits = Limits(connections_per_user=WRITES_PER_YIELD * 2)
    async with open_bench(tmp_path, Settings(limits=limits)) as bench:
        yield bench


async def come_in(bench: Bench, dialect: str, user: User, room: Room) -> ScriptedLink:
    link = bench.connect(dialect, user)
    enter(link, dialect, room)
    await wait_all_tasks_blocked()
    return link


def enter(link: ScriptedLink, dialect: str, room: Room) -> None:
    """The others are in it by connecting."""
    if dialect == "lobby":
        link.says({"type": "join_room", "data": {"room_id": room.uuid}})


def told(link: ScriptedLink, dialect: str, since: int) -> list[str]:
    """Messages by their text, anything else as 'refused'."""
    return [text_of(frame, dialect) or "refused" for frame in link.texts[since:]]


@pytest.mark.parametrize("dialect", PUSHED)
async def test_all_11_a_crowd_in_the_room_does_not_come_between(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    """The fan-out yields between chunks of a large audience; who sent is not made to wait."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    await bench.runtime.directory.request(room, c.Join(), bob)
    for _ in range(WRITES_PER_YIELD + 10):
        enter(bench.connect(dialect, ann), dialect, room)
    await wait_all_tasks_blocked()
    link = await come_in(bench, dialect, bob, room)
    place, before = NamedRoom(room.uuid, room.id, "hall"), len(link.texts)
    for number in range(3):
        link.says(place.message(dialect, str(number)))
        link.says(NONSENSE[dialect])
    await wait_all_tasks_blocked()
    assert told(link, dialect, before) == ["0", "refused", "1", "refused", "2", "refused"]


def wrong(dialect: str, room: Room, own: int) -> dict[str, Any]:
    """What only the room can refuse."""
    data = {"type": "system", "content": "of the house", "room_id": room.uuid}
    if dialect == "lobby":
        return {"type": "send_message", "data": data}
    return {"type": "chat.delivered", "message_id": own}


@pytest.mark.parametrize("dialect", ["lobby", "conversations"])
async def test_all_11_what_the_room_refuses_is_answered_in_its_turn(
    autojump_clock: MockClock, bench: Bench, dialect: str
) -> None:
    """Sent while the room is busy, so that all of it is judged at once."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    room = await bench.room(ann)
    await bench.runtime.directory.request(room, c.Join(), bob)
    link = await come_in(bench, dialect, bob, room)
    place = NamedRoom(room.uuid, room.id, "hall")
    link.says(place.message(dialect, "his own"))
    await wait_all_tasks_blocked()
    messages, _ = await bench.runtime.store.history(room.id, limit=1)
    before = len(link.texts)
    committing = Gate(bench.runtime.store, "write")
    refused = wrong(dialect, room, messages[0].id)
    for text in ("0", "1", None, "2", None, "3"):
        link.says(place.message(dialect, text) if text else refused)
    await committing.reached.wait()
    await wait_all_tasks_blocked()
    committing.opened.set()
    await wait_all_tasks_blocked()
    assert told(link, dialect, before) == ["0", "1", "refused", "2", "refused", "3"]


class Steps(trio.abc.Instrument):
    """What `look` sees after every step of any task."""

    def __init__(self, look: Callable[[], tuple[bool, int]]) -> None:
        self.seen: set[tuple[bool, int]] = set()
        self._look = look

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        self.seen.add(self._look())


async def test_all_11_a_subscription_is_answered_and_in_force_in_one_step(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    room = await bench.room(ann)
    link = bench.connect("chats", ann)
    await wait_all_tasks_blocked()
    audiences = bench.runtime.audiences
    steps = Steps(lambda: (ann.id in audiences.ids(room.id), len(link.texts)))
    trio.lowlevel.add_instrument(steps)
    link.says({"action": "subscribe", "chat_ids": [room.uuid]})
    await wait_all_tasks_blocked()
    trio.lowlevel.remove_instrument(steps)
    assert steps.seen == {(False, 0), (True, 1)}
