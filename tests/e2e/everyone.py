"""Each dialect once, from outside: connect, be in a room, hear what somebody says there."""

import trio

from tests.e2e.frames import SAID, SAYS
from tests.e2e.users import DIALECTS, PATIENCE, Person, Users
from tests.server import Client


async def assert_everyone_hears(users: Users, ann: Person, bob: Person) -> None:
    """What Ann says comes to Bob in each dialect, for conversations in a direct one."""
    channel = await users.channel("everyone", ann, bob)
    for dialect in DIALECTS:
        async with users.socket(dialect, bob, "everyone") as socket:
            if dialect == "conversations":
                await _say_to(users, ann, bob, "hello")
            else:
                await _enter(socket, dialect, channel)
                await users.post(ann, channel, "hello")
            with trio.fail_after(PATIENCE):
                frame = await socket.next()
                while not SAYS[dialect](frame):
                    frame = await socket.next()
            assert SAID[dialect](frame) == ("ann", "hello")


async def _enter(socket: Client, dialect: str, channel: str) -> None:
    """Return when what is said there from now on is heard."""
    match dialect:
        case "chats":
            await socket.request({"action": "subscribe", "chat_ids": [channel]})
        case "room":
            await socket.until(type="user_join")
        case "lobby":
            await socket.request({"type": "join_room", "data": {"room_id": channel}})
        case "channels":
            await socket.until(type="connection_established")


async def _say_to(users: Users, ann: Person, bob: Person, text: str) -> None:
    number = await users.user_number(bob, ann)
    async with users.socket("conversations", ann) as socket:
        await socket.send({"type": "chat.start_conversation", "receiver_id": number})
        started = await socket.until(type="chat.conversation_started")
        conversation = started["conversation"]["id"]
        await socket.send(
            {"type": "chat.message", "conversation_id": conversation, "content": text}
        )
        await socket.until(type="chat.message")
