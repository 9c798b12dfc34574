"""chats over a real socket, promise by promise."""

from pathlib import Path

import pytest
import trio

from tests.dialects.speech import NO_SUCH, heard
from tests.server import ChatServer, Client, open_chat_server, settings_for
from trichat.settings import Limits
from trichat.store.health import StoreError


def refused(error: str) -> dict[str, str]:
    return {"action": "message_response", "status": "error", "error": error}


SENT = {"action": "message_response", "status": "success"}


async def subscribe(client: Client, *rooms: object) -> list[object]:
    answer = await client.request({"action": "subscribe", "chat_ids": list(rooms)})
    assert answer.keys() == {"action", "results"}
    assert answer["action"] == "subscribe_response"
    results: list[object] = answer["results"]
    return results


@pytest.mark.parametrize("token", [None, "", "nonsense"])
async def test_chats_2_a_missing_or_bad_token_is_accepted_and_closed_1008(
    server: ChatServer, token: str | None
) -> None:
    async with server.socket("chats", token) as client:
        assert await client.close_code() == 1008


async def test_chats_3_a_binary_frame_closes_1003(server: ChatServer) -> None:
    async with server.socket("chats", await server.person("ann")) as client:
        await client.send(b'{"action":"subscribe","chat_ids":[]}')
        assert await client.close_code() == 1003


async def test_chats_4_5_one_result_per_id_in_order_echoed_as_sent(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    mine = await server.channel(ann, "mine")
    hidden = await server.channel(bob, "hidden", private=True)
    open_to_all = await server.channel(bob, "public")
    ids = [mine, NO_SUCH, "\ud800", 7, None, mine, hidden, open_to_all, {"a": 1}, mine.upper()]
    async with server.socket("chats", ann) as client:
        good = [{"chat_id": mine, "status": "success"}]
        bad = [{"chat_id": id_, "status": "error", "error": "no access"} for id_ in ids]
        upper = [{"chat_id": mine.upper(), "status": "success"}]
        assert await subscribe(client, *ids) == good + bad[1:5] + good + bad[6:9] + upper
        assert await subscribe(client) == []


async def test_chats_4_5_ids_of_any_kind_are_echoed_whatever_they_are(server: ChatServer) -> None:
    ann = await server.person("ann")
    mine = await server.channel(ann, "mine")
    ids: list[object] = [True, 2.5, 2**70, "", "\ud800", "a\0", [[]], mine]
    async with server.socket("chats", ann) as client:
        results = await subscribe(client, *ids)
        shown = [{"chat_id": id_, "status": "error", "error": "no access"} for id_ in ids[:-1]]
        assert results == [*shown, {"chat_id": mine, "status": "success"}]


async def test_chats_4_5_what_storage_cannot_tell_is_no_access(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await server.person("ann")
    mine = await server.channel(ann, "mine")

    async def broken(user_id: int, uuids: object) -> None:
        raise StoreError("disk failure at /secret")

    async with server.socket("chats", ann) as client:
        with monkeypatch.context() as patch:
            patch.setattr(server.runtime.store, "admitted", broken)
            bad = [{"chat_id": id_, "status": "error", "error": "no access"} for id_ in (mine, 5)]
            assert await subscribe(client, mine, 5) == bad
        assert await client.request({"action": "message", "chat_id": mine, "text": "x"}) == SENT
        assert await heard(client, "chats") == []
        assert await subscribe(client, mine) == [{"chat_id": mine, "status": "success"}]


async def test_chats_5_more_chats_than_a_socket_may_follow_are_no_access(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", limits=Limits(subscriptions=2))
    async with open_chat_server(settings) as server:
        ann = await server.person("ann")
        one, two, three = [await server.channel(ann, name) for name in ("one", "two", "three")]
        async with server.socket("chats", ann) as client:
            good = [{"chat_id": room, "status": "success"} for room in (one, one, two)]
            bad = [{"chat_id": three, "status": "error", "error": "no access"}]
            assert await subscribe(client, one, one, three, two) == [*good[:2], *bad, good[2]]
            assert await subscribe(client, three, two, one) == [*bad, good[2], good[0]]
            for room, pushes in ((three, 0), (one, 1)):
                frame = {"action": "message", "chat_id": room, "text": "x"}
                assert await client.request(frame) == SENT
                assert len(await heard(client, "chats")) == pushes


async def test_chats_6_chat_ids_must_be_an_array(server: ChatServer) -> None:
    async with server.socket("chats", await server.person("ann")) as client:
        frames: list[dict[str, object]] = [
            {}, {"chat_ids": None}, {"chat_ids": "x"}, {"chat_ids": {}}, {"chat_ids": 0},
        ]  # fmt: skip
        for frame in frames:
            answer = await client.request({"action": "subscribe", **frame})
            assert answer == {"error": "Missing chat_id", "status": "error"}


async def test_chats_7_8_11_sending_needs_access_not_a_subscription(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await server.channel(ann, "room", bob)
    async with server.socket("chats", ann) as sender, server.socket("chats", bob) as other:
        message = {"action": "message", "chat_id": room, "text": " héllo <b>\r\n"}
        assert await sender.request(message) == SENT
        await subscribe(sender, room)
        await subscribe(other, room)
        assert await sender.request(message) == SENT
        push = {"from": "ann", "message": " héllo <b>\r\n", "chat_id": room}
        assert await sender.next() == push
        assert await other.next() == push


async def test_chats_9_a_refused_send_in_the_order_of_its_checks(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    mine, foreign = await server.channel(ann, "mine"), await server.channel(bob, "foreign")
    long, nul, surrogate = "x" * 10_001, "a\0b", "a\ud800"
    cases: list[tuple[dict[str, object], str]] = [
        ({}, "Missing chat_id"),
        ({"chat_id": None, "text": ""}, "Missing chat_id"),
        ({"chat_id": "", "text": "x"}, "Missing chat_id"),
        ({"chat_id": 5}, "Message cannot be empty"),
        ({"chat_id": NO_SUCH, "text": 5}, "Message cannot be empty"),
        ({"chat_id": mine, "text": " \u2003\n"}, "Message cannot be empty"),
        ({"chat_id": mine}, "Message cannot be empty"),
        ({"chat_id": mine, "text": None}, "Message cannot be empty"),
        ({"chat_id": mine, "text": ["x"]}, "Message cannot be empty"),
        ({"chat_id": 5, "text": "x"}, "no access"),
        ({"chat_id": 0, "text": "x"}, "no access"),
        ({"chat_id": False, "text": "x"}, "no access"),
        ({"chat_id": [], "text": "x"}, "no access"),
        ({"chat_id": "\ud800", "text": "x"}, "no access"),
        ({"chat_id": NO_SUCH, "text": "x"}, "no access"),
        ({"chat_id": foreign, "text": "x"}, "no access"),
        ({"chat_id": foreign, "text": long}, "no access"),
        ({"chat_id": mine, "text": long}, "Couldn't send message"),
        ({"chat_id": mine, "text": nul}, "Couldn't send message"),
        ({"chat_id": mine, "text": surrogate}, "Couldn't send message"),
    ]
    async with server.socket("chats", ann) as client:
        await subscribe(client, mine)
        for frame, error in cases:
            assert await client.request({"action": "message", **frame}) == refused(error), frame
        longest = {"action": "message", "chat_id": mine, "text": "\U0001f600" * 10_000}
        assert await client.request(longest) == SENT
        assert (await client.next())["message"] == longest["text"]


async def test_chats_9_who_has_no_access_is_told_so_though_his_allowance_is_used_up(
    tmp_path: Path,
) -> None:
    """Else the two answers would tell which ids exist."""
    settings = settings_for(tmp_path / "data", limits=Limits(messages_per_minute=1))
    async with open_chat_server(settings) as server:
        ann, bob = await server.person("ann"), await server.person("bob")
        mine = await server.channel(ann, "mine")
        foreign = await server.channel(bob, "foreign", private=True)
        async with server.socket("chats", ann) as client:
            frame = {"action": "message", "text": "x"}
            assert await client.request({**frame, "chat_id": mine}) == SENT
            for _ in range(2):  # what is refused takes and gives back nothing
                for room in (NO_SUCH, foreign):
                    assert await client.request({**frame, "chat_id": room}) == refused("no access")
                full = await client.request({**frame, "chat_id": mine})
                assert full == refused("Couldn't send message")
        for room in (NO_SUCH, foreign):
            body = {"content": "x", "channel_id": room}
            assert (await server.rest(ann, "POST", "/messages/", body))[0] == 403


async def test_chats_10_an_unknown_action_is_answered_and_stays_open(server: ChatServer) -> None:
    async with server.socket("chats", await server.person("ann")) as client:
        for frame in ({}, {"action": None}, {"action": "Subscribe"}, {"action": ["message"]}):
            assert await client.request(frame) == {"error": "Unknown action", "status": "error"}


async def test_chats_12_only_subscribed_sockets_and_none_after_access_ends(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await server.channel(ann, "room", bob)
    async with server.socket("chats", ann) as sender, server.socket("chats", bob) as other:
        await sender.request({"action": "message", "chat_id": room, "text": "before"})
        await subscribe(other, room)
        await sender.request({"action": "message", "chat_id": room, "text": "during"})
        assert (await other.next())["message"] == "during"
        status, _ = await server.rest(bob, "DELETE", f"/channels/{room}/leave")
        assert status == 200
        await sender.request({"action": "message", "chat_id": room, "text": "after"})
        assert await heard(other, "chats") == []
        assert await other.request({"action": "message", "chat_id": room, "text": "x"}) == refused(
            "no access"
        )
        assert await subscribe(other, room) == [
            {"chat_id": room, "status": "error", "error": "no access"}
        ]


@pytest.mark.parametrize("frame", ["{", "", "[1]", '"x"', "5", "null", "NaN", '{"a":1}}'])
async def test_chats_13_malformed_json_and_no_object_close_1007(
    server: ChatServer, frame: str
) -> None:
    async with server.socket("chats", await server.person("ann")) as client:
        await client.send(frame)
        assert await client.close_code() == 1007


async def test_chats_13_what_was_asked_before_is_answered_first(server: ChatServer) -> None:
    ann = await server.person("ann")
    room = await server.channel(ann, "room")
    async with server.socket("chats", ann) as client:
        await client.send({"action": "message", "chat_id": room, "text": "x"})
        await client.send("{")
        assert await client.next() == SENT
        assert await client.close_code() == 1007
    _, stored = await server.rest(ann, "GET", f"/messages/channel/{room}")
    assert [message["content"] for message in stored] == ["x"]


async def test_chats_12_there_is_no_unsubscribing(server: ChatServer) -> None:
    ann = await server.person("ann")
    one, two = await server.channel(ann, "one"), await server.channel(ann, "two")
    async with server.socket("chats", ann) as client, server.socket("chats", ann) as sender:
        await subscribe(client, one)
        await subscribe(client, two)  # adds to it
        await subscribe(client)
        answer = await client.request({"action": "unsubscribe", "chat_ids": [one]})
        assert answer == {"error": "Unknown action", "status": "error"}
        for room in (one, two):
            await sender.request({"action": "message", "chat_id": room, "text": "x"})
            assert await client.next() == {"from": "ann", "message": "x", "chat_id": room}


async def test_chats_14_a_server_side_orderly_close_is_1001(server: ChatServer) -> None:
    async with server.socket("chats", await server.person("ann")) as client:
        await subscribe(client)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.runtime.drain)
            assert await client.close_code() == 1001


async def test_chats_1_15_16_any_room_and_as_much_as_one_likes(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    by_rest = await server.channel(ann, "by rest")
    async with (
        server.socket("chats", ann) as client,
        server.socket("lobby", bob) as lobby,
        server.socket("conversations", bob) as conversations,
    ):
        data = {"name": "den", "type": "private", "invite": [ann.uuid]}
        by_lobby = (await lobby.request({"type": "create_room", "data": data}))["data"]["id"]
        start = {"type": "chat.start_conversation", "receiver_id": ann.id}
        number = (await conversations.request(start))["conversation"]["id"]
        direct = await server.runtime.directory.find(number)
        assert direct is not None
        rooms = [by_rest, by_lobby, direct.uuid]
        good = [{"chat_id": room, "status": "success"} for room in rooms]
        assert await subscribe(client, *rooms) == good
        for number in range(150):  # far more than any other dialect allows in a minute
            room = rooms[number % 3]
            frame = {"action": "message", "chat_id": room, "text": str(number)}
            assert await client.request(frame) == SENT
            assert await client.next() == {"from": "ann", "message": str(number), "chat_id": room}


async def test_chats_4_11_12_partial_success_holds_and_repeats_push_once(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    room = await server.channel(ann, "room", bob)
    other = await server.channel(ann, "other", bob)
    async with (
        server.socket("chats", ann) as sender,
        server.socket("chats", ann) as tab,
        server.socket("chats", bob) as listener,
    ):
        await subscribe(listener, room, NO_SUCH, room)
        await subscribe(listener, room)
        await subscribe(tab, room)
        for chat_id in (other, room):
            frame = {"action": "message", "chat_id": chat_id, "text": "x"}
            assert await sender.request(frame) == SENT
        assert await heard(sender, "chats") == []  # not subscribed: no push, not even their own
        push = {"from": "ann", "message": "x", "chat_id": room}
        assert await heard(tab, "chats") == [push]
        assert await heard(listener, "chats") == [push]


async def test_chats_9_what_storage_refuses_is_not_delivered(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await server.person("ann")
    room = await server.channel(ann, "room")
    frame = {"action": "message", "chat_id": room, "text": "x"}
    async with server.socket("chats", ann) as client:
        await subscribe(client, room)
        with monkeypatch.context() as patch:

            async def broken(writes: object) -> None:
                raise StoreError("disk full at /secret")

            patch.setattr(server.runtime.store, "write", broken)
            assert await client.request(frame) == refused("Couldn't send message")
        assert await heard(client, "chats") == []
        _, stored = await server.rest(ann, "GET", f"/messages/channel/{room}")
        assert stored == []
        assert await client.request(frame) == SENT


@pytest.mark.parametrize("code", [1000, 1001])
async def test_chats_14_a_clients_close_is_clean(
    server: ChatServer, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """What came before it is carried out, the code comes back, and nobody logs an error."""
    ann = await server.person("ann")
    room = await server.channel(ann, "room")
    async with server.socket("chats", ann) as client:
        for number in range(50):
            await client.send({"action": "message", "chat_id": room, "text": str(number)})
        await client.socket.aclose(code)
        assert client.socket.closed is not None
        assert client.socket.closed.code == code
    _, stored = await server.rest(ann, "GET", f"/messages/channel/{room}")
    assert [message["content"] for message in stored] == [str(number) for number in range(50)]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_all_11_answers_come_in_the_order_of_requests_of_different_rooms(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    rooms = [await server.channel(ann, f"room {number}") for number in range(5)]
    async with server.socket("chats", ann) as client:
        for number in range(50):
            text = "" if number % 7 == 0 else f"{number}"
            await client.send({"action": "message", "chat_id": rooms[number % 5], "text": text})
            if number % 10 == 0:
                await client.send({"action": "nonsense"})
        for number in range(50):
            expected = refused("Message cannot be empty") if number % 7 == 0 else SENT
            assert await client.next() == expected
            if number % 10 == 0:
                assert (await client.next())["error"] == "Unknown action"
