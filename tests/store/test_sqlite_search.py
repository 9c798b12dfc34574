"""Users are found by any part of their names, by whichever way the store looks for them."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from tests.store.ledger import NOW, Ledger
from trichat.core.names import comparison_key
from trichat.store.sqlite import SqliteStore, users
from trichat.store.sqlite.checking import verify
from trichat.store.users import UpdateUser

# As many as have a part and are looked at one by one.
FEW = 4
LETTERS = 'aAb"Éß'


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteStore]:
    monkeypatch.setattr(users, "_LOOKED_AT_SINGLY", FEW)
    store = await SqliteStore.open(tmp_path / "trichat.db")
    yield store
    await store.aclose()


async def test_rare_and_common_short_and_long_parts_are_found(
    store: SqliteStore, tmp_path: Path
) -> None:
    chance = random.Random(1)
    ledger = Ledger(store)
    addresses: dict[str, str | None] = {}
    ids: dict[str, int] = {}
    while len(addresses) < 60:
        name = "".join(chance.choices(LETTERS, k=chance.randint(1, 7)))
        if comparison_key(name) not in map(comparison_key, addresses):
            addresses[name] = chance.choice((f"{len(addresses)}.{name[::-1]}@x.org", None))
            ids[name] = (await ledger.person(name, addresses[name])).id
    for number, old in enumerate(chance.sample(sorted(addresses), 10)):
        new = f"{old}-{number}"
        ids[new] = ids.pop(old)
        addresses[new] = addresses.pop(old)
        await ledger.write(UpdateUser(ids[new], NOW, username=new))

    met = set()
    for _ in range(300):
        name = chance.choice(sorted(addresses))
        start = chance.randrange(len(name))
        part = name[start : start + chance.randint(1, 5)]
        holders = [other for other in addresses if part.casefold() in other.casefold()]
        reached = [
            other
            for other, address in addresses.items()
            if other in holders or (address and part.casefold() in address.casefold())
        ]
        assert await _names(store, part) == sorted(holders, key=lambda n: (n.casefold(), ids[n]))
        found = await store.search_users(part, limit=99)
        assert [user.username for user in found] == sorted(reached)
        met.add((len(part.casefold()) < 3, len(reached) > FEW))
    assert met == {(True, True), (True, False), (False, True), (False, False)}
    db = apsw.Connection(str(tmp_path / "trichat.db"))
    verify(db, "the database")  # and with it the index


async def _names(store: SqliteStore, part: str) -> list[str]:
    return [user.username for user in await store.search_names(part, limit=99, without=0)]
