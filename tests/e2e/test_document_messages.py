"""The documents' messages: what clients send is understood, what the server sends has the shape."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import frozen

from tests.e2e.documents import NAMES, Example, examples, flow, needs_documents, with_ids
from tests.e2e.shapes import mismatch
from tests.e2e.users import Json, Person, Users
from tests.server import Client

pytestmark = needs_documents

NO_ROOM = "00000000-0000-4000-8000-000000000000"

# What is ours beside the documented keys, invisible to who knows only the document.
ADDED = {
    "channels": frozenset(
        {"username", "channel_id", "user_id", "created_at", "updated_at", "createdAt", "updatedAt"}
        | {"is_edited", "isEdited", "is_system", "formatting", "mentions", "mention_count"}
        | {"reactions", "reaction_counts", "avatar", "status", "banned_until", "bannedUntil"}
    ),
    "conversations": frozenset({"last_message", "has_unread", "uuid", "kind", "name"}),
}


@frozen
class Cast:
    """Two people in one public room, and a private one of which only john is a member."""

    users: Users
    ann: Person
    john: Person
    hall: str
    cellar: str
    ids: dict[Any, Any]


@pytest.fixture
async def cast(users: Users) -> Cast:
    ann, john = await users.people("ann", "john")
    hall = await users.channel("hall", ann, john)
    ids: dict[Any, Any] = {
        123: await users.number(ann),
        45: await users.user_number(john, ann),
        **dict.fromkeys(("chat-uuid", "chat-uuid-1", "room-uuid", "channel-uuid"), hall),
    }
    private = {"name": "cellar", "is_private": True}
    cellar = (await users.call(john, "POST", "/api/v1/channels/", private))["id"]
    return Cast(users, ann, john, hall, cellar, {**ids, "chat-uuid-2": cellar})


# A request with an answer that nothing else has: what comes before it was asked for before.
Fence = tuple[Json, Callable[[Json], bool]]
FENCES: dict[str, Fence] = {
    "chats": (
        {"action": "subscribe", "chat_ids": []},
        lambda frame: frame.get("results") == [],
    ),
    "room": ({"message": "the fence"}, lambda frame: frame.get("message") == "the fence"),
    "lobby": (
        {"type": "join_room", "data": {"room_id": NO_ROOM}},
        lambda frame: frame["data"] == {"message": "room not found"} if "data" in frame else False,
    ),
    "channels": (
        {"type": "join_channel", "channel_id": NO_ROOM},
        lambda frame: frame.get("error_code") == "access_denied",
    ),
    "conversations": (
        {"type": "chat.search_user", "keyword": ""},
        lambda frame: frame.get("results") == [],
    ),
}


def is_error(frame: Json) -> bool:
    return "error" in frame or frame.get("type") == "error"


async def up_to(socket: Client, **keys: object) -> list[Json]:
    """The frames up to one with these values, and it."""
    frames = [await socket.next()]
    while any(frames[-1].get(key) != value for key, value in keys.items()):
        frames.append(await socket.next())
    return frames


async def up_to_fence(socket: Client, document: str) -> list[Json]:
    request, is_answer = FENCES[document]
    await socket.send(request)
    frames: list[Json] = []
    while not is_answer(frame := await socket.next()):
        frames.append(frame)
    return frames


async def prepare(socket: Client, cast: Cast, sent: Json) -> None:
    """Some requests make sense in a room only."""
    if sent.get("type") in ("leave_room", "send_message"):
        await socket.request({"type": "join_room", "data": {"room_id": cast.hall}})


@pytest.mark.parametrize("document", NAMES)
async def test_what_clients_send_is_understood(cast: Cast, document: str) -> None:
    """Each on a connection of its own; where the document shows the answer, it comes."""
    found = [e for e in examples(document) if e.is_message and (e.is_sent or e.is_answer)]
    assert found
    answers: list[Json] = []
    for example in found:
        if example.is_answer:
            assert_one_is_like(example, answers)
            continue
        async with cast.users.socket(document, cast.ann, "hall") as socket:
            sent = with_ids(example.message, cast.ids)
            await prepare(socket, cast, sent)
            await socket.send(sent)
            answers = await up_to_fence(socket, document)
        assert not any(map(is_error, answers)), (sent, answers)


def assert_one_is_like(example: Example, frames: list[Json]) -> None:
    added = ADDED.get(example.document, ())
    wrong = [mismatch(example.message, frame, added) for frame in frames]
    assert None in wrong, (example.message, list(zip(wrong, frames, strict=True)))


# -- what the server sends: john and ann do everything, and ann's socket hears it


@asynccontextmanager
async def hearing(cast: Cast, dialect: str) -> AsyncIterator[tuple[Client, Client]]:
    """ann's socket and john's."""
    async with (
        cast.users.socket(dialect, cast.ann, "hall") as ann,
        cast.users.socket(dialect, cast.john, "hall") as john,
    ):
        yield ann, john


async def chats(cast: Cast) -> list[Json]:
    async with hearing(cast, "chats") as (ann, john):
        subscribed = await ann.request(
            {"action": "subscribe", "chat_ids": [cast.hall, cast.cellar]}
        )
        await john.request({"action": "message", "chat_id": cast.hall, "text": "hello"})
        sent = await ann.request({"action": "message", "chat_id": cast.hall, "text": "hello"})
        unknown = await ann.request({"action": "dance"})
        return [subscribed, sent, unknown, *await up_to_fence(ann, "chats")]


async def room(cast: Cast) -> list[Json]:
    async with cast.users.socket("room", cast.ann, "hall") as ann:
        async with cast.users.socket("room", cast.john, "hall") as john:
            await john.request({"message": "hello"})
        frames = await up_to(ann, type="user_leave")
        await ann.send({"message": ""})
        return frames + await up_to_fence(ann, "room")


async def lobby(cast: Cast) -> list[Json]:
    async with hearing(cast, "lobby") as (ann, john):
        created = await ann.request(
            {"type": "create_room", "data": {"name": "attic", "type": "public"}}
        )
        join = {"type": "join_room", "data": {"room_id": cast.hall}}
        frames = [created, await ann.request(join), await john.request(join)]
        listed = await john.request({"type": "list_rooms", "data": {"type": "public"}})
        data = {"type": "text", "content": "hello", "room_id": cast.hall}
        await john.request({"type": "send_message", "data": data})
        await john.request({"type": "leave_room", "data": {}})
        refused = await ann.request({"type": "dance", "data": {}})
        frames += [listed, refused, *await up_to_fence(ann, "lobby")]
        return frames


async def channels(cast: Cast) -> list[Json]:
    users, hall = cast.users, cast.hall
    async with users.socket("channels", cast.ann) as ann:
        async with users.socket("channels", cast.john) as john:
            # Who is gone within a tick of presence was never there.
            frames = await up_to(ann, type="user_status", status="online")
            said = await users.post(cast.john, hall, "hello @ann")
            reaction = {"message_id": said["id"], "emoji": "🎈"}
            await users.call(cast.john, "POST", "/api/v1/messages/reactions", reaction)
            await john.send({"type": "typing_indicator", "channel_id": hall, "is_typing": True})
            await up_to_fence(john, "channels")
            await users.call(cast.john, "DELETE", f"/api/v1/channels/{hall}/leave")
            await users.call(cast.john, "POST", "/api/v1/channels/join", {"channel_id": hall})
            for type_ in ("ping", "leave_channel", "join_channel", "get_online_users"):
                await ann.send({"type": type_, "channel_id": hall})
            await ann.send({"type": "join_channel", "channel_id": cast.cellar})
            frames += await up_to(ann, type="error")
        return frames + await up_to(ann, type="user_status", status="offline")


async def conversations(cast: Cast) -> list[Json]:
    number, others = cast.ids[123], cast.ids[45]
    async with hearing(cast, "conversations") as (ann, john):
        found = await john.request({"type": "chat.search_user", "keyword": "ann"})
        hello = {"type": "chat.message", "conversation_id": number, "content": "hello"}
        await john.request(hello)
        (me,) = found["results"]
        await john.send({"type": "chat.typing", "receiver_id": me["id"], "is_typing": True})
        await john.send({"type": "chat.read", "conversation_id": number})
        await up_to_fence(john, "conversations")
        await ann.send({"type": "chat.search_user", "keyword": "john"})
        await ann.send({"type": "chat.start_conversation", "receiver_id": others})
        await ann.send({"type": "chat.get_conversations"})
        await ann.send({"type": "chat.get_messages", "conversation_id": number})
        return await up_to_fence(ann, "conversations")


SCENES = {
    "chats": chats,
    "room": room,
    "lobby": lobby,
    "channels": channels,
    "conversations": conversations,
}


@pytest.mark.parametrize("document", NAMES)
@pytest.mark.promise("all-4")
async def test_what_the_server_sends_has_the_shape(cast: Cast, document: str) -> None:
    """Every documented frame is like one that it really sends, key by key."""
    found = [e for e in examples(document) if e.is_message and e.is_received]
    assert found
    frames = await SCENES[document](cast)
    for example in found:
        assert_one_is_like(example, frames)


# -- whole sessions


@pytest.mark.parametrize("document", ["room", "conversations"])
async def test_an_example_session(cast: Cast, document: str) -> None:
    """All its requests on one connection, one after another; the other hears what is for them."""
    steps = with_ids(flow(document), cast.ids)
    assert steps
    async with (
        cast.users.socket(document, cast.john, "hall") as john,
        cast.users.socket(document, cast.ann, "hall") as ann,
    ):
        for step in steps:
            await ann.send(step)
        answers = await up_to_fence(ann, document)
        assert not any(map(is_error, answers)), answers
        await john.send(FENCES[document][0])
        heard = {}
        while not FENCES[document][1](frame := await john.next()):
            heard[frame["type"]] = frame
    if document == "room":
        assert answers[0]["type"] == "room_users_list"
        assert heard["user_join"]["username"] == "ann"
        assert heard["chat_message"]["message"] == steps[-1]["message"]
    else:
        types = [answer["type"] for answer in answers]
        assert types == [
            "chat.conversations",
            "chat.messages",
            "chat.message",
            "chat.search_results",
            "chat.conversation_started",
        ]
        assert heard["chat.message"]["message"]["sender"]["username"] == "ann"
        assert heard["chat.typing"]["is_typing"] is True
