"""The lobby's time, under a mocked clock: its allowance, its heartbeat, its empty rooms."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import START, Bench, Gate, ScriptedLink, open_bench
from trichat.core.commands import Join
from trichat.core.model import User
from trichat.settings import Limits, Lobby, Settings, load

DAY = 1200.0  # a shorter one: every second costs the clock some steps


def create(name: str = "den", **data: object) -> dict[str, Any]:
    return {"type": "create_room", "data": {"name": name, "type": "public", **data}}


def join(room: str) -> dict[str, Any]:
    return {"type": "join_room", "data": {"room_id": room}}


def said(room: str, text: str) -> dict[str, Any]:
    data = {"type": "text", "content": text, "room_id": room}
    return {"type": "send_message", "data": data}


async def request(link: ScriptedLink, frame: Any) -> Any:
    """The next frame."""
    before = len(link.texts)
    link.says(frame)
    with trio.fail_after(1):
        return await link.text(before)


async def listed(link: ScriptedLink) -> list[str]:
    """The ids of the rooms."""
    return [room["id"] for room in (await request(link, {"type": "list_rooms"}))["data"]]


async def test_lobby_13_the_allowance_slides_over_60_s(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    settings = Settings(lobby=Lobby(max_messages_per_min=2))
    async with open_bench(tmp_path, settings) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        room = (await request(link, create()))["data"]["id"]
        await request(link, join(room))
        assert (await request(link, said(room, "at 0 s")))["type"] == "text"
        await trio.sleep(40)
        assert (await request(link, said(room, "at 40 s")))["type"] == "text"
        await trio.sleep(19.5)
        limited = {"type": "error", "data": {"message": "rate limit exceeded"}}
        assert await request(link, said(room, "at 59.5 s")) == limited
        await trio.sleep(1)
        assert (await request(link, said(room, "at 60.5 s")))["type"] == "text"
        assert await request(link, said(room, "at 60.5 s too")) == limited
        await trio.sleep(40)
        assert (await request(link, said(room, "at 100.5 s")))["type"] == "text"


async def test_lobby_15_16_the_documents_variables_set_the_heartbeat(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    variables = {
        "CHAT_PING_PERIOD": "1m30s", "CHAT_PONG_WAIT": "3m", "CHAT_READ_TIMEOUT": "2m500ms",
    }  # fmt: skip
    async with open_bench(tmp_path, load(environ=variables)) as bench:
        ann = await bench.user("ann")
        lobby, chats = bench.connect("lobby", ann), bench.connect("chats", ann)
        await trio.sleep(89.9)
        assert (lobby.pinged, lobby.closed) == (0, None)
        assert (chats.pinged, chats.closed) == (2, 1001)  # by settings of its own
        await trio.sleep(0.2)
        assert lobby.pinged == 1
        await trio.sleep(30.3)
        assert lobby.closed is None
        await trio.sleep(0.3)
        assert lobby.closed == 1001  # the shorter of the two


async def test_lobby_16_the_documents_limits(tmp_path: Path, autojump_clock: MockClock) -> None:
    variables = {
        "CHAT_MAX_ROOMS_PER_USER": "1", "CHAT_DEFAULT_MAX_USERS": "7",
        "CHAT_MAX_MESSAGES_PER_MIN": "1",
    }  # fmt: skip
    async with open_bench(tmp_path, load(environ=variables)) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        room = (await request(link, create()))["data"]
        assert room["max_users"] == 7
        refused = {"type": "error", "data": {"message": "room limit exceeded"}}
        assert await request(link, create()) == refused
        await request(link, join(room["id"]))
        assert (await request(link, said(room["id"], "one")))["type"] == "text"
        answer = await request(link, said(room["id"], "two"))
        assert answer["data"] == {"message": "rate limit exceeded"}


@pytest.fixture
def patient() -> Settings:
    """Sockets that need no sign of life, so that days may pass."""
    return Settings(
        lobby=Lobby(ping_period=1e8, pong_wait=2e8, read_timeout=2e8, empty_room_ttl=DAY)
    )


async def until(moment: float) -> None:
    await trio.sleep_until(moment)
    await wait_all_tasks_blocked()


async def test_lobby_14_an_entered_public_room_that_is_empty_for_24_h_is_archived(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    assert Lobby().empty_room_ttl == 24 * 3600
    async with open_bench(tmp_path, patient) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        began = trio.current_time()
        room = (await request(link, create()))["data"]["id"]
        await trio.sleep(100)
        await request(link, join(room))
        await request(link, said(room, "kept"))
        await request(link, {"type": "leave_room"})
        await until(began + 100 + DAY - 1)
        assert room in await listed(link)
        await until(began + 100 + DAY + DAY / 24)
        assert await listed(link) == []
        missing = {"type": "error", "data": {"message": "room not found"}}
        assert await request(link, join(room)) == missing
        assert await request(link, join(room.upper())) == missing
        assert await request(link, said(room, "x")) == missing
        messages, _ = await bench.runtime.store.history(1, limit=10)
        assert [message.text for message in messages] == ["kept"]


async def test_lobby_14_an_archived_room_is_none_in_any_dialect(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    async with open_bench(tmp_path, patient) as bench:
        ann = await bench.user("ann")
        link = bench.connect("lobby", ann)
        room = (await request(link, create()))["data"]["id"]
        found = await bench.runtime.directory.find(room)
        assert found is not None
        await request(link, join(room))
        await request(link, {"type": "leave_room"})
        await trio.sleep(DAY * 1.1)
        chats = bench.connect("chats", ann)
        subscribed = await request(chats, {"action": "subscribe", "chat_ids": [room]})
        no_access = {"chat_id": room, "status": "error", "error": "no access"}
        assert subscribed["results"] == [no_access]
        refused = await request(chats, {"action": "message", "chat_id": room, "text": "x"})
        assert refused["error"] == "no access"
        by_uuid = bench.connect("room", ann, room=room)
        await by_uuid.ended.wait()
        assert (by_uuid.closed, by_uuid.texts) == (4000, [])
        conversations = bench.connect("conversations", ann)
        await wait_all_tasks_blocked()
        listed = await request(conversations, {"type": "chat.get_conversations"})
        assert listed["conversations"] == []
        frame = {"type": "chat.message", "conversation_id": found.id, "content": "x"}
        assert (await request(conversations, frame))["type"] == "error"
        channels = bench.connect("channels", ann)
        await wait_all_tasks_blocked()
        entered = await request(channels, {"type": "join_channel", "channel_id": room})
        assert entered["error_code"] == "access_denied"


async def test_lobby_14_an_archived_room_is_no_room_of_its_maker_any_more(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    lobby = evolve(patient.lobby, max_rooms_per_user=1)
    async with open_bench(tmp_path, Settings(lobby=lobby)) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        room = (await request(link, create()))["data"]["id"]
        await request(link, join(room))
        await request(link, {"type": "leave_room"})
        assert (await request(link, create()))["data"] == {"message": "room limit exceeded"}
        await trio.sleep(DAY * 1.1)
        assert (await request(link, create()))["type"] == "room_created"


async def test_lobby_14_rooms_that_are_not_archived(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    """Never entered, private, occupied, with a member, or made by REST."""
    async with open_bench(tmp_path, patient) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        link, sitter = bench.connect("lobby", ann), bench.connect("lobby", bob)
        made = [(await request(link, create()))["data"]["id"] for _ in range(3)]
        unentered, occupied, joined = made
        private = (await request(link, create(type="private")))["data"]["id"]
        by_rest = await bench.runtime.room_factory.open_channel(ann, "hall", None, private=False)
        rest = getattr(by_rest, "uuid", "")
        await admit(bench, bob, joined)
        for room in (occupied, joined, private, rest):
            await request(link, join(room))
            await wait_all_tasks_blocked()
        await request(link, {"type": "leave_room"})
        await request(sitter, join(occupied))
        await trio.sleep(DAY * 3)
        rooms = {unentered, occupied, joined, private, rest}
        assert rooms <= set(await listed(link))
        assert (await request(sitter, said(occupied, "still here")))["type"] == "text"


async def admit(bench: Bench, user: User, uuid: str) -> None:
    """They become a member, as over REST."""
    room = await bench.runtime.directory.find(uuid)
    assert room is not None
    await bench.runtime.directory.request(room, Join(), user)


async def test_lobby_14_coming_back_begins_the_day_anew(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    async with open_bench(tmp_path, patient) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        room = (await request(link, create()))["data"]["id"]
        for _ in range(4):
            await request(link, join(room))
            await request(link, {"type": "leave_room"})
            await trio.sleep(DAY * 0.9)
        assert room in await listed(link)
        await trio.sleep(DAY * 0.2)
        assert room not in await listed(link)


async def test_lobby_14_a_restart_forgets_neither_the_visit_nor_the_room(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    async with open_bench(tmp_path, patient) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        room = (await request(link, create()))["data"]["id"]
        await request(link, join(room))
        await request(link, {"type": "leave_room"})
        await trio.sleep(DAY / 12)
    async with open_bench(tmp_path, patient, begins=DAY / 12) as bench:
        user = await bench.runtime.store.user_by_name("ann")
        assert user is not None
        link = bench.connect("lobby", user)
        assert room in await listed(link)
        await trio.sleep(DAY)
        assert room not in await listed(link)


async def test_lobby_14_who_sat_there_when_the_server_ended_was_there(
    tmp_path: Path, autojump_clock: MockClock, patient: Settings
) -> None:
    async with open_bench(tmp_path, patient) as bench:
        link = bench.connect("lobby", await bench.user("ann"))
        room = (await request(link, create()))["data"]["id"]
        await request(link, join(room))
        await trio.sleep(DAY * 3)
    async with open_bench(tmp_path, patient, begins=DAY * 3) as bench:
        user = await bench.runtime.store.user_by_name("ann")
        assert user is not None
        link = bench.connect("lobby", user)
        await trio.sleep(DAY * 0.9)
        assert room in await listed(link)
        await trio.sleep(DAY * 0.2)
        assert room not in await listed(link)


@pytest.mark.parametrize("operators", [0, 100])
async def test_lobby_13_other_dialects_are_not_limited_and_do_not_count(
    tmp_path: Path, autojump_clock: MockClock, operators: int
) -> None:
    """Whether the operator has set a limit of their own, far away, or none."""
    limits = Limits(messages_per_minute=operators)
    settings = Settings(lobby=Lobby(max_messages_per_min=1), limits=limits)
    async with open_bench(tmp_path, settings) as bench:
        ann = await bench.user("ann")
        lobby, chats = bench.connect("lobby", ann), bench.connect("chats", ann)
        room = (await request(lobby, create()))["data"]["id"]
        await request(lobby, join(room))
        for number in range(5):
            frame = {"action": "message", "chat_id": room, "text": str(number)}
            assert (await request(chats, frame))["status"] == "success"
        said_over_chats = [frame["content"] for frame in lobby.texts if frame["type"] == "text"]
        assert said_over_chats == list("01234")
        assert (await request(lobby, said(room, "mine")))["type"] == "text"
        answer = await request(lobby, said(room, "one more"))
        assert answer["data"] == {"message": "rate limit exceeded"}


async def test_lobby_13_what_is_refused_does_not_count_though_more_is_under_way(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The allowance is asked for before the refusal of what was sent earlier is known."""
    settings = Settings(lobby=Lobby(max_messages_per_min=10))
    async with open_bench(tmp_path, settings) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        room = (await bench.room(ann)).uuid
        link = bench.connect("lobby", bob)
        await request(link, join(room))
        before = len(link.texts)
        committing = Gate(bench.runtime.store, "write")
        link.says(said(room, "0"))
        system = said(room, "of the house")
        system["data"]["type"] = "system"  # they do not own it
        link.says(system)
        for number in range(1, 11):
            link.says(said(room, str(number)))
        await committing.reached.wait()
        await wait_all_tasks_blocked()
        committing.opened.set()
        await wait_all_tasks_blocked()
        told = [frame.get("content") or frame["data"]["message"] for frame in link.texts[before:]]
        assert sorted(told[:3]) == ["0", "1", "unauthorized"]
        assert told[3:] == [*"23456789", "rate limit exceeded"]


async def test_lobby_6_19_joined_at_is_when_he_came(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        link, tab = bench.connect("lobby", ann), bench.connect("lobby", ann)
        made = (await request(link, create()))["data"]
        came = []
        for seconds in (10, 20):
            await trio.sleep(seconds)
            came.append((await request(link, join(made["id"])))["timestamp"])
            await trio.sleep(5)
            await request(tab, join(made["id"]))  # a second tab: they are there already
            (room,) = (await request(link, {"type": "list_rooms"}))["data"]
            assert room["users"][str(ann.id)]["joined_at"] == came[-1]
            assert (room["created_at"], room["updated_at"]) == (made["created_at"],) * 2
            for each in (tab, link):
                await request(each, {"type": "leave_room"})
        start = datetime.fromtimestamp(START / 1000, UTC)
        shown = [(start + timedelta(seconds=after)) for after in (10, 35)]
        assert came == [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in shown]
