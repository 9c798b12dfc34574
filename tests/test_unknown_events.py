"""A server goes on over events of a kind that it does not know, as a newer version wrote them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dialects.keeping import Keeper, gaps
from tests.dialects.speech import DIALECTS, texts
from tests.dialects.talks import come, say, stay, talking
from tests.house import House, open_house, settings_for
from tests.store.test_kinds import add_unknown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(settings_for(tmp_path / "data")) as house:
        yield house


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_is_said_is_heard_and_what_was_missed_is_told_again(
    house: House, dialect: str, tmp_path: Path
) -> None:
    """Another process writes them while the room's actor is at work."""
    database = tmp_path / "data" / "trichat.db"
    ann, bob, place = await talking(house)
    keeper = Keeper(dialect)
    async with house.socket(dialect, bob, "hall", resume="1") as client:
        await come(client, place, keeper)
        await say(house, ann, place, "one")
        add_unknown(database, place.number, 3)
        await say(house, ann, place, "two")
        assert texts(await keeper.hear(client), dialect) == ["one", "two"]
        await client.abort()
    await say(house, ann, place, "three")
    add_unknown(database, place.number, 2)
    await say(house, ann, place, "four")
    missed = await stay(house, bob, place, keeper)
    assert (texts(missed, dialect), gaps(missed)) == (["three", "four"], [])
