"""What administrators do, as open sockets see it: all-17, channels-20, channels-21, lobby-10,
lobby-12, channels-rest 7.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from trio_websocket import ConnectionClosed

from tests.dialects.speech import CLOSED, DIALECTS, heard
from tests.rooms import NamedRoom, open_room
from tests.server import (
    NEW_KEY,
    PASSWORD,
    PATIENCE,
    ChatServer,
    Client,
    Person,
    open_chat_server,
    settings_for,
)
from trichat.core.model import Role
from trichat.settings import Presence


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server that tells nobody's status while a test looks at other frames."""
    settings = settings_for(tmp_path / "data", presence=Presence(tick=3600.0))
    async with open_chat_server(settings) as server:
        yield server


@asynccontextmanager
async def in_all(
    server: ChatServer, who: Person, where: NamedRoom
) -> AsyncIterator[dict[str, Client]]:
    """A socket of each dialect, all in one room."""
    async with AsyncExitStack() as stack:
        clients = {}
        for dialect in DIALECTS:
            client = await stack.enter_async_context(server.socket(dialect, who, where.name))
            await where.entered(client, dialect)
            clients[dialect] = client
        for dialect, client in clients.items():
            await heard(client, dialect)
        yield clients


async def act(server: ChatServer, by: Person, on: Person, what: str, **fields: Any) -> Any:
    body = {"user_id": on.uuid, **fields}
    status, answer = await server.rest(by, "POST", f"/admin/users/{on.uuid}/{what}", body)
    assert status == 200, answer
    return answer


async def last_words(client: Client) -> tuple[list[dict[str, Any]], int]:
    """What still comes, and the close code."""
    frames: list[dict[str, Any]] = []

    async def listen() -> None:
        while True:
            frames.append(await client.next())

    with trio.fail_after(PATIENCE), pytest.raises(ConnectionClosed) as closed:
        await listen()
    assert closed.value.reason is not None
    return frames, closed.value.reason.code


@pytest.mark.promise("channels-20", "channels-21", "lobby-12")
@pytest.mark.parametrize(
    ("what", "fields", "reason"),
    [
        ("ban", {"reason": "spam"}, "spam"),
        ("ban", {}, "This account has been banned"),
        ("suspend", {}, "This account has been suspended"),
        ("suspend", {"reason": "", "duration_hours": 1}, "This account has been suspended"),
    ],
)
async def test_all_17_who_is_put_out_is_told_and_closed_at_once(
    server: ChatServer, what: str, fields: dict[str, Any], reason: str
) -> None:
    admin, ann = await server.person("warden", role=Role.ADMIN), await server.person("ann")
    room = await open_room(server, admin, "tea", ann)
    async with in_all(server, ann, room) as hers, in_all(server, admin, room) as others:
        for dialect, client in hers.items():
            await heard(client, dialect)  # that another came
        await act(server, admin, ann, what, **fields)
        for dialect, client in hers.items():
            frames, code = await last_words(client)
            assert code == CLOSED[dialect]
            frames = [frame for frame in frames if frame.get("type") not in ("leave", "user_leave")]
            if dialect == "channels":
                (frame,) = frames
                stamp = frame.pop("timestamp")
                assert len(stamp) == len("2024-01-07T10:30:00.000Z")
                assert frame == {"type": "force_disconnect", "reason": reason}
            elif dialect == "lobby":
                assert frames == [{"type": "error", "data": {"message": "user not found"}}]
            else:
                assert frames == []
        leave = await others["room"].until(type="user_leave")
        assert leave["user_id"] == ann.uuid
        for dialect, client in others.items():
            await heard(client, dialect)  # still open
        for dialect in DIALECTS:
            if dialect != "lobby":
                async with server.socket(dialect, ann, room.name) as again:
                    assert await last_words(again) == ([], CLOSED[dialect])
        assert (await server.refusal(f"/ws/chat?token={ann.token}")).status_code == 401
        status, answer = await server.rest(ann, "GET", "/auth/me")
        assert (status, answer) == (401, {"detail": "Could not validate credentials"})
        login = {"username": "ann", "password": "Secret1x"}
        assert (await server.rest(None, "POST", "/auth/login", login))[0] == 403


@pytest.mark.promise("lobby-2")
async def test_all_17_an_api_key_opens_nothing_for_who_is_put_out(server: ChatServer) -> None:
    admin, ann = await server.person("warden", role=Role.ADMIN), await server.person("ann")
    _, made = await server.rest(ann, "POST", "/auth/keys", NEW_KEY)
    key = {"x-api-key": made["key"]}
    async with server.socket("lobby", None, headers=key) as client:
        await heard(client, "lobby")
        await act(server, admin, ann, "suspend")
        frames, code = await last_words(client)
        assert (len(frames), code) == (1, 1008)
    assert (await server.refusal("/ws/chat", key)).status_code == 401
    await server.rest(admin, "POST", f"/admin/users/{ann.uuid}/unban")
    async with server.socket("lobby", None, headers=key) as client:
        assert await heard(client, "lobby") == []


async def test_all_17_two_bans_at_once_tell_it_once(server: ChatServer) -> None:
    admins = [await server.person(f"admin{n}", role=Role.ADMIN) for n in range(3)]
    ann = await server.person("ann")
    async with server.socket("channels", ann) as client:
        await heard(client, "channels")
        async with trio.open_nursery() as nursery:
            for admin in admins:
                nursery.start_soon(act, server, admin, ann, "ban")
        frames, code = await last_words(client)
        assert ([frame["type"] for frame in frames], code) == (["force_disconnect"], 1008)


async def test_all_17_a_ban_while_the_user_sends(server: ChatServer) -> None:
    """What was acknowledged is there, others are told all that is there, and nothing follows."""
    admin, ann = await server.person("warden", role=Role.ADMIN), await server.person("ann")
    room = await open_room(server, admin, "tea", ann)
    acknowledged: dict[str, int] = {"chats": 0}

    async def flood(client: Client, dialect: str) -> None:
        with trio.fail_after(PATIENCE):
            while True:
                try:
                    await client.send(room.message(dialect, dialect))
                except ConnectionClosed:
                    return

    async def count(client: Client) -> None:
        with trio.fail_after(PATIENCE):
            while True:
                try:
                    frame = await client.next()
                except ConnectionClosed:
                    return
                done = {"action": "message_response", "status": "success"}
                acknowledged["chats"] += frame == done

    async with server.socket("channels", admin) as witness:
        await heard(witness, "channels")
        async with (
            server.socket("chats", ann) as chats,
            server.socket("conversations", ann) as conversations,
            trio.open_nursery() as nursery,
        ):
            await heard(chats, "chats")
            nursery.start_soon(flood, chats, "chats")
            nursery.start_soon(flood, conversations, "conversations")
            nursery.start_soon(count, chats)
            nursery.start_soon(count, conversations)
            for _ in range(20):
                await witness.until(type="new_message")
            await act(server, admin, ann, "ban")
        _, last = await server.rest(
            admin, "POST", "/messages/", {"content": "over", "channel_id": room.uuid}
        )
        told = await witness.until(type="new_message", data=last)
        assert told["data"]["content"] == "over"
        await heard(witness, "channels")
    messages, _ = await server.runtime.store.history(room.number, limit=100_000)
    assert messages[-1].text == "over"
    said = [message.text for message in messages]
    assert said.count("chats") >= acknowledged["chats"]
    status, _ = await server.rest(
        ann, "POST", "/messages/", {"content": "x", "channel_id": room.uuid}
    )
    assert status == 401


async def test_when_it_cannot_be_stored_nobody_is_put_out(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, ann = await server.person("warden", role=Role.ADMIN), await server.person("ann")
    async with server.socket("channels", ann) as client:
        await heard(client, "channels")

        async def fail(_: Any) -> Any:
            raise OSError("no disk")

        with monkeypatch.context() as patched:
            patched.setattr(server.runtime.store, "write", fail)
            status, _ = await server.rest(
                admin, "POST", f"/admin/users/{ann.uuid}/ban", {"user_id": ann.uuid}
            )
            assert status == 503
        assert await heard(client, "channels") == []


async def test_who_is_refused_has_closed_nothing(server: ChatServer) -> None:
    admins = [await server.person(f"admin{n}", role=Role.ADMIN) for n in range(2)]
    async with server.socket("channels", admins[1]) as client:
        await heard(client, "channels")
        status, answer = await server.rest(
            admins[0], "POST", f"/admin/users/{admins[1].uuid}/ban", {"user_id": admins[1].uuid}
        )
        no = {"detail": "Cannot ban user with equal or higher role"}
        assert (status, answer) == (403, no)
        assert await heard(client, "channels") == []


# -- messages


@pytest.mark.parametrize("private", [False, True])
async def test_channels_20_a_message_taken_away_is_told_with_the_reason(
    server: ChatServer, private: bool
) -> None:
    mod, ann = await server.person("mod", role=Role.MODERATOR), await server.person("ann")
    room = await open_room(server, ann, "tea", private=private)
    async with in_all(server, ann, room) as hers, server.socket("channels", mod) as outsider:
        await heard(outsider, "channels")
        for reason in ("rude", None):
            _, said = await server.rest(
                ann, "POST", "/messages/", {"content": "x", "channel_id": room.uuid}
            )
            for dialect, client in hers.items():
                assert await heard(client, dialect)
            body = {"message_id": said["id"], "reason": reason}
            path = f"/admin/messages/{said['id']}"
            status, answer = await server.rest(mod, "DELETE", path, body)
            assert (status, answer) == (200, {"message": "Message deleted successfully"})
            for dialect, client in hers.items():
                frames = await heard(client, dialect)
                if dialect == "channels":
                    (frame,) = frames
                    assert frame.pop("timestamp")
                    assert frame == {
                        "type": "message_deleted", "message_id": said["id"],
                        "channel_id": room.uuid, "deleted_by": "mod", "reason": reason,
                    }  # fmt: skip
                else:
                    assert frames == []
        assert await heard(outsider, "channels") == []
        _, said = await server.rest(
            ann, "POST", "/messages/", {"content": "x", "channel_id": room.uuid}
        )
        await server.rest(ann, "DELETE", f"/messages/{said['id']}")
        assert "reason" not in await hers["channels"].until(type="message_deleted")
    async with server.socket("room", ann, room.name) as late:  # gone from history too
        frames = await heard(late, "room")
        assert [frame["type"] for frame in frames] == ["room_users_list", "user_join"]


async def test_channels_20_a_bulk_deletion_and_a_bulk_ban_are_told_like_any(
    server: ChatServer,
) -> None:
    chief, ann = await server.person("chief", role=Role.SUPER_ADMIN), await server.person("ann")
    room = await open_room(server, ann, "tea")
    async with server.socket("channels", ann) as client:
        await heard(client, "channels")
        _, said = await server.rest(
            ann, "POST", "/messages/", {"content": "x", "channel_id": room.uuid}
        )
        for action, target in (("DELETE_MESSAGE", said["id"]), ("BAN_USER", ann.uuid)):
            body = {"action": action, "target_ids": [target], "reason": "spam"}
            status, answer = await server.rest(chief, "POST", "/admin/bulk-actions", body)
            assert (status, answer["successful"]) == (200, [target])
        deleted = await client.until(type="message_deleted")
        assert (deleted["reason"], deleted["deleted_by"]) == ("spam", "chief")
        frames, code = await last_words(client)
        assert ([frame["reason"] for frame in frames], code) == (["spam"], 1008)


# -- profiles and roles


async def test_a_new_name_and_address_show_in_the_later_frames_of_open_sockets(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await open_room(server, ann, "tea", bob)
    new = {"username": "anna", "email": "anna@example.org", "current_password": PASSWORD}
    async with in_all(server, ann, room) as hers, in_all(server, bob, room) as his:
        status, changed = await server.rest(ann, "PUT", f"/users/{ann.uuid}", new)
        assert (status, changed["username"]) == (200, "anna")
        for dialect, client in his.items():
            await heard(client, dialect)
        await hers["chats"].send(room.message("chats", "hi"))
        await hers["channels"].send(
            {"type": "typing_indicator", "channel_id": room.uuid, "is_typing": True}
        )
        said = await his["chats"].until(message="hi")
        assert said["from"] == "anna"
        assert (await his["room"].until(message="hi"))["sender_username"] == "anna"
        assert (await his["lobby"].until(content="hi"))["user_email"] == "anna@example.org"
        pushed = await his["conversations"].until(type="chat.message")
        assert pushed["message"]["sender"]["username"] == "anna"
        typed = await his["channels"].until(type="typing_indicator")
        assert typed["username"] == "anna"
        # where she is listed as present, too
        await his["lobby"].send({"type": "list_rooms"})
        listed = await his["lobby"].until(type="rooms_list")
        (tea,) = [one for one in listed["data"] if one["id"] == room.uuid]
        assert tea["users"][str(ann.id)]["email"] == "anna@example.org"
        async with server.socket("room", bob, room.name) as late:
            users = (await late.until(type="room_users_list"))["users"]
            assert {"id": ann.uuid, "username": "anna"} in users
        await hers["lobby"].send({"type": "leave_room"})
        left = await hers["lobby"].until(type="leave")
        assert left["content"] == "anna@example.org left the room"


async def test_two_changes_at_once_leave_open_sockets_with_the_later_one(
    server: ChatServer,
) -> None:
    """Whichever was committed last is what the socket shows."""
    chief, ann = await server.person("chief", role=Role.SUPER_ADMIN), await server.person("ann")
    room = await open_room(server, ann, "tea")
    names = [f"ann{number}" for number in range(5)]  # as many as in a day

    async def rename(name: str) -> None:
        status, _ = await server.rest(ann, "PUT", f"/users/{ann.uuid}", {"username": name})
        assert status == 200

    async with server.socket("chats", ann) as client:
        await room.entered(client, "chats")
        async with trio.open_nursery() as nursery:
            for name in names:
                nursery.start_soon(rename, name)
            nursery.start_soon(
                lambda: server.rest(
                    chief, "POST", f"/admin/users/{ann.uuid}/roles",
                    {"user_id": ann.uuid, "role": "MODERATOR"},
                )
            )  # fmt: skip
        await client.send(room.message("chats", "hi"))
        said = await client.until(message="hi")
    _, me = await server.rest(ann, "GET", "/auth/me")
    assert said["from"] == me["username"]


async def test_lobby_10_a_role_counts_at_once_on_open_sockets(server: ChatServer) -> None:
    chief = await server.person("chief", role=Role.SUPER_ADMIN)
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await open_room(server, ann, "tea")
    as_system = {"type": "system", "content": "hear", "room_id": room.uuid}
    frame = {"type": "send_message", "data": as_system}
    no = {"type": "error", "data": {"message": "unauthorized"}}
    role = {"user_id": bob.uuid, "role": "ADMIN"}
    path = f"/admin/users/{bob.uuid}/roles"
    async with server.socket("lobby", bob) as client:
        await room.entered(client, "lobby")
        assert await client.request(frame) == no
        assert (await server.rest(chief, "POST", path, role))[0] == 200
        assert (await client.request(frame))["type"] == "system"
        assert (await server.rest(chief, "DELETE", path, role))[0] == 200
        assert await client.request(frame) == no
        await act(server, chief, bob, "roles", role="ADMIN", channel_id=room.uuid)
        assert await client.request(frame) == no  # of one channel: kept, and does not count
