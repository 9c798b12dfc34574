"""What is ours beside the documents is not seen by a client that knows only its document."""

from typing import Any

import pytest

from tests.dialects.speech import DIALECTS, heard
from tests.rooms import open_room
from tests.server import ChatServer

# The keys of documented frames, by what tells them.
USER = {"id", "username", "email"}
FRAMES: dict[str, dict[str, set[str]]] = {
    "chats": {
        "subscribe_response": {"action", "results"},
        "message_response": {"action", "status"},
        "push": {"from", "message", "chat_id"},
    },
    "room": {
        "room_users_list": {"type", "users"},
        "user_join": {"type", "user_id", "username"},
        "chat_message": {"type", "message", "sender_username", "sender_id", "timestamp"},
    },
    "lobby": {
        kind: {"id", "type", "content", "user_id", "user_uuid", "user_email", "room_id",
             "timestamp"}
        for kind in ("text", "join", "leave")
    },
    "channels": {
        "connection_established": {"type", "user_id", "username", "timestamp"},
        "channel_joined": {"type", "channel_id", "timestamp"},
        "channel_left": {"type", "channel_id", "timestamp"},
        "online_users": {"type", "channel_id", "users", "timestamp"},
        "user_status": {"type", "user_id", "status", "timestamp"},
        "new_message": {"type", "data", "timestamp"},
        "pong": {"type", "timestamp"},
    },
    "conversations": {
        "chat.message": {"type", "message"},
        "chat.conversations": {"type", "conversations"},
        "chat.messages": {"type", "messages"},
        "chat.read": {"type", "conversation_id", "reader_id"},
    },
}  # fmt: skip
FRAMES["lobby"] |= {kind: {"type", "data"} for kind in ("room_created", "rooms_list")}


def asked(dialect: str, room: str, number: int) -> list[Any]:
    """Each documented request, with nothing that is ours."""
    requests: dict[str, list[Any]] = {
        "chats": [
            {"action": "subscribe", "chat_ids": [room]},
            {"action": "message", "chat_id": room, "text": "x"},
        ],
        "room": [{"message": "x"}],
        "lobby": [
            {"type": "create_room", "data": {"name": "a", "type": "public", "max_users": 50}},
            {"type": "list_rooms", "data": {"type": "public"}},
            {"type": "join_room", "data": {"room_id": room}},
            {"type": "send_message", "data": {"type": "text", "content": "x", "room_id": room}},
            {"type": "leave_room", "data": {}},
        ],
        "channels": [
            {"type": "join_channel", "channel_id": room},
            {"type": "get_online_users", "channel_id": room},
            {"type": "typing_indicator", "channel_id": room, "is_typing": True},
            {"type": "leave_channel", "channel_id": room},
        ],
        "conversations": [
            {"type": "chat.message", "conversation_id": number, "content": "x"},
            {"type": "chat.read", "conversation_id": number},
            {"type": "chat.get_conversations"},
            {"type": "chat.get_messages", "conversation_id": number},
        ],
    }
    return requests[dialect]


def kind_of(frame: dict[str, Any]) -> str:
    return str(frame.get("action") or frame.get("type") or ("push" if "from" in frame else frame))


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_4_documented_frames_have_their_documented_keys_and_no_others(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    seen: set[str] = set()
    async with (
        server.socket(dialect, ann, "hall") as client,
        server.socket(dialect, bob, "hall") as other,
    ):
        frames = await heard(client, dialect)
        await heard(other, dialect)
        for request in asked(dialect, place.uuid, place.number):
            await client.send(request)
            if dialect == "conversations":
                await other.send(request)
            frames += await heard(client, dialect)
        if dialect == "channels":
            body = {"content": "x", "channel_id": place.uuid}
            await client.send({"type": "join_channel", "channel_id": place.uuid})
            await server.rest(bob, "POST", "/messages/", body)
            frames += await heard(client, dialect)
            frames += [await client.request({"type": "ping"})]
        await heard(other, dialect)
        frames += await heard(client, dialect)
    for frame in frames:
        kind = kind_of(frame)
        if kind in FRAMES[dialect]:
            assert frame.keys() == FRAMES[dialect][kind], kind
            seen.add(kind)
        if kind == "new_message":  # the documented keys, beside those of the web client
            assert {
                "id", "content", "channelId", "userId", "createdAt", "updatedAt", "user",
            } <= frame["data"].keys()  # fmt: skip
            assert frame["data"]["user"].keys() >= USER
        if kind == "chat.conversations":
            assert frame["conversations"][0].keys() >= {"id", "participants"}
    # a list of rooms is what heard() itself asks for; status is told a tick later
    assert seen >= set(FRAMES[dialect]) - {"user_status", "rooms_list"}
