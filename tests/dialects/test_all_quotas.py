"""Who has used up a share is told so in each dialect's words for a rate limit (all-25)."""

from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import heard
from tests.rooms import open_room
from tests.server import open_chat_server, settings_for
from trichat.settings import Limits, Rooms

LIMITED: dict[str, dict[str, Any]] = {
    "chats": {
        "action": "message_response", "status": "error", "error": "Couldn't send message",
    },
    "room": {"error": "Too many messages, try again later"},
    "lobby": {"type": "error", "data": {"message": "rate limit exceeded"}},
    "conversations": {"type": "error", "message": "Too many messages, try again later"},
}  # fmt: skip


@pytest.mark.parametrize("dialect", LIMITED)
async def test_all_25_bytes_of_an_hour_over_all_dialects(tmp_path: Path, dialect: str) -> None:
    settings = settings_for(tmp_path / "data", limits=Limits(bytes_per_hour=10))
    async with open_chat_server(settings) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        place = await open_room(server, ann, "hall", bob)
        body = {"content": "12345", "channel_id": place.uuid}
        assert (await server.rest(ann, "POST", "/messages/", body))[0] == 200
        async with server.socket(dialect, ann, "hall") as client:
            await place.entered(client, dialect)
            await heard(client, dialect)
            assert await client.request(place.message(dialect, "123456")) == LIMITED[dialect]
            await client.request(place.message(dialect, " "))  # refused for itself: costs nothing
            await client.send(place.message(dialect, "12345"))
            assert len(await heard(client, dialect)) >= 1
            assert await client.request(place.message(dialect, "1")) == LIMITED[dialect]
        _, stored = await server.rest(ann, "GET", f"/messages/channel/{place.uuid}")
        assert [message["content"] for message in stored] == ["12345", "12345"]
        body["content"] = "1234567890"
        assert (await server.rest(bob, "POST", "/messages/", body))[0] == 200


async def test_all_25_connecting_makes_so_many_rooms_in_an_hour(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", rooms=Rooms(max_created_per_hour=2))
    async with open_chat_server(settings) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        await server.channel(ann, "by rest")
        async with server.socket("room", ann, "one") as client:
            await heard(client, "room")
            async with server.socket("room", ann, "two") as other:
                assert await other.closed() == (4000, "room not created: too many rooms")
            async with server.socket("room", bob, "two") as other:
                await heard(other, "room")
            async with server.socket("room", ann, "two") as other:  # it is there
                await heard(other, "room")
