"""Connecting again with a cursor, in every dialect: what was missed, in order, once; then live."""

from typing import Any

import pytest
import trio

from tests.dialects.keeping import Keeper, gap, gaps
from tests.dialects.speech import DIALECTS, heard, texts
from tests.dialects.talks import come, say, stay, talking
from tests.rooms import open_room
from tests.server import ChatServer, open_chat_server, settings_for
from trichat.settings import Limits, Settings

each = pytest.mark.parametrize("dialect", DIALECTS)


@each
async def test_what_was_missed_comes_in_order_and_then_what_is_live(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    await say(server, ann, place, "before")
    async with server.socket(dialect, bob, "hall", resume="1") as client:
        await come(client, place, keeper)
        await say(server, ann, place, "one", "two")
        assert texts(await keeper.hear(client), dialect) == ["one", "two"]
        await client.abort()
    await say(server, ann, place, "three", "four", "five")
    async with server.socket(dialect, bob, "hall", resume=keeper.cursor) as client:
        missed = await come(client, place, keeper)
        assert gaps(missed) == []
        assert texts(missed, dialect) == ["three", "four", "five"]
        await say(server, ann, place, "six")
        assert texts(await keeper.hear(client), dialect) == ["six"]
    assert texts(await stay(server, bob, place, keeper), dialect) == []


@each
async def test_what_was_missed_has_the_bytes_of_what_was_live(
    server: ChatServer, dialect: str
) -> None:
    """But for its cursor nothing differs from the frame of a plain connection."""
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    async with server.socket(dialect, bob, "hall") as client:
        await place.entered(client, dialect)
        await say(server, ann, place, "hello @bob", "**you**")
        live = await heard(client, dialect)
        assert "cursor" not in str(live)
    missed = await stay(server, bob, place, keeper)
    assert [frame for frame in missed if frame in live] == live


@each
async def test_a_cursor_outlives_the_server(tmp_path: Any, dialect: str) -> None:
    keeper = Keeper(dialect)
    settings = settings_for(tmp_path / "data")
    async with open_chat_server(settings) as server:
        ann, bob, place = await talking(server)
        await stay(server, bob, place, keeper, resume="1")
        await say(server, ann, place, "one")
    async with open_chat_server(settings) as server:
        await say(server, ann, place, "two")
        assert texts(await stay(server, bob, place, keeper), dialect) == ["one", "two"]


@each
async def test_more_than_the_bound_is_a_gap_and_then_live(tmp_path: Any, dialect: str) -> None:
    keeper = Keeper(dialect)
    async with open_chat_server(settings_for(tmp_path / "data", limits=Limits(replay=3))) as server:
        ann, bob, place = await talking(server)
        await stay(server, bob, place, keeper, resume="1")
        await say(server, ann, place, "1", "2", "3")
        missed = await stay(server, bob, place, keeper)
        assert (texts(missed, dialect), gaps(missed)) == (["1", "2", "3"], [])
        await say(server, ann, place, "4", "5", "6", "7")
        async with server.socket(dialect, bob, "hall", resume=keeper.cursor) as client:
            missed = await come(client, place, keeper)
            assert gaps(missed) == [gap(dialect, place.uuid, place.number)]
            history = [str(number) for number in range(1, 8)] if dialect == "room" else []
            assert texts(missed, dialect) == history  # room begins with it
            await say(server, ann, place, "8")
            assert texts(await keeper.hear(client), dialect) == ["8"]
            await client.abort()
        await say(server, ann, place, "9")
        missed = await stay(server, bob, place, keeper)
        assert (texts(missed, dialect), gaps(missed)) == (["9"], [])


@each
@pytest.mark.parametrize(
    "cursor",
    ["nonsense", "0", "1.2", "1.2.zz", "~", "1.1.1~", "x" * 9000, "-1.2.3", "%00", "1.2.3.4.5"],
)
async def test_what_is_no_cursor_is_a_gap_and_closes_nothing(
    server: ChatServer, dialect: str, cursor: str
) -> None:
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    async with server.socket(dialect, bob, "hall", resume=cursor) as client:
        frames = await come(client, place, keeper)
        assert gaps(frames) == [gap(dialect, place.uuid, place.number)]
        await say(server, ann, place, "live")
        assert texts(await keeper.hear(client), dialect) == ["live"]
        await client.abort()
    await say(server, ann, place, "missed")
    assert texts(await stay(server, bob, place, keeper), dialect) == ["missed"]


@each
@pytest.mark.parametrize("what", ["from the time to come", "of another log"])
async def test_a_position_that_is_not_in_this_log_is_a_gap(
    server: ChatServer, dialect: str, what: str
) -> None:
    """As after a database was put back from a copy."""
    ann, bob, place = await talking(server)
    await say(server, ann, place, "one")
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    name = str(place.number)
    _, seq, trace = keeper.positions[name].split(".")
    if what == "of another log":
        trace = f"{(int(trace, 16) + 1) % 0x10000:x}"
    else:
        seq = str(int(seq) + 1)
    for said in ("two", "three"):  # as the last event and behind it
        keeper.positions[name] = f"{name}.{seq}.{trace}"
        frames = await stay(server, bob, place, keeper)
        assert gaps(frames) == [gap(dialect, place.uuid, place.number)]
        await say(server, ann, place, said)


@each
async def test_a_room_that_the_cursor_does_not_know_begins_where_it_is(
    server: ChatServer, dialect: str
) -> None:
    """What was not followed before was not missed; the room dialect has its history then."""
    ann, bob, place = await talking(server)
    other = await open_room(server, ann, "other", bob)
    keeper = Keeper(dialect)
    await stay(server, bob, other, keeper, resume="1")
    await say(server, ann, place, "one")
    keeper.positions.pop(str(place.number), None)
    frames = await stay(server, bob, place, keeper)
    if dialect in ("channels", "conversations"):  # they were all there when it began
        assert gaps(frames) == [gap(dialect, place.uuid, place.number)]
    elif dialect == "room":
        assert (gaps(frames), texts(frames, dialect)) == ([{"type": "gap"}], ["one"])
    else:
        assert (gaps(frames), texts(frames, dialect)) == ([], [])
    await say(server, ann, place, "two")
    assert texts(await stay(server, bob, place, keeper), dialect) == ["two"]


@each
async def test_a_message_deleted_meanwhile_is_not_told_and_an_edited_one_as_it_is(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    gone, kept, _ = await say(server, ann, place, "secret", "typo", "end")
    await server.rest(ann, "PUT", f"/messages/{kept}", {"content": "text"})
    await server.rest(ann, "POST", "/messages/reactions", {"message_id": kept, "emoji": "+"})
    await server.rest(ann, "DELETE", f"/messages/{gone}")
    frames = await stay(server, bob, place, keeper)
    assert texts(frames, dialect) == ["text", "end"]
    assert "secret" not in str(frames)
    if dialect == "channels":
        kinds = [frame["type"] for frame in frames if frame["type"] != "connection_established"]
        assert kinds == [
            "new_message", "new_message", "message_edited", "message_reaction", "message_deleted",
        ]  # fmt: skip
        reactions = [frame["data"]["reactions"] for frame in frames if "content" in str(frame)]
        assert reactions == [[], [], []]  # as when it was pushed; the one that came follows
    assert texts(await stay(server, bob, place, keeper), dialect) == []


@each
async def test_all_4_without_the_parameter_nothing_of_it_is_there(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server)
    async with server.socket(dialect, bob, "hall") as client:
        frames = await place.entered(client, dialect)
        await say(server, ann, place, "hello @bob")
        frames += await heard(client, dialect)
    assert texts(frames, dialect) == ["hello @bob"]
    assert not any("cursor" in str(frame) or "gap" in str(frame) for frame in frames)


@each
async def test_nothing_is_lost_or_doubled_while_everybody_talks(
    tmp_path: Any, dialect: str
) -> None:
    """Going and coming again and again amid a stream of messages."""
    settings: Settings = settings_for(tmp_path / "data")
    async with open_chat_server(settings) as server:
        ann, bob, place = await talking(server)
        keeper = Keeper(dialect)
        said: list[str] = []
        done = trio.Event()

        async def talk() -> None:
            for number in range(150):
                said.append(str(number))
                await say(server, ann, place, str(number))
            done.set()

        got: list[str] = []
        await stay(server, bob, place, keeper, resume="1")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(talk)
            while True:
                over = done.is_set()
                async with server.socket(dialect, bob, "hall", resume=keeper.cursor) as client:
                    got += texts(await come(client, place, keeper), dialect)
                    got += texts(await keeper.hear(client), dialect)
                    await client.abort()
                if over:
                    break
        assert got == said
        assert gaps(keeper.frames) == []
