"""kill -9 amid a stream of sends: what was acknowledged is there, once, in order."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trio
from attrs import define, field
from trio_websocket import ConnectionClosed

from tests.e2e.launching import Launched, launched, serve
from tests.e2e.users import Json, Person, Users, users_of

WINDOW = 8  # messages that the chats sender has under way at once
_GONE = (ConnectionClosed, httpx.TransportError, OSError)


@define
class Stream:
    """What was acknowledged, by sender, in the order of the acknowledgements.

    enough: how many acknowledgements there are, some of each sender's, when the server is killed.
    """

    enough: int
    acknowledged: dict[str, list[str]] = field(factory=dict)
    pushed: list[str] = field(factory=list)
    reached: trio.Event = field(factory=trio.Event)

    def acknowledge(self, sender: str, text: str) -> None:
        self.acknowledged.setdefault(sender, []).append(text)
        everyone = len(self.acknowledged) == len(SENDERS)
        if everyone and sum(map(len, self.acknowledged.values())) >= self.enough:
            self.reached.set()


@asynccontextmanager
async def serving(data: Path) -> AsyncIterator[tuple[Launched, Users]]:
    whole_history = {"TRICHAT_ROOMS_HISTORY": "10000"}
    async with launched(serve(data), whole_history) as server, users_of(server.address) as users:
        yield server, users


async def by_chats(users: Users, ann: Person, channel: str, stream: Stream) -> None:
    """Answers come in the order of requests: the nth response is the nth message's."""
    async with users.socket("chats", ann) as socket:

        async def say(number: int) -> None:
            frame = {"action": "message", "chat_id": channel, "text": f"chats {number}"}
            await socket.send(frame)

        for number in range(WINDOW):
            await say(number)
        for number in range(100_000):
            answer = await socket.next()
            assert answer == {"action": "message_response", "status": "success"}
            stream.acknowledge("chats", f"chats {number}")
            await say(number + WINDOW)


async def by_conversations(users: Users, ann: Person, channel: str, stream: Stream) -> None:
    room = await users.number(ann)
    async with users.socket("conversations", ann) as socket:
        for number in range(100_000):
            text = f"conversations {number}"
            await socket.send({"type": "chat.message", "conversation_id": room, "content": text})
            while (await socket.next())["message"]["content"] != text:
                pass
            stream.acknowledge("conversations", text)


async def by_room(users: Users, ann: Person, channel: str, stream: Stream) -> None:
    async with users.socket("room", ann, channel) as socket:
        for number in range(100_000):
            text = f"room {number}"
            await socket.send({"message": text})
            await socket.until(type="chat_message", message=text)
            stream.acknowledge("room", text)


async def by_rest(users: Users, ann: Person, channel: str, stream: Stream) -> None:
    for number in range(100_000):
        await users.post(ann, channel, f"rest {number}")
        stream.acknowledge("rest", f"rest {number}")


SENDERS = (by_chats, by_conversations, by_room, by_rest)


async def watch(users: Users, ann: Person, stream: Stream) -> None:
    """What a member is shown must be there later, too."""
    async with users.socket("channels", ann) as socket:
        while True:
            frame = await socket.next()
            if frame["type"] == "new_message":
                stream.pushed.append(frame["data"]["content"])


async def until_gone(work: Callable[..., Awaitable[None]], *args: object) -> None:
    """The server's death is the end of it, wherever it strikes."""
    try:
        await work(*args)
    except _GONE:
        return
    except BaseExceptionGroup as group:
        _, rest = group.split(_GONE)
        if rest is not None:
            raise


async def stream_until_killed(
    server: Launched, users: Users, ann: Person, channel: str, stream: Stream
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(until_gone, watch, users, ann, stream)
        for sender in SENDERS:
            nursery.start_soon(until_gone, sender, users, ann, channel, stream)
        with trio.fail_after(60):  # those who have not noticed by then never will
            await stream.reached.wait()
            server.process.kill()
            await server.ended()


def is_in_order(part: list[str], whole: list[str]) -> bool:
    """Whether `whole`, with some left out, is `part`."""
    rest = iter(whole)
    return all(text in rest for text in part)


async def room_history(users: Users, ann: Person, channel: str) -> list[str]:
    """What the room dialect shows who comes in, up to the joiner's own frame."""
    texts = []
    async with users.socket("room", ann, channel) as socket:
        while (frame := await socket.next())["type"] != "user_join":
            if frame["type"] == "chat_message":
                texts.append(frame["message"])
    return texts


async def conversation(users: Users, ann: Person) -> list[str]:
    number = await users.number(ann)
    async with users.socket("conversations", ann) as socket:
        request = {"type": "chat.get_messages", "conversation_id": number}
        answer: Json = await socket.request(request)
    return [message["content"] for message in answer["messages"]]


# httpx leaves the body it was sending to the collector when the server dies under it.
@pytest.mark.filterwarnings("ignore:.*ByteStream.__aiter__:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("moment", [1, 20, 90, 400, 1500])
@pytest.mark.promise("all-7")
async def test_kill(data: Path, moment: int) -> None:
    """A restart on the same directory has every acknowledged message, and serves on."""
    stream = Stream(enough=moment)
    async with serving(data) as (server, users):
        (ann,) = await users.people("ann")
        channel = await users.channel("stream", ann)
        await stream_until_killed(server, users, ann, channel, stream)

    async with serving(data) as (_, users):
        history = await users.history(ann, channel)
        assert len(history) == len(set(history))
        for texts in (*stream.acknowledged.values(), stream.pushed):
            assert is_in_order(texts, history)
        assert await room_history(users, ann, channel) == history
        assert await conversation(users, ann) == history

        async with users.socket("chats", ann) as socket:
            await socket.request({"action": "subscribe", "chat_ids": [channel]})
            await users.post(ann, channel, "and on")
            assert (await socket.next())["message"] == "and on"
        assert await users.history(ann, channel) == [*history, "and on"]
