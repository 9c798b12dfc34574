"""Sends with a key, in every dialect and over REST: one message, and the first answer again."""

from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import heard, texts
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person, open_chat_server, settings_for
from trichat.dialects.codec import millis, seconds
from trichat.settings import Limits, Lobby

SENDING = ("chats", "room", "lobby", "conversations")
each = pytest.mark.parametrize("dialect", SENDING)
KEY = "b1946ac9-2492"
BAD = "client_key is a text of 1 to 128 characters"
REUSED = "client_key stands for another message"


def keyed(place: NamedRoom, dialect: str, text: str, key: object = KEY) -> Any:
    frame = place.message(dialect, text)
    (frame["data"] if dialect == "lobby" else frame)["client_key"] = key
    return frame


def refusal(dialect: str, words: str) -> Any:
    return {
        "chats": {"action": "message_response", "status": "error", "error": words},
        "room": {"error": words},
        "lobby": {"type": "error", "data": {"message": words}},
        "conversations": {"type": "error", "message": words},
    }[dialect]


async def first_answer(server: ChatServer, place: NamedRoom, dialect: str) -> Any:
    """What is answered for the one message that is there."""
    ((message,), _) = await server.runtime.store.history(place.number, limit=10)
    named = {"client_key": KEY, "id": message.uuid}
    return {
        "chats": {
            "action": "message_response",
            "status": "success",
            **named,
            "timestamp": millis(message.created_at),
        },
        "room": {"type": "message_sent", **named, "timestamp": seconds(message.created_at)},
        "lobby": {
            "type": "message_sent",
            "data": {**named, "timestamp": seconds(message.created_at)},
        },
        "conversations": {
            "type": "chat.message_sent",
            "client_key": KEY,
            "message_id": message.id,
            "timestamp": millis(message.created_at),
        },
    }[dialect]


async def talking(server: ChatServer) -> tuple[Person, NamedRoom]:
    ann = await server.person("ann")
    return ann, await open_room(server, ann, "hall")


async def come(client: Client, place: NamedRoom, dialect: str) -> None:
    await place.entered(client, dialect)


def about(frames: list[Any]) -> list[Any]:
    """Without what a resuming connection is told of where it stands."""
    return [frame for frame in frames if "cursor" not in (frame.get("type"), frame.get("action"))]


@each
async def test_a_retry_gets_the_first_answer_on_the_same_socket_and_on_another(
    server: ChatServer, dialect: str
) -> None:
    ann, place = await talking(server)
    for number in range(2):
        async with server.socket(dialect, ann, "hall", resume="1") as client:
            await come(client, place, dialect)
            for _ in range(2):
                await client.send(keyed(place, dialect, "hello"))
            frames = about(await heard(client, dialect))
            answer = await first_answer(server, place, dialect)
            assert [frame for frame in frames if frame == answer] == [answer] * 2
            assert frames[0] == answer  # before the push
            assert texts(frames, dialect) == ["hello"] * (number == 0)


@each
async def test_a_retry_by_every_other_way_gets_the_answer_of_that_way(
    server: ChatServer, dialect: str
) -> None:
    ann, place = await talking(server)
    async with server.socket(dialect, ann, "hall", resume="1") as client:
        await come(client, place, dialect)
        await client.send(keyed(place, dialect, "hello"))
        await heard(client, dialect)
    for other in SENDING:
        async with server.socket(other, ann, "hall", resume="1") as client:
            await come(client, place, other)
            await client.send(keyed(place, other, "hello"))
            frames = about(await heard(client, other))
            assert frames == [await first_answer(server, place, other)]
    body = {"content": "hello", "channel_id": place.uuid}
    status, answer = await server.rest(ann, "POST", "/messages/", body, key=KEY)
    ((message,), _) = await server.runtime.store.history(place.number, limit=10)
    assert (status, answer["id"]) == (200, message.uuid)
    assert answer["created_at"] == millis(message.created_at)


async def test_over_rest_the_first_answer_comes_again_whole(server: ChatServer) -> None:
    ann, place = await talking(server)
    body = {"content": "hello @ann", "channel_id": place.uuid}
    _, first = await server.rest(ann, "POST", "/messages/", body, key=KEY)
    await server.rest(ann, "PUT", f"/messages/{first['id']}", {"content": "other"})
    assert await server.rest(ann, "POST", "/messages/", body, key=KEY) == (200, first)
    assert await server.rest(ann, "POST", "/messages/", body, key=f'"{KEY}"') == (200, first)
    body["content"] = "other"
    status, answer = await server.rest(ann, "POST", "/messages/", body, key=KEY)
    assert (status, answer) == (
        422,
        {
            "detail": [
                {
                    "type": "value_error",
                    "loc": ["header", "Idempotency-Key"],
                    "msg": "Value error, stands for another message",
                    "input": KEY,
                }
            ]
        },
    )
    status, answer = await server.rest(ann, "POST", "/messages/", body, key="x" * 129)
    assert status == 422
    assert answer["detail"][0]["msg"] == "Value error, must have 1 to 128 characters"
    assert (await server.rest(ann, "POST", "/messages/", body, key="x" * 128))[0] == 200


@each
async def test_another_text_under_a_used_key_is_refused(server: ChatServer, dialect: str) -> None:
    ann, place = await talking(server)
    async with server.socket(dialect, ann, "hall", resume="1") as client:
        await come(client, place, dialect)
        await client.send(keyed(place, dialect, "hello"))
        await client.send(keyed(place, dialect, "other"))
        frames = about(await heard(client, dialect))
        answer = await first_answer(server, place, dialect)
        assert [frame for frame in frames if frame == refusal(dialect, REUSED)]
        assert answer in frames
        assert texts(frames, dialect) == ["hello"]


@each
@pytest.mark.parametrize("key", ["", " ", "x" * 129, 7, True, ["k"], "a\0", "a\n", "\ud800"])
async def test_what_is_no_key_is_refused_and_nothing_is_stored(
    server: ChatServer, dialect: str, key: object
) -> None:
    ann, place = await talking(server)
    async with server.socket(dialect, ann, "hall", resume="1") as client:
        await come(client, place, dialect)
        await client.send(keyed(place, dialect, "hello", key))
        assert about(await heard(client, dialect)) == [refusal(dialect, BAD)]
    assert await server.runtime.store.history(place.number, limit=10) == ([], 1)


@each
@pytest.mark.parametrize("key", ["x" * 128, "\u00e9 \U0001f600"])
async def test_what_is_a_key_is_told_again_as_it_was_sent(
    server: ChatServer, dialect: str, key: str
) -> None:
    ann, place = await talking(server)
    async with server.socket(dialect, ann, "hall", resume="1") as client:
        await come(client, place, dialect)
        await client.send(keyed(place, dialect, "hello", key))
        answer, *_ = about(await heard(client, dialect))
        assert (answer["data"] if dialect == "lobby" else answer)["client_key"] == key


@each
async def test_without_a_key_a_resuming_socket_sends_as_the_document_says(
    server: ChatServer, dialect: str
) -> None:
    ann, place = await talking(server)
    async with server.socket(dialect, ann, "hall", resume="1") as client:
        await come(client, place, dialect)
        for frame in (place.message(dialect, "hello"), keyed(place, dialect, "hello", None)):
            await client.send(frame)
        frames = about(await heard(client, dialect))
        assert texts(frames, dialect) == ["hello", "hello"]
        assert len(frames) == (4 if dialect == "chats" else 2)


@each
@pytest.mark.promise("all-4")
async def test_all_4_without_the_parameter_a_key_is_a_field_like_any_unknown_one(
    server: ChatServer, dialect: str
) -> None:
    ann, place = await talking(server)
    async with server.socket(dialect, ann, "hall") as client:
        await come(client, place, dialect)
        for key in (KEY, KEY, 7, ""):
            await client.send(keyed(place, dialect, "hello", key))
        frames = await heard(client, dialect)
        assert texts(frames, dialect) == ["hello"] * 4
        assert len(frames) == (8 if dialect == "chats" else 4)
        assert KEY not in str(frames)


@each
async def test_a_retry_counts_against_no_allowance(tmp_path: Path, dialect: str) -> None:
    limits = {"limits": Limits(messages_per_minute=2), "lobby": Lobby(max_messages_per_min=2)}
    async with open_chat_server(settings_for(tmp_path / "data", **limits)) as server:
        ann, place = await talking(server)
        async with server.socket(dialect, ann, "hall", resume="1") as client:
            await come(client, place, dialect)
            for _ in range(5):
                await client.send(keyed(place, dialect, "hello"))
                await heard(client, dialect)
            await client.send(place.message(dialect, "second"))
            frames = await heard(client, dialect)
            assert texts(frames, dialect) == ["second"]
            await client.send(place.message(dialect, "third"))
            assert texts(await heard(client, dialect), dialect) == []
            await client.send(keyed(place, dialect, "hello"))
            answer, *_ = await heard(client, dialect)
            assert (answer["data"] if dialect == "lobby" else answer)["client_key"] == KEY
