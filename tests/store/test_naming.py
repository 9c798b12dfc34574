"""Names that stood before two could be alike (all-20): databases of earlier schemas."""

from pathlib import Path

import apsw
import pytest

from tests.store.ledger import NOW, Ledger
from trichat.core.names import comparison_key
from trichat.core.refusals import Taken
from trichat.store.sqlite import SqliteStore, naming
from trichat.store.sqlite.migrate import migrate, newest
from trichat.store.users import CreateUser, UpdateUser

# Each of a person, who stays who they are.
STOOD = ["ann", "Ann", "ANN", "bob", "bo\u200bb", "a\nb", "x" * 300, "Stra\u00dfe", "carol"]
FIRST = 7  # the last schema without keys


def stood(path: Path, schema: int = FIRST) -> None:
    db = apsw.Connection(str(path))
    migrate(db, up_to=schema)
    db.executemany(
        "INSERT INTO users (uuid, username, folded, email, folded_email, password_hash,"
        " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 1, 1)",
        [
            (f"u{number}", name, name.casefold(), mail, mail and mail.casefold(), f"hash {number}")
            for number, name in enumerate(STOOD)
            for mail in [{0: "A@x.org", 3: "a@X.org", 8: "c@x.org"}.get(number)]
        ],
    )
    db.close()


@pytest.fixture
async def store(tmp_path: Path) -> SqliteStore:
    stood(tmp_path / "trichat.db")
    return await SqliteStore.open(tmp_path / "trichat.db")


async def test_all_20_who_was_there_stays_who_they_are(store: SqliteStore, tmp_path: Path) -> None:
    for number, name in enumerate(STOOD):
        found = await store.credentials(name)
        assert found is not None
        assert (found[0].username, found[1]) == (name, f"hash {number}")
    await store.aclose()
    db = apsw.Connection(str(tmp_path / "trichat.db"))
    assert db.pragma("user_version") == newest()
    keys = db.execute("SELECT username, name_key FROM users").fetchall()
    assert keys == [(name, comparison_key(name)) for name in STOOD]
    db.close()


async def test_all_20_an_exact_name_wins_and_one_of_several_is_not_guessed(
    store: SqliteStore,
) -> None:
    assert await store.credentials("aNN") is None
    assert await store.credentials("BOB") is None  # bob, or the one that looks like it
    for name in ("CAROL", "carol", "\uff43arol"):
        found = await store.credentials(name)
        assert found is not None
        assert found[1] == "hash 8"
    found = await store.credentials("STRASSE")
    assert found is not None
    assert found[0].username == "Stra\u00dfe"
    await store.aclose()


async def test_all_20_none_is_given_beside_them_and_they_keep_theirs(store: SqliteStore) -> None:
    ledger = Ledger(store)
    for name in ("aNN", "ann", "BOB", "strasse", "a b"):
        write = CreateUser(name, name, None, None, None, NOW)
        assert await ledger.write(write) == Taken("username")
    ann = await store.user_by_name("ann")
    assert ann is not None
    same = UpdateUser(ann.id, NOW, username="ann", email="A@x.org", avatar="a")
    kept = await ledger.write(same)
    assert (kept.username, kept.email, kept.avatar) == ("ann", "A@x.org", "a")
    assert await ledger.write(UpdateUser(ann.id, NOW, username="aNN")) == Taken("username")
    other = await ledger.write(UpdateUser(ann.id, NOW, username="anne"))
    assert other.username == "anne"
    await store.aclose()


@pytest.mark.parametrize("schema", [6, FIRST, newest()])
def test_all_20_those_that_are_alike_can_be_listed(tmp_path: Path, schema: int) -> None:
    path = tmp_path / "trichat.db"
    stood(path, schema)
    db = apsw.Connection(str(path))
    assert list(naming.alike(db)) == [
        ("names", ["ann", "Ann", "ANN"]),
        ("names", ["bob", "bo\u200bb"]),
        ("addresses", ["A@x.org", "a@X.org"]),
    ]
    db.close()
