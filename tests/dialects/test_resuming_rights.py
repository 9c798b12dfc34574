"""Rights are looked at anew when somebody resumes: no cursor opens what is closed to its bearer."""

from typing import Any

import pytest

from tests.dialects.keeping import Keeper, gap, gaps
from tests.dialects.speech import DIALECTS, heard, texts
from tests.dialects.talks import come, say, stay, talking
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Person

each = pytest.mark.parametrize("dialect", DIALECTS)
following = pytest.mark.parametrize("dialect", ["channels", "conversations"])


async def leave(server: ChatServer, by: Person, place: NamedRoom) -> None:
    status, answer = await server.rest(by, "DELETE", f"/channels/{place.uuid}/leave")
    assert status == 200, answer


async def add(server: ChatServer, by: Person, place: NamedRoom, other: Person) -> None:
    path = f"/channels/{place.uuid}/add-user"
    status, answer = await server.rest(by, "POST", path, {"user_id": other.uuid})
    assert status == 200, answer


async def refused_everything(
    server: ChatServer, by: Person, place: NamedRoom, keeper: Keeper
) -> list[Any]:
    """What one is told who may not be there, over a connection that shows their cursor."""
    dialect, asked = keeper.dialect, keeper.cursor
    if dialect == "room":
        async with server.socket(dialect, by, place.uuid, resume=asked) as client:
            assert await client.close_code() == 4003
        return []
    async with server.socket(dialect, by, resume=asked) as client:
        match dialect:
            case "chats":
                answer = await client.request({"action": "subscribe", "chat_ids": [place.uuid]})
                assert [each["status"] for each in answer["results"]] == ["error"]
            case "lobby":
                answer = await client.request(
                    {"type": "join_room", "data": {"room_id": place.uuid}}
                )
                assert answer == {"type": "error", "data": {"message": "unauthorized"}}
            case "channels":
                await client.send({"type": "join_channel", "channel_id": place.uuid})
                error = await client.until(type="error")
                assert error["error_code"] == "access_denied"
        return [frame for frame in map(keeper.take, await heard(client, dialect)) if frame]


@each
async def test_whose_membership_ended_meanwhile_is_told_nothing_of_the_room(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server, private=True)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    await say(server, ann, place, "before he left")
    await leave(server, bob, place)
    await say(server, ann, place, "secret")
    frames = await refused_everything(server, bob, place, keeper)
    assert texts(frames, dialect) == []
    assert place.uuid not in str(frames)


@following
async def test_his_position_is_of_an_unknown_room_then(server: ChatServer, dialect: str) -> None:
    ann, bob, place = await talking(server, private=True)
    kept = await open_room(server, ann, "kept", bob)
    keeper = Keeper(dialect)
    await stay(server, bob, kept, keeper, resume="1")
    await leave(server, bob, place)
    await say(server, ann, kept, "hello")
    frames = await stay(server, bob, kept, keeper)
    assert texts(frames, dialect) == ["hello"]
    (told,) = gaps(frames)
    assert told["unknown"] == [str(place.number)]
    assert not told[{"channels": "channel_ids", "conversations": "conversation_ids"}[dialect]]
    del keeper.positions[str(place.number)]
    assert gaps(await stay(server, bob, kept, keeper)) == []


@each
async def test_another_s_cursor_opens_nothing(server: ChatServer, dialect: str) -> None:
    ann, bob, place = await talking(server, private=True)
    eve = await server.person("eve")
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    await say(server, ann, place, "secret")
    frames = await refused_everything(server, eve, place, keeper)
    assert texts(frames, dialect) == []
    assert place.uuid not in str(frames)


@each
async def test_who_left_and_came_back_is_not_told_what_was_said_without_him(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server, private=True)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    await say(server, ann, place, "with him")
    await leave(server, bob, place)
    await say(server, ann, place, "without him")
    await add(server, ann, place, bob)
    await say(server, ann, place, "with him again")
    assert texts(await stay(server, bob, place, keeper), dialect) == ["with him", "with him again"]


@each
async def test_a_cursor_older_than_his_membership_tells_nothing_from_before_it(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server, private=True)
    eve = await server.person("eve")
    bobs = Keeper(dialect)
    await stay(server, bob, place, bobs, resume="1")
    await say(server, ann, place, "without her")
    await add(server, ann, place, eve)
    await say(server, ann, place, "with her")
    await leave(server, eve, place)
    await say(server, ann, place, "without her again")
    await add(server, ann, place, eve)
    await say(server, ann, place, "and with her")
    eves = Keeper(dialect, dict(bobs.positions))
    assert texts(await stay(server, eve, place, eves), dialect) == ["with her", "and with her"]
    assert texts(await stay(server, bob, place, bobs), dialect)[0] == "without her"


@pytest.mark.parametrize("dialect", ["room", "lobby"])
async def test_a_visit_to_a_public_room_needs_no_membership(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    await leave(server, bob, place)
    await say(server, ann, place, "all the same")
    assert texts(await stay(server, bob, place, keeper), dialect) == ["all the same"]


@following
async def test_a_room_one_was_added_to_meanwhile_is_told_from_then_on(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    fresh = await open_room(server, ann, "fresh")
    await say(server, ann, fresh, "before")
    await add(server, ann, fresh, bob)
    await say(server, ann, fresh, "after")
    frames = await stay(server, bob, place, keeper)
    assert (gaps(frames), texts(frames, dialect)) == ([], ["after"])
    if dialect == "channels":
        kinds = [frame["type"] for frame in frames]
        assert kinds == ["connection_established", "user_joined", "new_message"]
    assert texts(await stay(server, bob, place, keeper), dialect) == []


@following
async def test_without_the_time_it_began_such_a_room_is_a_gap(
    server: ChatServer, dialect: str
) -> None:
    ann, bob, place = await talking(server)
    keeper = Keeper(dialect)
    await stay(server, bob, place, keeper, resume="1")
    fresh = await open_room(server, ann, "fresh", bob)
    del keeper.positions["t"]
    frames = await stay(server, bob, place, keeper)
    assert gaps(frames) == [gap(dialect, fresh.uuid, fresh.number)]
    await say(server, ann, fresh, "after")
    assert texts(await stay(server, bob, place, keeper), dialect) == ["after"]


async def test_a_visited_channel_is_resumed_when_it_is_joined_again(server: ChatServer) -> None:
    ann, eve = await server.person("ann"), await server.person("eve")
    place = await open_room(server, ann, "hall")
    keeper = Keeper("channels")
    join = {"type": "join_channel", "channel_id": place.uuid}
    async with server.socket("channels", eve, resume="1") as client:
        await client.send(join)
        await keeper.hear(client)
        await client.abort()
    await say(server, ann, place, "one", "two")
    async with server.socket("channels", eve, resume=keeper.cursor) as client:
        frames = await keeper.hear(client)
        assert texts(frames, "channels") == []
        await client.send(join)
        frames = await keeper.hear(client)
        assert frames[0]["type"] == "channel_joined"
        assert texts(frames, "channels") == ["one", "two"]


async def test_of_a_message_and_its_mention_what_was_not_told_is_told(server: ChatServer) -> None:
    """A connection may be cut between the frames of one event."""
    ann, bob, place = await talking(server)
    keeper = Keeper("channels")
    async with server.socket("channels", bob, resume="1") as client:
        await come(client, place, keeper)
        await say(server, ann, place, "hello @bob")
        message, mention = await client.next(), await client.next()
        assert (message["type"], mention["type"]) == ("new_message", "mention_notification")
        keeper.take(message)
        await client.abort()
    await say(server, ann, place, "and on")
    frames = await stay(server, bob, place, keeper)
    kinds = [frame["type"] for frame in frames]
    assert kinds == ["connection_established", "mention_notification", "new_message"]
    keeper.take(mention)
    frames = await stay(server, bob, place, keeper)
    assert [frame["type"] for frame in frames] == ["connection_established", "new_message"]


async def test_a_mention_from_a_room_this_socket_went_out_of_moves_no_position(
    server: ChatServer,
) -> None:
    """Coming back is coming back to everything that was said there."""
    ann, bob, place = await talking(server)
    keeper = Keeper("channels")
    async with server.socket("channels", bob, resume="1") as client:
        await come(client, place, keeper)
        await client.send({"type": "leave_channel", "channel_id": place.uuid})
        await keeper.hear(client)
        await say(server, ann, place, "unheard", "hello @bob")
        (frame,) = await heard(client, "channels")
        assert (frame["type"], frame.get("cursor")) == ("mention_notification", None)
        await client.abort()
    frames = await stay(server, bob, place, keeper)
    assert texts(frames, "channels") == ["unheard", "hello @bob"]
