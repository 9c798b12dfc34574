"""The channels dialect over a real socket, beside REST, promise by promise."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.settings import Presence

NO_SUCH = "00000000-0000-4000-8000-000000000000"
DENIED = {
    "type": "error",
    "error_code": "access_denied",
    "message": "Access denied to channel",
    "details": "User is not a member of this private channel",
}


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


@asynccontextmanager
async def at(server: ChatServer, who: Person) -> AsyncIterator[Client]:
    """Connected and greeted."""
    async with server.socket("channels", who) as client:
        assert (await client.next())["type"] == "connection_established"
        yield client


def without_time(frame: dict[str, Any]) -> dict[str, Any]:
    stamp = frame.pop("timestamp")
    assert len(stamp) == len("2024-01-07T10:30:00.000Z")
    assert stamp[-1] == "Z"
    return frame


async def ping(client: Client) -> None:
    """Nothing else was there to be read."""
    assert (await client.request({"type": "ping"}))["type"] == "pong"


async def test_channels_1_a_bad_token_closes_1008_and_never_greets(quiet: ChatServer) -> None:
    for token in (None, "", "nonsense"):
        async with quiet.socket("channels", token) as client:
            assert await client.close_code() == 1008


async def test_channels_3_the_greeting_is_first_and_early_frames_wait(quiet: ChatServer) -> None:
    ann = await quiet.person("ann")
    async with quiet.socket("channels", ann) as client:
        await client.send({"type": "ping"})
        assert without_time(await client.next()) == {
            "type": "connection_established", "user_id": ann.uuid, "username": "ann",
        }  # fmt: skip
        assert without_time(await client.next()) == {"type": "pong"}


async def test_channels_4_join_is_idempotent_and_a_visit(quiet: ChatServer) -> None:
    ann, bob = await quiet.person("ann"), await quiet.person("bob")
    room = await quiet.channel(ann, "open")
    async with at(quiet, ann) as member, at(quiet, bob) as visitor:
        for _ in range(2):
            answer = await visitor.request({"type": "join_channel", "channel_id": room})
            assert without_time(answer) == {"type": "channel_joined", "channel_id": room}
        assert without_time(await member.next()) == {
            "type": "user_joined", "user_id": bob.uuid, "username": "bob", "channel_id": room,
        }  # fmt: skip
        await ping(member)  # told once
        status, _ = await quiet.rest(
            bob, "POST", "/messages/", {"content": "x", "channel_id": room}
        )
        assert status == 403
        await quiet.rest(ann, "POST", "/messages/", {"content": "live", "channel_id": room})
        assert (await visitor.next())["data"]["content"] == "live"


async def test_channels_4_private_and_unknown_answer_alike(quiet: ChatServer) -> None:
    ann, bob = await quiet.person("ann"), await quiet.person("bob")
    secret = await quiet.channel(ann, "secret", private=True)
    async with at(quiet, bob) as client:
        for type_ in ("join_channel", "get_online_users", "typing_indicator"):
            for room in (secret, NO_SUCH, "no uuid"):
                frame = {"type": type_, "channel_id": room, "is_typing": True}
                assert await client.request(frame) == DENIED


async def test_channels_5_6_leaving_stops_this_socket_and_reentry_is_told(
    quiet: ChatServer,
) -> None:
    ann, bob = await quiet.person("ann"), await quiet.person("bob")
    room = await quiet.channel(ann, "room", bob)
    async with at(quiet, ann) as first, at(quiet, bob) as second:
        for _ in range(2):
            left = await second.request({"type": "leave_channel", "channel_id": room})
            assert without_time(left) == {"type": "channel_left", "channel_id": room}
        gone = {"type": "user_left", "user_id": bob.uuid, "username": "bob", "channel_id": room}
        assert without_time(await first.next()) == gone
        await quiet.rest(ann, "POST", "/messages/", {"content": "x", "channel_id": room})
        assert (await first.next())["type"] == "new_message"
        await ping(second)
        await second.request({"type": "join_channel", "channel_id": room})
        assert (await first.next())["type"] == "user_joined"
    async with at(quiet, bob) as again:  # membership stayed
        await quiet.rest(ann, "POST", "/messages/", {"content": "y", "channel_id": room})
        assert (await again.next())["data"]["content"] == "y"


async def test_channels_5_6_16_membership_by_rest_is_told(quiet: ChatServer) -> None:
    ann, bob, cy = [await quiet.person(name) for name in ("ann", "bob", "cy")]
    room = await quiet.channel(ann, "room")
    async with at(quiet, ann) as first, at(quiet, bob) as second, at(quiet, cy) as third:
        await quiet.rest(bob, "POST", "/channels/join", {"channel_id": room})
        joined = {"type": "user_joined", "user_id": bob.uuid, "username": "bob"}
        assert without_time(await first.next()) == {**joined, "channel_id": room}
        await quiet.rest(ann, "POST", f"/channels/{room}/add-user", {"user_id": cy.uuid})
        for client in (first, second, third):  # the added one too
            frame = without_time(await client.next())
            assert (frame["type"], frame["user_id"]) == ("user_joined", cy.uuid)
        await quiet.rest(ann, "POST", "/messages/", {"content": "all", "channel_id": room})
        for client in (first, second, third):
            assert (await client.next())["type"] == "new_message"
        await quiet.rest(bob, "DELETE", f"/channels/{room}/leave")
        for client in (first, third):
            frame = without_time(await client.next())
            assert (frame["type"], frame["user_id"]) == ("user_left", bob.uuid)
        await quiet.rest(ann, "POST", "/messages/", {"content": "two", "channel_id": room})
        for client in (first, third):
            assert (await client.next())["type"] == "new_message"
        await ping(second)


async def test_channels_7_typing_reaches_others_and_is_cleared(quiet: ChatServer) -> None:
    ann, bob = await quiet.person("ann"), await quiet.person("bob")
    room = await quiet.channel(ann, "room", bob)
    typing = {"type": "typing_indicator", "channel_id": room}
    told = {**typing, "user_id": bob.uuid, "username": "bob"}
    async with at(quiet, ann) as first:
        async with at(quiet, bob) as second:
            for on in (True, False, True):
                await second.send({**typing, "is_typing": on})
                assert without_time(await first.next()) == {**told, "is_typing": on}
            await ping(second)
            for wrong in ("yes", None, 1):
                answer = await second.request({**typing, "is_typing": wrong})
                assert answer["error_code"] == "typing_indicator_error"
        assert without_time(await first.next()) == {**told, "is_typing": False}


async def test_channels_9_online_users_are_distinct_members_and_visitors(quiet: ChatServer) -> None:
    ann, bob, cy, dee = [await quiet.person(name) for name in ("ann", "bob", "cy", "dee")]
    room = await quiet.channel(ann, "room", bob, dee)
    async with (
        at(quiet, ann) as first,
        at(quiet, ann),
        quiet.socket("chats", bob) as elsewhere,
        at(quiet, cy) as visitor,
    ):
        await elsewhere.request({"action": "subscribe", "chat_ids": []})
        await visitor.request({"type": "join_channel", "channel_id": room})
        await first.until(type="user_joined")
        answer = without_time(await first.request({"type": "get_online_users", "channel_id": room}))
        assert sorted(answer.pop("users")) == sorted([ann.uuid, bob.uuid, cy.uuid])
        assert answer == {"type": "online_users", "channel_id": room}


async def test_channels_10_13_a_message_in_both_casings_then_the_mention(quiet: ChatServer) -> None:
    ann, bob, cy = [await quiet.person(name) for name in ("ann", "bob", "cy")]
    room = await quiet.channel(ann, "room", bob)
    async with at(quiet, ann) as first, at(quiet, bob) as second, at(quiet, cy) as outsider:
        await second.request({"type": "leave_channel", "channel_id": room})
        await first.until(type="user_left")
        text = "hi @bob @bob @ann @cy @nobody"
        body = {"content": text, "channel_id": room}
        status, posted = await quiet.rest(ann, "POST", "/messages/", body)
        assert status == 200
        pushed = await first.next()
        assert pushed["data"] == posted
        data = pushed["data"]
        for snake, camel in (
            ("channel_id", "channelId"), ("user_id", "userId"), ("created_at", "createdAt"),
            ("updated_at", "updatedAt"), ("is_edited", "isEdited"),
        ):  # fmt: skip
            assert data[snake] == data[camel]
        assert data["mention_count"] == 3
        mention = without_time(await second.next())  # also after leave_channel
        assert mention == {
            "type": "mention_notification",
            "data": {
                "message_id": data["id"],
                "channel_id": room,
                "content": text,
                "from_user_id": ann.uuid,
                "from_username": "ann",
            },
        }
        for client in (first, outsider):  # neither oneself nor who is no member
            await ping(client)
        await quiet.rest(ann, "PUT", f"/messages/{data['id']}", {"content": "now @bob again"})
        assert (await first.next())["type"] == "message_edited"
        await ping(second)  # named before: not again


async def test_channels_11_20_reactions_edits_and_deletion_are_pushed(quiet: ChatServer) -> None:
    ann, bob = await quiet.person("ann"), await quiet.person("bob")
    room = await quiet.channel(ann, "room", bob)
    async with at(quiet, ann) as first, at(quiet, bob) as second:
        _, made = await quiet.rest(ann, "POST", "/messages/", {"content": "x", "channel_id": room})
        reaction = {"message_id": made["id"], "emoji": "👍"}
        for action in ("add", "remove", "add"):
            _, answer = await quiet.rest(bob, "POST", "/messages/reactions", reaction)
            assert answer["action"] == action
            for client in (first, second):
                frame = without_time(await client.until(type="message_reaction"))
                assert frame == {
                    "type": "message_reaction",
                    "message_id": made["id"],
                    "data": {
                        "emoji": "👍", "user_id": bob.uuid, "username": "bob", "action": action,
                    },
                }  # fmt: skip
        await quiet.rest(ann, "PUT", f"/messages/{made['id']}", {"content": "y @bob"})
        frame = await second.next()
        assert frame["type"] == "message_edited"
        assert frame["data"]["is_edited"] is True
        assert [one["emoji"] for one in frame["data"]["reactions"]] == ["👍"]
        mention = await second.next()
        assert mention["data"]["is_edit"] is True
        await quiet.rest(ann, "DELETE", f"/messages/{made['id']}")
        assert without_time(await second.next()) == {
            "type": "message_deleted", "message_id": made["id"], "channel_id": room,
            "deleted_by": "ann",
        }  # fmt: skip


async def test_channels_12_status_is_told_once_per_observer(server: ChatServer) -> None:
    ann, bob, cy = [await server.person(name) for name in ("ann", "bob", "cy")]
    await server.channel(ann, "one", bob)
    await server.channel(ann, "two", bob)
    async with at(server, ann) as observer, at(server, cy) as stranger:
        async with server.socket("lobby", bob):  # over all dialects
            status = without_time(await observer.until(type="user_status", user_id=bob.uuid))
            assert status == {"type": "user_status", "user_id": bob.uuid, "status": "online"}
        status = without_time(await observer.next())  # and nothing in between
        assert status == {"type": "user_status", "user_id": bob.uuid, "status": "offline"}
        await ping(stranger)


async def test_channels_14_errors_have_exactly_four_keys_and_stay_open(quiet: ChatServer) -> None:
    long = "t" * 80
    cases: list[tuple[Any, str, str]] = [
        ("{", "invalid_json", "Invalid JSON format"),
        ("[]", "invalid_json", "Invalid JSON format"),
        (b"\x00", "invalid_json", "Invalid JSON format"),
        ({"type": "new_message"}, "unknown_message_type", "Unknown message type: new_message"),
        ({"type": long}, "unknown_message_type", f"Unknown message type: {'t' * 64}"),
        ({"type": "join_channel"}, "missing_channel_id", "Channel ID is required"),
        ({"type": "leave_channel", "channel_id": ""}, "missing_channel_id",
         "Channel ID is required"),
    ]  # fmt: skip
    async with at(quiet, await quiet.person("ann")) as client:
        for frame, code, message in cases:
            answer = await client.request(frame)
            assert isinstance(answer.pop("details"), str)
            assert answer == {"type": "error", "error_code": code, "message": message}
        assert (await client.request({}))["error_code"] == "unknown_message_type"
        for type_, code in (
            ("join_channel", "join_channel_error"),
            ("leave_channel", "leave_channel_error"),
            ("typing_indicator", "typing_indicator_error"),
            ("get_online_users", "get_online_users_error"),
        ):
            frame = {"type": type_, "channel_id": 5, "is_typing": True}
            assert (await client.request(frame))["error_code"] == code
        await ping(client)


async def test_channels_20_channel_created_goes_to_all_but_its_creator(quiet: ChatServer) -> None:
    ann, bob, cy = [await quiet.person(name) for name in ("ann", "bob", "cy")]
    async with at(quiet, ann) as creator, at(quiet, bob) as second:
        room = await quiet.channel(ann, "news")
        frame = without_time(await second.next())
        assert frame["type"] == "channel_created"
        assert (frame["data"]["id"], frame["data"]["name"]) == (room, "news")
        await quiet.channel(ann, "secret", cy, private=True)
        await ping(second)
        assert (await creator.next())["type"] == "user_joined"  # cy, by ann herself
        await ping(creator)
