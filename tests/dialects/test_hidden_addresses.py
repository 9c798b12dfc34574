"""Where the server hides e-mail addresses, others see the user name (all-19), wherever it is."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server import ChatServer, Person, open_chat_server, settings_for
from trichat.core.model import Role
from trichat.settings import Auth

pytestmark = pytest.mark.promise("all-19")

HIDDEN = "ann@example.com"


@pytest.fixture(params=["hidden", "shown"])
def hides(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "hidden")


@pytest.fixture
async def server(tmp_path: Path, hides: bool) -> AsyncIterator[ChatServer]:
    auth = Auth(hide_addresses=hides, argon2_time=1, argon2_memory=8, argon2_parallelism=1)
    async with open_chat_server(settings_for(tmp_path, auth=auth)) as server:
        yield server


async def everything_of(
    server: ChatServer, by: Person, channel: str, ann: Person
) -> dict[str, Any]:
    """All that REST shows of ann to somebody."""
    shown = {}
    for path in (
        "/users/", f"/users/{ann.uuid}", "/users/search/ann", "/channels/users/available",
        f"/channels/{channel}", "/channels/my", f"/channels/{channel}/members",
        f"/messages/channel/{channel}",
    ):  # fmt: skip
        status, shown[path] = await server.rest(by, "GET", path)
        assert status == 200, path
    return shown


async def test_no_frame_and_no_answer_shows_another_s_address(
    server: ChatServer, hides: bool
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    channel = await server.channel(ann, "tea", bob)
    seen: dict[str, list[Any]] = {}
    async with AsyncExitStack() as sockets:
        his = {}
        for dialect in ("channels", "lobby", "room", "chats", "conversations"):
            client = await sockets.enter_async_context(server.socket(dialect, bob, "tea"))
            client.described = seen.setdefault(dialect, []).append
            his[dialect] = client
        await his["lobby"].send({"type": "join_room", "data": {"room_id": channel}})
        await his["lobby"].until(type="join")
        await his["chats"].request({"action": "subscribe", "chat_ids": [channel]})
        async with server.socket("lobby", ann) as hers:
            await hers.send({"type": "join_room", "data": {"room_id": channel}})
            joined = await his["lobby"].until(type="join", user_id=ann.id)
            assert joined["content"] == f"{'ann' if hides else HIDDEN} joined the room"
            await hers.until(type="join", user_id=ann.id)
            body = {"type": "text", "content": "hi @bob", "room_id": channel}
            await hers.send({"type": "send_message", "data": body})
            said = await his["lobby"].until(content="hi @bob")
            assert said["user_email"] == ("ann" if hides else HIDDEN)
            await his["lobby"].send({"type": "list_rooms"})
            listed = await his["lobby"].until(type="rooms_list")
            (tea,) = [each for each in listed["data"] if each["id"] == channel]
            assert tea["users"][str(ann.id)]["email"] == ("ann" if hides else HIDDEN)
        left = await his["lobby"].until(type="leave")
        assert left["content"] == f"{'ann' if hides else HIDDEN} left the room"
        pushed = (await his["channels"].until(type="new_message"))["data"]
        assert pushed["user"]["email"] == ("ann" if hides else HIDDEN)
        body = {"message_id": pushed["id"], "emoji": "👍"}
        assert (await server.rest(ann, "POST", "/messages/reactions", body))[0] == 200
        await his["channels"].until(type="message_reaction")
        path = f"/messages/{pushed['id']}"
        assert (await server.rest(ann, "PUT", path, {"content": "ho"}))[0] == 200
        edited = (await his["channels"].until(type="message_edited"))["data"]
        assert edited["reactions"][0]["user"]["email"] == ("ann" if hides else HIDDEN)
        for dialect in ("room", "chats"):
            await his[dialect].until(message="hi @bob")
        await his["conversations"].request({"type": "chat.search_user", "keyword": "ann"})
        rest = await everything_of(server, bob, channel, ann)
    for place, shown in (seen | rest).items():
        if hides:
            assert HIDDEN not in json.dumps(shown), place
    assert (HIDDEN in json.dumps(rest["/users/"])) is not hides


async def test_nobody_is_found_by_an_address_that_is_hidden(
    server: ChatServer, hides: bool
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    for part in (HIDDEN, "nn@ex", "example", "@"):
        for by in (ann, bob):
            _, found = await server.rest(by, "GET", f"/users/search/{part}")
            assert ("ann" in [user["username"] for user in found]) is not hides, part
    _, found = await server.rest(bob, "GET", "/users/search/ann")
    assert [user["username"] for user in found] == ["ann"]


async def test_one_s_own_is_shown_to_oneself_and_to_administrators(
    server: ChatServer, hides: bool
) -> None:
    ann, chief = await server.person("ann"), await server.person("chief", role=Role.ADMIN)
    login = {"username": "ann", "password": "Secret1x"}
    shown = [
        (await server.rest(ann, "GET", "/auth/me"))[1],
        (await server.rest(None, "POST", "/auth/login", login))[1]["user"],
        (await server.rest(ann, "PUT", f"/users/{ann.uuid}", {"avatar": "a"}))[1],
        (await server.rest(chief, "GET", f"/admin/users/{ann.uuid}"))[1],
        *(await server.rest(chief, "GET", "/admin/users?search=ann%40ex"))[1],
    ]
    assert [user["email"] for user in shown] == [HIDDEN] * 5


@pytest.mark.parametrize("hides", [True])
async def test_an_address_that_is_hidden_is_taken_all_the_same(
    server: ChatServer, hides: bool
) -> None:
    await server.person("ann")
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
        answer = await client.post(
            "/api/v1/auth/register",
            json={"username": "eve", "email": HIDDEN.upper(), "password": "Secret1x"},
        )
    assert (answer.status_code, answer.json()) == (400, {"detail": "Email already registered"})
