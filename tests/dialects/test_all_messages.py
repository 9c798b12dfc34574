"""Messages over all five dialects: their order, what is numbered, and what is read later."""

import trio

from tests.dialects.speech import DIALECTS, NO_SUCH, heard, texts
from tests.rooms import open_room
from tests.server import ChatServer, Person
from trichat.core.ids import is_uuid
from trichat.store.users import CreateUser


async def test_all_11_no_push_of_a_chat_precedes_its_subscription(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with server.socket("room", ann, "hall") as talker:
        await heard(talker, "room")

        ahead = trio.Semaphore(8)  # always some under way

        async def talk() -> None:
            while True:
                await ahead.acquire()
                await talker.send({"message": "x"})

        async def listen() -> None:
            while True:
                if (await talker.next())["type"] == "chat_message":
                    ahead.release()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(talk)
            nursery.start_soon(listen)
            for _ in range(10):
                async with server.socket("chats", bob) as client:
                    frame = {"action": "subscribe", "chat_ids": [place.uuid]}
                    await client.send(frame)
                    await client.send(place.message("chats", "mine"))
                    assert (await client.next())["action"] == "subscribe_response"
                    while "from" in await client.next():  # then pushes until the answer
                        pass
                    while (await client.next())["message"] != "mine":  # it follows already
                        pass
            nursery.cancel_scope.cancel()


async def test_all_11_answers_of_different_kinds_keep_their_order(server: ChatServer) -> None:
    ann = await server.person("ann")
    one, two = await open_room(server, ann, "one"), await open_room(server, ann, "two")
    async with server.socket("lobby", ann) as client:
        expected: list[str] = []
        for place in (one, two, one):
            await client.send({"type": "join_room", "data": {"room_id": place.uuid}})
            expected += ["join", "leave"] if expected else ["join"]
            await client.send(place.message("lobby", "x"))
            await client.send({"type": "list_rooms"})
            await client.send({"type": "nonsense"})
            expected += ["text", "rooms_list", "error"]
        assert [(await client.next())["type"] for _ in expected] == expected
    async with server.socket("conversations", ann) as client:
        expected = []
        for number in range(30):
            place = (one, two)[number % 2]
            await client.send(place.message("conversations", str(number)))
            await client.send({"type": "chat.get_conversations"})
            await client.send({"type": "chat.get_messages", "conversation_id": place.number})
            await client.send({"type": "nonsense"})
            expected += ["chat.message", "chat.conversations", "chat.messages", "error"]
        assert [(await client.next())["type"] for _ in expected] == expected


async def test_all_15_durable_events_take_a_number_and_nothing_else_does(
    server: ChatServer,
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)  # ann is 1, bob is 2

    async def kinds() -> list[str]:
        log = await server.runtime.store.log(place.number, 0, -1)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        return [type(event).__name__ for event in log]

    made = ["Admitted", "Admitted"]
    assert await kinds() == made
    async with (
        server.socket("lobby", bob) as lobby,
        server.socket("channels", bob) as channels,
        server.socket("conversations", bob) as conversations,
    ):
        await heard(channels, "channels")
        notices = []
        for _ in range(2):  # a fresh UUID each, and stored nowhere
            await lobby.send({"type": "join_room", "data": {"room_id": place.uuid}})
            await lobby.send({"type": "leave_room"})
            notices += [await lobby.next() for _ in range(2)]
        assert len({notice["id"] for notice in notices}) == 4
        assert all(is_uuid(notice["id"]) for notice in notices)
        await channels.send(
            {"type": "typing_indicator", "channel_id": place.uuid, "is_typing": True}
        )
        await heard(channels, "channels")
        await conversations.send({"type": "chat.read", "conversation_id": place.number})
        await heard(conversations, "conversations")
        assert await kinds() == made
        body = {"content": "x @bob", "channel_id": place.uuid}
        _, said = await server.rest(ann, "POST", "/messages/", body)
        number = (await conversations.next())["message"]["id"]
        await conversations.send({"type": "chat.delivered", "message_id": number})
        await heard(conversations, "conversations")
        at = f"/messages/{said['id']}"
        await server.rest(
            bob, "POST", "/messages/reactions", {"message_id": said["id"], "emoji": "x"}
        )
        await server.rest(
            bob, "POST", "/messages/reactions", {"message_id": said["id"], "emoji": "x"}
        )
        await server.rest(ann, "PUT", at, {"content": "y"})
        await server.rest(ann, "DELETE", at)
        await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave")
        assert await kinds() == [*made, "Said", "Reacted", "Unreacted", "Edited", "Deleted", "Left"]


async def test_all_15_history_and_the_last_50_count_messages_only(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with server.socket("conversations", ann) as client:
        for number in range(55):
            await client.request(place.message("conversations", str(number)))
        answer = await client.request({"type": "chat.get_conversations"})
        uuid = (await server.rest(ann, "GET", f"/messages/channel/{place.uuid}"))[1][-1]["id"]
        for emoji in "abcdefghijklmnopqrst":
            body = {"message_id": uuid, "emoji": emoji}
            assert (await server.rest(bob, "POST", "/messages/reactions", body))[0] == 200
        expected = [str(number) for number in range(5, 55)]
        async with server.socket("room", bob, "hall") as room:
            assert texts(await heard(room, "room"), "room") == expected
        page = (await server.rest(ann, "GET", f"/messages/channel/{place.uuid}"))[1]
        assert [message["content"] for message in page] == expected
        frame = {"type": "chat.get_messages", "conversation_id": place.number}
        assert len((await client.request(frame))["messages"]) == 55
        last = next(one for one in answer["conversations"] if one["id"] == place.number)
        assert last["last_message"]["content"] == "54"


async def test_all_16_edits_and_deletions_push_nothing_and_change_what_is_read(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    silent = ("chats", "room", "lobby", "conversations")
    sent = [
        (await server.rest(ann, "POST", "/messages/", {"content": text, "channel_id": place.uuid}))[
            1
        ]
        for text in ("one", "two", "three")
    ]
    async with trio.open_nursery() as nursery:
        clients = {
            dialect: await server.connect(nursery, dialect, ann, "hall") for dialect in silent
        }
        for dialect, client in clients.items():
            await place.entered(client, dialect)
        for dialect, client in clients.items():
            await heard(client, dialect)
        await server.rest(ann, "PUT", f"/messages/{sent[0]['id']}", {"content": "uno"})
        await server.rest(ann, "DELETE", f"/messages/{sent[2]['id']}")
        for dialect, client in clients.items():
            assert await heard(client, dialect) == [], dialect
        conversations = clients["conversations"]
        request = {"type": "chat.get_messages", "conversation_id": place.number}
        answer = await conversations.request(request)
        assert [one["content"] for one in answer["messages"]] == ["uno", "two"]
        answer = await conversations.request({"type": "chat.get_conversations"})
        rooms = {room["id"]: room for room in answer["conversations"]}
        assert rooms[place.number]["last_message"]["content"] == "two"
        async with server.socket("room", ann, "hall") as later:
            assert texts(await heard(later, "room"), "room") == ["uno", "two"]
        for client in clients.values():
            await client.close()
        nursery.cancel_scope.cancel()


async def test_all_16_a_system_message_is_an_ordinary_message_of_its_sender(
    server: ChatServer,
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    async with trio.open_nursery() as nursery:
        clients = {
            dialect: await server.connect(nursery, dialect, ann, "hall") for dialect in DIALECTS
        }
        for dialect, client in clients.items():
            await place.entered(client, dialect)
        for dialect, client in clients.items():
            await heard(client, dialect)
        frame = place.message("lobby", "maintenance")
        frame["data"]["type"] = "system"
        await clients["lobby"].send(frame)
        pushed = {dialect: await client.next() for dialect, client in clients.items()}
        assert pushed["chats"] == {
            "from": "ann", "message": "maintenance", "chat_id": place.uuid,
        }  # fmt: skip
        assert pushed["room"]["message"] == "maintenance"
        assert pushed["room"]["sender_username"] == "ann"
        assert pushed["lobby"]["type"] == "system"
        assert pushed["channels"]["data"]["is_system"] is True
        assert pushed["conversations"]["message"]["is_system"] is True
        assert pushed["conversations"]["message"]["sender"] == {"id": ann.id, "username": "ann"}
        for client in clients.values():
            await client.close()
        nursery.cancel_scope.cancel()


async def test_all_19_without_an_address_the_user_name_stands_in_its_place(
    server: ChatServer,
) -> None:
    runtime = server.runtime
    write = CreateUser(NO_SUCH.replace("8000", "8001"), "nomail", None, None, None, 0)
    await runtime.storage.submit(write)
    user = await runtime.store.user_by_name("nomail")
    assert user is not None
    nomail = Person(user, runtime.accounts.token(user))
    place = await open_room(server, nomail, "hall")
    async with (
        server.socket("lobby", nomail) as lobby,
        server.socket("channels", nomail) as channels,
    ):
        await heard(channels, "channels")
        await lobby.send({"type": "join_room", "data": {"room_id": place.uuid}})
        joined = await lobby.next()
        assert (joined["user_email"], joined["content"]) == ("nomail", "nomail joined the room")
        rooms = (await lobby.request({"type": "list_rooms"}))["data"]
        room = next(room for room in rooms if room["id"] == place.uuid)
        assert room["users"][str(user.id)]["email"] == "nomail"
        await lobby.send(place.message("lobby", "x"))
        assert (await lobby.next())["user_email"] == "nomail"
        assert (await channels.next())["data"]["user"]["email"] == "nomail"
    assert (await server.rest(nomail, "GET", "/auth/me"))[1]["email"] == "nomail"
