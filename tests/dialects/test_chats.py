"""chats over a real socket, promise by promise."""

import pytest
import trio

from tests.house import Client, House

NO_SUCH = "00000000-0000-4000-8000-000000000000"


def refused(error: str) -> dict[str, str]:
    return {"action": "message_response", "status": "error", "error": error}


SENT = {"action": "message_response", "status": "success"}


async def subscribe(client: Client, *rooms: object) -> list[object]:
    answer = await client.ask({"action": "subscribe", "chat_ids": list(rooms)})
    assert answer.keys() == {"action", "results"}
    assert answer["action"] == "subscribe_response"
    results: list[object] = answer["results"]
    return results


@pytest.mark.parametrize("token", [None, "", "nonsense"])
async def test_chats_2_a_missing_or_bad_token_is_accepted_and_closed_1008(
    house: House, token: str | None
) -> None:
    async with house.socket("chats", token) as client:
        assert await client.close_code() == 1008


async def test_chats_3_a_binary_frame_closes_1003(house: House) -> None:
    async with house.socket("chats", await house.person("ann")) as client:
        await client.send(b'{"action":"subscribe","chat_ids":[]}')
        assert await client.close_code() == 1003


async def test_chats_4_5_one_result_per_id_in_order_echoed_as_sent(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    mine = await house.channel(ann, "mine")
    hidden = await house.channel(bob, "hidden", private=True)
    open_to_all = await house.channel(bob, "public")
    ids = [mine, NO_SUCH, "no uuid", 7, None, mine, hidden, open_to_all, {"a": 1}, mine.upper()]
    async with house.socket("chats", ann) as client:
        good = [{"chat_id": mine, "status": "success"}]
        bad = [{"chat_id": id_, "status": "error", "error": "no access"} for id_ in ids]
        upper = [{"chat_id": mine.upper(), "status": "success"}]
        assert await subscribe(client, *ids) == good + bad[1:5] + good + bad[6:9] + upper
        assert await subscribe(client) == []


async def test_chats_6_chat_ids_must_be_an_array(house: House) -> None:
    async with house.socket("chats", await house.person("ann")) as client:
        frames: list[dict[str, object]] = [{}, {"chat_ids": None}, {"chat_ids": "x"}]
        for frame in frames:
            answer = await client.ask({"action": "subscribe", **frame})
            assert answer == {"error": "Missing chat_id", "status": "error"}


async def test_chats_7_8_11_sending_needs_access_not_a_subscription(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    room = await house.channel(ann, "room", bob)
    async with house.socket("chats", ann) as sender, house.socket("chats", bob) as other:
        message = {"action": "message", "chat_id": room, "text": " héllo <b>\r\n"}
        assert await sender.ask(message) == SENT
        await subscribe(sender, room)
        await subscribe(other, room)
        assert await sender.ask(message) == SENT
        push = {"from": "ann", "message": " héllo <b>\r\n", "chat_id": room}
        assert await sender.next() == push
        assert await other.next() == push


async def test_chats_9_a_refused_send_in_the_order_of_its_checks(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    mine, foreign = await house.channel(ann, "mine"), await house.channel(bob, "foreign")
    long, nul, surrogate = "x" * 10_001, "a\0b", "a\ud800"
    cases: list[tuple[dict[str, object], str]] = [
        ({}, "Missing chat_id"),
        ({"chat_id": None, "text": ""}, "Missing chat_id"),
        ({"chat_id": "", "text": "x"}, "Missing chat_id"),
        ({"chat_id": 5}, "Message cannot be empty"),
        ({"chat_id": NO_SUCH, "text": 5}, "Message cannot be empty"),
        ({"chat_id": mine, "text": " \u2003\n"}, "Message cannot be empty"),
        ({"chat_id": 5, "text": "x"}, "no access"),
        ({"chat_id": NO_SUCH, "text": "x"}, "no access"),
        ({"chat_id": foreign, "text": "x"}, "no access"),
        ({"chat_id": foreign, "text": long}, "no access"),
        ({"chat_id": mine, "text": long}, "Couldn't send message"),
        ({"chat_id": mine, "text": nul}, "Couldn't send message"),
        ({"chat_id": mine, "text": surrogate}, "Couldn't send message"),
    ]
    async with house.socket("chats", ann) as client:
        await subscribe(client, mine)
        for frame, error in cases:
            assert await client.ask({"action": "message", **frame}) == refused(error), frame
        longest = {"action": "message", "chat_id": mine, "text": "\U0001f600" * 10_000}
        assert await client.ask(longest) == SENT
        assert (await client.next())["message"] == longest["text"]


async def test_chats_10_an_unknown_action_is_answered_and_stays_open(house: House) -> None:
    async with house.socket("chats", await house.person("ann")) as client:
        for frame in ({}, {"action": None}, {"action": "Subscribe"}, {"action": ["message"]}):
            assert await client.ask(frame) == {"error": "Unknown action", "status": "error"}


async def test_chats_12_only_subscribed_sockets_and_none_after_access_ends(house: House) -> None:
    ann, bob = await house.person("ann"), await house.person("bob")
    room = await house.channel(ann, "room", bob)
    async with house.socket("chats", ann) as sender, house.socket("chats", bob) as other:
        await sender.ask({"action": "message", "chat_id": room, "text": "before"})
        await subscribe(other, room)
        await sender.ask({"action": "message", "chat_id": room, "text": "during"})
        assert (await other.next())["message"] == "during"
        status, _ = await house.rest(bob, "DELETE", f"/channels/{room}/leave")
        assert status == 200
        await sender.ask({"action": "message", "chat_id": room, "text": "after"})
        assert await other.ask({"action": "message", "chat_id": room, "text": "x"}) == refused(
            "no access"
        )
        assert await subscribe(other, room) == [
            {"chat_id": room, "status": "error", "error": "no access"}
        ]


@pytest.mark.parametrize("frame", ["{", "", "[1]", '"x"', "5", "null", "NaN", '{"a":1}}'])
async def test_chats_13_malformed_json_and_no_object_close_1007(house: House, frame: str) -> None:
    async with house.socket("chats", await house.person("ann")) as client:
        await client.send(frame)
        assert await client.close_code() == 1007


async def test_chats_14_a_server_side_orderly_close_is_1001(house: House) -> None:
    async with house.socket("chats", await house.person("ann")) as client:
        await subscribe(client)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(house.runtime.drain)
            assert await client.close_code() == 1001


async def test_all_11_answers_come_in_the_order_of_requests_of_different_rooms(
    house: House,
) -> None:
    ann = await house.person("ann")
    rooms = [await house.channel(ann, f"room {number}") for number in range(5)]
    async with house.socket("chats", ann) as client:
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
