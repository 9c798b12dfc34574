"""What is a conversation for a socket: a room of two, or every room where it asks so."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import Bench, ScriptedLink, open_bench
from trichat.core import commands as c
from trichat.core.answers import Direct
from trichat.core.cursor import parse
from trichat.core.model import Room, User
from trichat.runtime.identity import Identity
from trichat.settings import Conversations, Settings
from trichat.web.sockets import session_of

pytestmark = pytest.mark.promise("conversations-6", "conversations-10")

UNKNOWN = 2**40


@define
class Scene:
    """ann and bob talk in a room of two, and are in a public and a private one with cy."""

    bench: Bench
    ann: User
    bob: User
    cy: User
    direct: Room
    public: Room
    private: Room

    def socket(
        self, user: User, rooms: str | None = None, *, resume: str | None = None
    ) -> ScriptedLink:
        """What a client gets that asks for these rooms; None: that asks for none."""
        endpoint = self.bench.endpoints.fixed["/ws/chat/"]
        link = ScriptedLink()
        endpoint = endpoint.asked({} if rooms is None else {"rooms": rooms})
        session = session_of(self.bench.runtime, link, endpoint, Identity(user), resume)
        self.bench.nursery.start_soon(session.run)
        return link

    async def say(self, room: Room, by: User, text: str) -> int:
        done: Any = await self.bench.runtime.directory.request(room, c.Say(text), by)
        return int(done.events[0].message.id)


async def scene(bench: Bench) -> Scene:
    ann, bob, cy = [await bench.user(name) for name in ("ann", "bob", "cy")]
    opened = await bench.runtime.room_factory.open_direct(ann, bob.id)
    assert isinstance(opened, Direct)
    public = await bench.room(ann, "tea")
    private = await bench.room(ann, "den", private=True)
    for room in (public, private):
        for user in (bob, cy):
            await bench.runtime.directory.request(room, c.Add(user), ann)
    return Scene(bench, ann, bob, cy, opened.room, public, private)


@pytest.fixture
async def here(tmp_path: Path, autojump_clock: MockClock) -> AsyncIterator[Scene]:
    async with open_bench(tmp_path) as bench:
        yield await scene(bench)


async def answer(link: ScriptedLink, frame: Any) -> Any:
    """The frame that comes of it."""
    before = len(link.texts)
    link.says(frame)
    return await link.text(before)


LIST = {"type": "chat.get_conversations"}


async def test_a_list_has_rooms_of_two_and_all_where_they_are_asked_for(
    here: Scene, autojump_clock: MockClock
) -> None:
    listed = (await answer(here.socket(here.ann), LIST))["conversations"]
    shown = [(one["id"], one["uuid"], one["kind"], one["name"]) for one in listed]
    two = (here.direct.id, here.direct.uuid, "direct", None)
    assert shown == [two]
    listed = (await answer(here.socket(here.ann, "all"), LIST))["conversations"]
    shown = [(one["id"], one["uuid"], one["kind"], one["name"]) for one in listed]
    assert sorted(shown) == sorted(
        [
            two,
            (here.public.id, here.public.uuid, "public", "tea"),
            (here.private.id, here.private.uuid, "private", "den"),
        ]
    )
    for other in ("direct", "ALL", "", "all,direct"):
        assert len((await answer(here.socket(here.ann, other), LIST))["conversations"]) == 1


async def test_an_operator_may_make_all_rooms_conversations(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    settings = Settings(conversations=Conversations(rooms="all"))
    async with open_bench(tmp_path, settings) as bench:
        here = await scene(bench)
        assert len((await answer(here.socket(here.ann), LIST))["conversations"]) == 3


@pytest.mark.promise("conversations-7", "conversations-11", "conversations-13")
async def test_what_is_no_conversation_does_not_exist(
    here: Scene, autojump_clock: MockClock
) -> None:
    link = here.socket(here.bob)
    said = await here.say(here.public, here.ann, "hello")
    for room in (here.public, here.private):
        for frame in (
            {"type": "chat.message", "conversation_id": room.id, "content": "x"},
            {"type": "chat.read", "conversation_id": room.id},
            {"type": "chat.get_messages", "conversation_id": room.id},
        ):
            refused = await answer(link, frame)
            assert refused == await answer(link, {**frame, "conversation_id": UNKNOWN})
            assert refused["type"] == "error"
    delivered = {"type": "chat.delivered", "message_id": said}
    refused = await answer(link, delivered)
    assert refused == await answer(link, {**delivered, "message_id": UNKNOWN})
    assert refused == {"type": "error", "message": "Message not found"}


async def test_nothing_of_it_is_pushed_and_nobody_is_present_by_it(
    here: Scene, autojump_clock: MockClock
) -> None:
    plain, everything = here.socket(here.bob), here.socket(here.cy, "all")
    await wait_all_tasks_blocked()
    audiences = here.bench.runtime.audiences
    assert set(audiences.ids(here.public.id)) == {here.cy.id}
    assert set(audiences.ids(here.direct.id)) == {here.bob.id}
    await here.say(here.public, here.ann, "in the open")
    await here.say(here.direct, here.ann, "between us")
    await wait_all_tasks_blocked()
    assert [frame["message"]["content"] for frame in plain.texts] == ["between us"]
    assert [frame["message"]["content"] for frame in everything.texts] == ["in the open"]
    late = await here.bench.room(here.bob, "late")  # nor of one that the user comes into now
    await here.say(late, here.bob, "later")
    await wait_all_tasks_blocked()
    assert len(plain.texts) == 1


async def test_who_resumes_has_no_place_in_it_either(
    here: Scene, autojump_clock: MockClock
) -> None:
    for rooms, followed in (
        (None, [here.direct]),
        ("all", [here.direct, here.public, here.private]),
    ):
        link = here.socket(here.bob, rooms, resume="1")
        await wait_all_tasks_blocked()
        cursor = parse(link.texts[0]["cursor"])
        assert cursor is not None
        assert set(cursor.positions) == {room.id for room in followed}


async def test_what_becomes_of_a_message_elsewhere_is_not_told_either(
    here: Scene, autojump_clock: MockClock
) -> None:
    plain, everything = here.socket(here.ann), here.socket(here.ann, "all")
    await wait_all_tasks_blocked()
    said = await here.say(here.public, here.ann, "hello")
    await here.bench.runtime.directory.request(here.public, c.MarkDelivered(said), here.bob)
    await here.bench.runtime.directory.request(here.public, c.MarkRead(), here.cy)
    await wait_all_tasks_blocked()
    assert plain.texts == []
    statuses = [frame["status"] for frame in everything.texts if "status" in frame]
    assert statuses == ["delivered", "seen"]


async def test_typing_goes_between_those_who_share_a_conversation_of_both(
    here: Scene, autojump_clock: MockClock
) -> None:
    plain, everything = here.socket(here.cy), here.socket(here.cy, "all")
    typing = {"type": "chat.typing", "receiver_id": here.cy.id, "is_typing": True}
    await wait_all_tasks_blocked()
    assert (await answer(here.socket(here.ann), typing))["message"] == "User not found"
    here.socket(here.ann, "all").says(typing)
    await wait_all_tasks_blocked()
    assert plain.texts == []
    assert [frame["type"] for frame in everything.texts] == ["chat.typing"]
    ann, bob = here.socket(here.ann), here.socket(here.bob)
    ann.says({**typing, "receiver_id": here.bob.id})
    bob.says({**typing, "receiver_id": here.ann.id})
    await wait_all_tasks_blocked()
    assert [frame["sender_id"] for frame in bob.texts] == [here.ann.id]
    assert [frame["sender_id"] for frame in ann.texts] == [here.bob.id]


@pytest.mark.promise("conversations-13")
async def test_ticks_go_forward_once_each(here: Scene, autojump_clock: MockClock) -> None:
    author, reader = here.socket(here.ann), here.socket(here.bob)
    await wait_all_tasks_blocked()
    said = await here.say(here.direct, here.ann, "ticks")
    delivered = {"type": "chat.delivered", "message_id": said}
    for frame in (delivered, delivered, {"type": "chat.read", "conversation_id": here.direct.id}):
        reader.says(frame)
        await wait_all_tasks_blocked()
    reader.says(delivered)
    reader.says({"type": "chat.read", "conversation_id": here.direct.id})
    await wait_all_tasks_blocked()
    ticks = [frame["status"] for frame in author.texts if frame["type"] == "chat.message_status"]
    assert ticks == ["delivered", "seen"]


@pytest.mark.promise("conversations-13")
async def test_in_a_room_of_many_a_message_is_seen_once_and_by_nobody_who_came_later(
    here: Scene, autojump_clock: MockClock
) -> None:
    author = here.socket(here.ann, "all")
    dee = await here.bench.user("dee")
    before = await here.say(here.public, here.ann, "before")
    await trio.sleep(1)
    await here.bench.runtime.directory.request(here.public, c.Add(dee), here.ann)
    after = await here.say(here.public, here.ann, "after")
    read = {"type": "chat.read", "conversation_id": here.public.id}

    async def ticks(reader: User, *frames: Any) -> list[tuple[int, str]]:
        """What the author is told of a reader's frames."""
        told = len(author.texts)
        link = here.socket(reader, "all")
        for frame in frames:
            link.says(frame)
        await wait_all_tasks_blocked()
        fresh = [frame for frame in author.texts[told:] if "status" in frame]
        return [(frame["message_id"], frame["status"]) for frame in fresh]

    assert await ticks(here.ann, read) == []  # one's own
    assert await ticks(dee, {"type": "chat.delivered", "message_id": before}) == []
    assert await ticks(dee, read) == [(after, "seen")]
    assert await ticks(here.bob, read) == [(before, "seen")]
    assert await ticks(here.cy, read) == []


@pytest.mark.promise("conversations-11")
async def test_a_history_says_how_far_ones_own_messages_have_come(
    here: Scene, autojump_clock: MockClock
) -> None:
    for text in ("one", "two", "three"):
        await here.say(here.direct, here.ann, text)
    theirs = await here.say(here.direct, here.bob, "theirs")
    first = theirs - 3
    request = here.bench.runtime.directory.request
    await request(here.direct, c.MarkDelivered(first + 1), here.bob)
    await request(here.direct, c.MarkRead(first), here.bob)
    asked = {"type": "chat.get_messages", "conversation_id": here.direct.id}
    history = (await answer(here.socket(here.ann), asked))["messages"]
    assert [one.get("status") for one in history] == ["seen", "delivered", "sent", None]
    history = (await answer(here.socket(here.bob), asked))["messages"]
    assert [one.get("status") for one in history] == [None, None, None, "sent"]
    listed = (await answer(here.socket(here.bob), LIST))["conversations"]
    assert listed[0]["last_message"]["status"] == "sent"


@pytest.mark.promise("conversations-7")
async def test_reading_may_stop_at_a_message(here: Scene, autojump_clock: MockClock) -> None:
    link, author = here.socket(here.bob), here.socket(here.ann)
    await wait_all_tasks_blocked()
    ids = [await here.say(here.direct, here.ann, text) for text in ("one", "two")]
    read = {"type": "chat.read", "conversation_id": here.direct.id}
    link.says({**read, "up_to": ids[0]})
    await wait_all_tasks_blocked()
    assert (await answer(link, LIST))["conversations"][0]["has_unread"] is True
    seen = [frame["message_id"] for frame in author.texts if "status" in frame]
    assert seen == ids[:1]
    refused = await answer(link, {**read, "up_to": 0})
    assert refused == {"type": "error", "message": "Invalid chat.read: up_to is at least 1"}
    for wrong in (True, "1", 1.5):
        assert (await answer(link, {**read, "up_to": wrong}))["type"] == "error"
    link.says({**read, "up_to": 2**64 - 1})  # up to whatever is there
    assert (await answer(link, LIST))["conversations"][0]["has_unread"] is False


@pytest.mark.promise("all-8")
async def test_a_room_of_two_is_reached_from_chats_by_its_uuid(
    here: Scene, autojump_clock: MockClock
) -> None:
    start = {"type": "chat.start_conversation", "receiver_id": here.bob.id}
    started = await answer(here.socket(here.ann), start)
    uuid = started["conversation"]["uuid"]
    for user, status in ((here.bob, "success"), (here.cy, "error")):
        link = here.bench.connect("chats", user)
        subscribed = await answer(link, {"action": "subscribe", "chat_ids": [uuid]})
        assert subscribed["results"][0]["status"] == status
        await here.say(here.direct, here.ann, "over there")
        await wait_all_tasks_blocked()
        pushed = [frame for frame in link.texts if "message" in frame]
        assert [one["message"] for one in pushed] == ["over there"] * (status == "success")
