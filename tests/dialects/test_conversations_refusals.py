"""Conversations over real sockets: what is refused, in one frame, and that nobody else hears it."""

from typing import Any

import pytest
from trio_websocket import ConnectionClosed

from tests.dialects.speech import heard, texts
from tests.dialects.test_conversations_house import UNKNOWN, at, say, start, told
from tests.rooms import open_room
from tests.server import ChatServer

NOT_FOUND = {"type": "error", "message": "Conversation not found"}
NO_USER = {"type": "error", "message": "User not found"}
ID_TYPES: list[Any] = [None, "1", "", True, 1.0, [], {}]


def misfit(type_: str) -> dict[str, str]:
    text = f"Invalid {type_}: a field is missing or of the wrong type"
    return {"type": "error", "message": text}


@pytest.mark.parametrize("token", [None, "", "nonsense"])
async def test_conversations_2_a_bad_token_sees_no_frame(
    server: ChatServer, token: str | None
) -> None:
    async with server.socket("conversations", token) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await client.socket.get_message()
        assert closed.value.reason is not None
        assert closed.value.reason.code == 4001


async def test_conversations_3_each_in_a_frame_with_type_and_message(server: ChatServer) -> None:
    cases: list[tuple[Any, str]] = [
        ("", "Invalid JSON"), ("{", "Invalid JSON"), ("{'type': 1}", "Invalid JSON"),
        ("NaN", "Invalid JSON"), ("[" * 50_000, "Invalid JSON"),
        ("[]", "A message is a JSON object"), ("null", "A message is a JSON object"),
        ('"chat.read"', "A message is a JSON object"), (b"{}", "Text frames only"),
        ({}, "Unknown message type"), ({"type": None}, "Unknown message type"),
        ({"type": ["chat.read"]}, "Unknown message type"),
        ({"type": "Chat.read"}, "Unknown message type"),
        ({"type": "message", "content": "x"}, "Unknown message type"),
    ]  # fmt: skip
    async with at(server, await server.person("ann")) as client:
        for frame, text in cases:
            assert await client.request(frame) == {"type": "error", "message": text}, frame
        assert await told(client) == []  # it stays open


@pytest.mark.parametrize(
    ("type_", "field", "others"),
    [
        ("chat.message", "conversation_id", {"content": "x"}),
        ("chat.typing", "receiver_id", {"is_typing": True}),
        ("chat.read", "conversation_id", {}),
        ("chat.delivered", "message_id", {}),
        ("chat.get_messages", "conversation_id", {}),
    ],
)
async def test_conversations_3_5_ids_are_integers(
    server: ChatServer, type_: str, field: str, others: dict[str, Any]
) -> None:
    async with at(server, await server.person("ann")) as client:
        frame = {"type": type_, **others}
        assert await client.request(frame) == misfit(type_)
        for id_ in ID_TYPES:
            assert await client.request({**frame, field: id_}) == misfit(type_), id_
        for id_ in (0, -1, UNKNOWN, 2**53, 2**63, 2**80):
            answer = await client.request({**frame, field: id_})
            assert answer["type"] == "error"
            assert answer["message"].endswith(" not found")
        assert await told(client) == []


async def test_conversations_3_other_fields_have_their_types_too(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as client, at(server, bob) as peer:
        number = await start(client, bob)
        cases: list[tuple[str, dict[str, Any], str, list[Any]]] = [
            ("chat.message", {"conversation_id": number}, "content", [None, 5, True, [], {}]),
            ("chat.typing", {"receiver_id": bob.id}, "is_typing", [None, 0, 1, "true", []]),
            ("chat.search_user", {}, "keyword", [None, 5, True, ["a"]]),
            ("chat.get_messages", {"conversation_id": number}, "limit", ["1", 1.0, True, []]),
            ("chat.get_messages", {"conversation_id": number}, "before_id", ["1", 1.0, True]),
            ("chat.start_conversation", {}, "receiver_id", ["1", 1.0, True, []]),
        ]
        for type_, others, field, values in cases:
            for value in values:
                frame = {"type": type_, **others, field: value}
                assert await client.request(frame) == misfit(type_), frame
        for type_ in ("chat.message", "chat.typing", "chat.search_user"):
            others = {"conversation_id": number, "receiver_id": bob.id}
            assert await client.request({"type": type_, **others}) == misfit(type_)
        nobody = await client.request({"type": "chat.start_conversation", "receiver_id": None})
        assert nobody.keys() == {"type", "message"}
        assert await told(peer) == []


async def test_conversations_4_a_text_has_its_bounds(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with at(server, ann) as client, at(server, bob) as peer:
        number = await start(client, bob)
        cases = [
            ("", "The message is empty"), (" \n\u2003", "The message is empty"),
            ("x" * 10_001, "The message is too long"),
            ("a\0b", "The message holds characters that cannot be stored"),
            ("a\ud800b", "The message holds characters that cannot be stored"),
        ]  # fmt: skip
        for content, text in cases:
            frame = {"type": "chat.message", "conversation_id": number, "content": content}
            assert await client.request(frame) == {"type": "error", "message": text}
        assert await told(peer) == []
        taken = ["x", "🎈" * 10_000, " kept \n"]
        for content in taken:
            await say(client, number, content)
        assert texts(await told(peer), "conversations") == taken
        asked = {"type": "chat.get_messages", "conversation_id": number}
        assert [m["content"] for m in (await client.request(asked))["messages"]] == taken


async def test_conversations_4_7_11_13_a_visitor_is_no_participant(server: ChatServer) -> None:
    """Anyone may visit a public room by other dialects; here it takes membership."""
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall")
    async with (
        at(server, ann) as member, at(server, bob) as client,
        server.socket("room", bob, "hall") as room,
    ):  # fmt: skip
        await heard(room, "room")
        message = await say(member, place.number, "hi")
        assert texts(await heard(room, "room"), "room") == ["hi"]
        assert await told(client) == []
        for frame in (
            {"type": "chat.message", "conversation_id": place.number, "content": "x"},
            {"type": "chat.read", "conversation_id": place.number},
            {"type": "chat.get_messages", "conversation_id": place.number},
        ):
            assert await client.request(frame) == NOT_FOUND
            unknown = {**frame, "conversation_id": UNKNOWN}
            assert await client.request(unknown) == NOT_FOUND  # one cannot tell them apart
        for id_ in (message["id"], UNKNOWN):
            answer = await client.request({"type": "chat.delivered", "message_id": id_})
            assert answer == {"type": "error", "message": "Message not found"}
        assert (
            await client.request({"type": "chat.typing", "receiver_id": ann.id, "is_typing": True})
            == NO_USER
        )
        assert await told(member) == []
        listed = await client.request({"type": "chat.get_conversations"})
        assert listed == {"type": "chat.conversations", "conversations": []}


async def test_conversations_4_who_left_neither_hears_nor_says(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with at(server, ann) as member, at(server, bob) as client:
        await say(member, place.number, "one")
        await told(client)
        await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
        await say(member, place.number, "two")
        assert await told(client) == []
        frame = {"type": "chat.message", "conversation_id": place.number, "content": "x"}
        assert await client.request(frame) == NOT_FOUND
        await server.rest(bob, "POST", "/channels/join", {"channel_id": place.uuid})
        await say(member, place.number, "three")
        assert texts(await told(client), "conversations") == ["three"]
        assert await told(member) == []


async def test_conversations_9_only_with_another_who_exists(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    yourself = {"type": "error", "message": "That cannot be done with yourself"}
    async with at(server, ann) as client, at(server, bob) as other:
        for field in ("receiver_id", "user_id"):
            frame = {"type": "chat.start_conversation"}
            assert await client.request({**frame, field: ann.id}) == yourself
            for id_ in (0, -1, UNKNOWN, 2**53, 2**70):
                assert await client.request({**frame, field: id_}) == NO_USER
        assert await told(other) == []
    assert await server.runtime.store.active_rooms(bob.id, limit=10) == []
