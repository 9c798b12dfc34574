"""0002: a database of schema 1 with people and talk in it keeps all of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.store.ledger import NOW, Ledger, members_of
from trichat.core import commands as c
from trichat.core.ids import is_uuid
from trichat.core.model import Reason, Role, Status, User
from trichat.runtime.clock import new_uuid
from trichat.store.sqlite import Inline, SqliteStore, migrate
from trichat.store.suspensions import SetStatus

PEOPLE = [
    # id, name, address, status, until, role
    (1, "ann", "Ann@X.org", "ACTIVE", None, "SUPER_ADMIN"),
    (2, "bob", None, "BANNED", None, "MEMBER"),
    (3, "cat", "cat@x.org", "ACTIVE", None, "MODERATOR"),
]
UUID = "0190a6d2-0000-7000-8000-00000000000{}"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    path = tmp_path / "trichat.db"
    _as_schema_1_left_it(path)
    store = await SqliteStore.open(path, offload=Inline)
    yield store
    await store.aclose()


def _as_schema_1_left_it(path: Path) -> None:
    db = apsw.Connection(str(path))
    migrate.migrate(db, up_to=1)
    assert db.pragma("user_version") == 1
    db.executemany(
        "INSERT INTO users (id, uuid, username, folded, email, status, banned_until, role,"
        f" created_at, updated_at) VALUES (?1, '{UUID[:-2]}' || ?1, ?2, ?2, ?3, ?4, ?5, ?6,"
        f" {NOW}, {NOW} + ?1)",
        PEOPLE,
    )
    db.execute(
        "INSERT INTO rooms (uuid, kind, title, handle, origin, created_by, created_at, updated_at,"
        f" last_seq, last_at) VALUES ('{UUID.format(9)}', 'public', 'tea', 'tea', 'rest', 1,"
        f" {NOW}, {NOW}, 3, {NOW});"
        f"INSERT INTO memberships VALUES (1, 2, 'owner', {NOW});"
        "INSERT INTO messages (uuid, room_id, seq, author_id, text, created_at, updated_at,"
        f" deleted) VALUES ('{UUID.format(5)}', 1, 2, 2, 'kept', {NOW}, {NOW}, 0),"
        f" ('{UUID.format(6)}', 1, 1, 2, '', {NOW}, {NOW}, 1);"
        "INSERT INTO events VALUES"
        f" (1, 1, 'said', {NOW}, 2, NULL, 2, NULL), (1, 2, 'said', {NOW}, 2, NULL, 1, NULL),"
        f" (1, 3, 'deleted', {NOW}, 2, 2, 2, NULL)"
    )
    db.close()


async def test_people_and_talk_are_there(store: SqliteStore) -> None:
    users = await store.all_users()
    assert [
        (user.id, user.username, user.email, user.status, user.banned_until, user.role)
        for user in users
    ] == PEOPLE
    assert [user.updated_at for user in users] == [NOW + 1, NOW + 2, NOW + 3]
    messages, head = await store.history(1, limit=10)
    assert ([message.text for message in messages], head) == (["kept"], 3)
    *_, deleted = await store.log(1, 0, 10)
    assert getattr(deleted, "reason", "none") is None
    assert [user.id for user in await members_of(store, 1)] == [2]


async def test_roles_become_grants_of_the_operator(store: SqliteStore) -> None:
    assert await store.grants(2) == []
    grants = [grant for id_ in (1, 3) for grant in await store.grants(id_)]
    assert [(grant.role, grant.room, grant.at, grant.by) for grant in grants] == [
        (Role.SUPER_ADMIN, None, NOW + 1, None), (Role.MODERATOR, None, NOW + 3, None),
    ]  # fmt: skip
    assert len({grant.uuid for grant in grants if is_uuid(grant.uuid)}) == 2


async def test_addresses_are_searched_without_case(store: SqliteStore) -> None:
    assert [user.username for user in await store.search_users("ann@x", limit=9)] == ["ann"]


async def test_administrators_go_on(store: SqliteStore) -> None:
    ledger = Ledger(store)
    out: Any = await ledger.write(
        SetStatus(Reason(new_uuid()), 1, 3, Status.SUSPENDED, NOW + 9, NOW + 99)
    )
    assert isinstance(out, User)
    back: Any = await ledger.write(SetStatus(Reason(new_uuid()), 1, 2, Status.ACTIVE, NOW + 9))
    assert back.status is Status.ACTIVE
    room, ann = await store.room(1), await store.user(1)
    assert room
    assert ann
    await ledger.do(room, (ann, c.Delete(UUID.format(5), Reason(new_uuid(), "spam"))))
    assert [act.reason.text for act in await store.acts(limit=9)] == ["spam", None, None]


def test_the_schema_is_that_of_a_fresh_database(tmp_path: Path) -> None:
    def schema(path: Path) -> dict[Any, Any]:
        db = apsw.Connection(str(path))
        migrate.migrate(db)
        found = {
            name: db.execute(f"SELECT * FROM pragma_table_info('{name}')").fetchall()
            for (name,) in db.execute("SELECT name FROM sqlite_schema").fetchall()
        }
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.close()
        return found

    _as_schema_1_left_it(tmp_path / "old.db")
    assert schema(tmp_path / "old.db") == schema(tmp_path / "new.db")
