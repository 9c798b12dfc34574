"""Who closed a connection: what a peer says in their close frame is told apart from what we say."""

import pytest

from tests.server import ChatServer
from tests.web.test_ops import DIALECTS, at, shown, until

CLOSED = "connections_closed_total"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_peers_close_is_not_taken_for_a_fault_of_ours(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    hall = await server.channel(ann, "hall")
    for code, told in ((1011, "1011"), (1013, "1013"), (4321, "other")):
        async with at(server, dialect, ann, hall) as client:
            await client.socket.aclose(code)
        await until(server, CLOSED, "peer", told, dialect, value=1)
    async with at(server, dialect, ann, hall) as client:
        await client.abort()
    await until(server, CLOSED, "peer", "1006", dialect, value=1)
    assert not [labels for name, labels in await shown(server) if "server" in labels]


async def test_what_the_server_closes_is_its_own(server: ChatServer) -> None:
    ann = await server.person("ann")
    hall = await server.channel(ann, "hall")
    async with at(server, "room", ann, hall) as client:
        for _ in range(10):
            await client.send("no object")
        assert await client.close_code() == 1008
    await until(server, CLOSED, "server", "1008", "room", value=1)
    assert not [labels for name, labels in await shown(server) if "peer" in labels]
