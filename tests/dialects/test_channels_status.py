"""Channels over real sockets: who is told that a user came online or went, and who is not."""

from contextlib import AsyncExitStack
from typing import Any

from tests.dialects.speech import heard
from tests.dialects.test_channels_rooms import at
from tests.server import ChatServer, Client, Person


async def up_to(client: Client, mark: Person) -> list[dict[str, Any]]:
    """All that was told of others before this user came online."""
    frames: list[dict[str, Any]] = []
    while True:
        frame = await client.next()
        assert frame.keys() == {"type", "user_id", "status", "timestamp"}
        del frame["timestamp"]
        if frame["user_id"] == mark.uuid:
            return frames
        frames.append(frame)


def of(who: Person, frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [frame for frame in frames if frame["user_id"] == who.uuid]


def status(who: Person, word: str) -> dict[str, str]:
    return {"type": "user_status", "user_id": who.uuid, "status": word}


async def test_channels_12_each_socket_of_who_shares_a_channel_once_and_no_other(
    server: ChatServer,
) -> None:
    ann, bob, cy, dee, mark = [
        await server.person(name) for name in ("ann", "bob", "cy", "dee", "mark")
    ]
    await server.channel(ann, "hall", bob, mark)
    await server.channel(ann, "den", bob, private=True)
    await server.channel(mark, "elsewhere", cy, dee, ann)
    await server.runtime.room_factory.open_direct(bob.user, dee.id)
    async with AsyncExitStack() as sockets:
        tabs = [await sockets.enter_async_context(at(server, ann)) for _ in range(2)]
        strangers = [await sockets.enter_async_context(at(server, who)) for who in (cy, dee)]
        async with server.socket("chats", bob) as first:
            await tabs[0].until(user_id=bob.uuid, status="online")
            async with server.socket("channels", bob) as own:
                assert (await own.next())["type"] == "connection_established"
                await heard(first, "chats")
            async with server.socket("conversations", bob) as second:
                await heard(second, "conversations")
        await tabs[0].until(user_id=bob.uuid, status="offline")
        await sockets.enter_async_context(server.socket("lobby", mark))
        assert of(bob, await up_to(tabs[0], mark)) == []
        edges = [status(bob, "online"), status(bob, "offline")]
        assert of(bob, await up_to(tabs[1], mark)) == edges
        for client in strangers:
            assert of(bob, await up_to(client, mark)) == []


async def test_channels_12_a_socket_hears_of_those_whose_channels_it_is_in(
    server: ChatServer,
) -> None:
    """leave_channel stops this too; a visitor hears it like a member."""
    ann, bob, cy, mark = [await server.person(name) for name in ("ann", "bob", "cy", "mark")]
    hall = await server.channel(ann, "hall", bob)
    await server.channel(mark, "elsewhere", ann, cy)
    async with at(server, ann) as left, at(server, ann) as stays, at(server, cy) as visitor:
        await left.send({"type": "leave_channel", "channel_id": hall})
        await left.until(type="channel_left")  # who came before may be told only now
        await visitor.send({"type": "join_channel", "channel_id": hall})
        await visitor.until(type="channel_joined")
        async with server.socket("lobby", bob):
            await stays.until(user_id=bob.uuid, status="online")
        await stays.until(user_id=bob.uuid, status="offline")
        async with server.socket("lobby", mark):
            assert of(bob, await up_to(left, mark)) == []
            edges = [status(bob, "online"), status(bob, "offline")]
            assert of(bob, await up_to(visitor, mark)) == edges


async def test_channels_12_one_who_is_put_out_goes_offline(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    await server.channel(ann, "hall", bob)
    async with at(server, ann) as observer, at(server, bob) as client:
        await observer.until(user_id=bob.uuid, status="online")
        server.runtime.connections.suspend(bob.id)
        assert await client.close_code() == 1008
        frame = await observer.next()
        assert (frame["user_id"], frame["status"]) == (bob.uuid, "offline")
