"""Who closed a connection: what a peer says in his close frame is told apart from what we say."""

import pytest

from tests.house import House
from tests.web.test_ops import DIALECTS, at, shown, until

CLOSED = "connections_closed_total"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_peers_close_is_not_taken_for_a_fault_of_ours(house: House, dialect: str) -> None:
    ann = await house.person("ann")
    hall = await house.channel(ann, "hall")
    for code, told in ((1011, "1011"), (1013, "1013"), (4321, "other")):
        async with at(house, dialect, ann, hall) as client:
            await client.socket.aclose(code)
        await until(house, CLOSED, "peer", told, dialect, value=1)
    async with at(house, dialect, ann, hall) as client:
        await client.abort()
    await until(house, CLOSED, "peer", "1006", dialect, value=1)
    assert not [labels for name, labels in await shown(house) if "server" in labels]


async def test_what_the_server_closes_is_its_own(house: House) -> None:
    ann = await house.person("ann")
    hall = await house.channel(ann, "hall")
    async with at(house, "room", ann, hall) as client:
        for _ in range(10):
            await client.send("no object")
        assert await client.close_code() == 1008
    await until(house, CLOSED, "server", "1008", "room", value=1)
    assert not [labels for name, labels in await shown(house) if "peer" in labels]
