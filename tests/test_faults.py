"""A fault costs who asked one clear error in their dialect's words, and nobody else anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.listeners import DIALECTS, FAILED, Listeners
from tests.server import Person
from trichat.core import commands, roomstate
from trichat.core.roomstate import Draft
from trichat.runtime.rooms import RoomActor
from trichat.store.sqlite import SqliteStore


@contextmanager
def a_rule_that_raises(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Saying 'poison' raises out of decide."""
    say = roomstate._RULES[commands.Say]

    def poisoned(draft: Draft, command: Any, by: Any, at: int) -> Any:
        if command.text == "poison":
            raise RuntimeError("a bug in a rule")
        return say(draft, command, by, at)

    with monkeypatch.context() as patch:
        patch.setitem(roomstate._RULES, commands.Say, poisoned)
        yield


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_rule_that_raises_refuses_that_one_command(
    listeners: Listeners, ann: Person, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = listeners.clients[dialect]
    with a_rule_that_raises(monkeypatch):
        await client.send(listeners.room.message(dialect, "poison"))
        assert await client.next() == FAILED[dialect]
        await listeners.all_work()
    assert await listeners.history(ann) == [f"{dialect} works" for dialect in DIALECTS]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_actor_that_raises_goes_on_with_the_same_inbox_and_audience(
    listeners: Listeners, ann: Person, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listeners.all_work()

    async def broken(self: RoomActor, *args: Any) -> Any:
        raise RuntimeError("a bug in the loop")

    client = listeners.clients[dialect]
    with monkeypatch.context() as patch:
        patch.setattr(RoomActor, "_commit", broken)
        await client.send(listeners.room.message(dialect, "lost"))
        assert await client.next() == FAILED[dialect]
    await listeners.all_work()
    assert await listeners.history(ann) == [f"{dialect} works" for dialect in DIALECTS] * 2


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("all-7", "chats-9")
async def test_a_full_disk_is_told_and_nothing_is_half_stored(
    listeners: Listeners, ann: Person, dialect: str
) -> None:
    await listeners.all_work()
    store = listeners.server.runtime.store
    assert isinstance(store, SqliteStore)
    writer = store._writer
    pages, limit = writer.pragma("page_count"), writer.pragma("max_page_count")
    writer.pragma("max_page_count", pages)  # a real SQLITE_FULL from here on
    client = listeners.clients[dialect]
    told = 0
    while not told:
        await client.send(listeners.room.message(dialect, "x" * 900))
        frame = await client.next()
        if frame == FAILED[dialect]:
            told += 1
        else:  # what still fitted was delivered to all
            if dialect == "chats":
                await client.next()
            for other in DIALECTS:
                if other != dialect:
                    await listeners.clients[other].next()
    writer.pragma("max_page_count", limit)
    before = await listeners.history(ann)
    await listeners.all_work()
    assert await listeners.history(ann) == before + [f"{dialect} works" for dialect in DIALECTS]


BAD: dict[str, tuple[str, Any]] = {
    "chats": ('{"action":"nonsense"}', {"error": "Unknown action", "status": "error"}),
    "room": ("{", {"error": "Invalid JSON"}),
    "lobby": ("{", {"type": "error", "data": {"message": "invalid message"}}),
    "conversations": ("{", {"type": "error", "message": "Invalid JSON"}),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.promise("all-3")
async def test_a_bad_frame_disturbs_nobody(listeners: Listeners, ann: Person, dialect: str) -> None:
    frame, answer = BAD[dialect]
    assert await listeners.clients[dialect].request(frame) == answer
    await listeners.all_work()


@pytest.mark.promise("lobby-13")
async def test_a_message_that_is_not_stored_does_not_count_against_the_allowance(
    listeners: Listeners, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = listeners.clients["lobby"]
    with a_rule_that_raises(monkeypatch):
        for _ in range(40):
            assert (
                await client.request(listeners.room.message("lobby", "poison")) == FAILED["lobby"]
            )
    await listeners.all_work()
