"""Nobody adds a table or a column and forgets the export."""

from pathlib import Path

import apsw
import pytest

from trichat.store.sqlite.archive.tables import LEFT_OUT, TABLES, parts
from trichat.store.sqlite.migrate import migrate

# Every column that is exported to whoever asks. One that is new: is it a secret? If so, it
# belongs to its Table's `secrets`, or its table to LEFT_OUT; if not, here.
OPEN = {
    "acts": "id uuid action target target_id by_id reason metadata at",
    "direct_pairs": "low high room_id",
    "events": "room_id seq kind at user_id by_id message_id data",
    "grants": "id uuid user_id role room_id at by_id",
    "marks": "room_id user_id read_id delivered_id at",
    "memberships": "room_id user_id standing joined_at",
    "mentions": "message_id user_id place",
    "messages": "id uuid room_id seq author_id text system edited deleted created_at updated_at"
    " progress",
    "outsiders": "issuer subject user_id created_at",
    "reactions": "uuid message_id user_id emoji created_at",
    "rooms": "id uuid kind title handle bore description origin max_users created_by created_at"
    " updated_at archived_at last_seq last_at visited_at",
    "sends": "room_id key user_id message_id digest",
    "sqlite_sequence": "name seq",
    "users": "id uuid username folded email avatar status banned_until role created_at updated_at"
    " folded_email tokens_since name_key",
}
SECRET = {
    "users": "password_hash",
    "api_keys": "id user_id digest label created_at revoked_at expires_at used_at",
    "logins": "name user_id created_at expires_at ends_at ended_at family secret former renewed_at",
}


@pytest.fixture
def db() -> apsw.Connection:
    db = apsw.Connection(":memory:")
    migrate(db)
    return db


def test_every_table_is_exported_or_left_out_for_a_reason(db: apsw.Connection) -> None:
    found = {
        str(name)
        for (name,) in db.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            " AND name != 'sqlite_schema'"
        )
    }
    known = {table.name for table in TABLES}
    assert found == known | set(LEFT_OUT), "add it to archive/tables.py"
    assert not known & set(LEFT_OUT)


def test_of_every_column_it_is_decided_whether_it_is_a_secret(db: apsw.Connection) -> None:
    shown = {part.name: set(part.columns) for part in parts(db, secrets=False)}
    assert shown == {table: set(columns.split()) for table, columns in OPEN.items()}
    every = {part.name: set(part.columns) for part in parts(db, secrets=True)}
    hidden = {table: every[table] - shown.get(table, set()) for table in every}
    assert {table: columns for table, columns in hidden.items() if columns} == {
        table: set(columns.split()) for table, columns in SECRET.items()
    }


def test_each_table_refers_to_those_before_it(db: apsw.Connection) -> None:
    before: set[str] = set()
    for table in TABLES:
        before.add(table.name)
        query = 'SELECT "table" FROM pragma_foreign_key_list(?)'
        for (parent,) in db.execute(query, (table.name,)):
            assert parent in before, f"{table.name} stands before {parent}"


def test_each_key_is_the_primary_key(db: apsw.Connection) -> None:
    for table in TABLES[:-1]:
        query = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
        assert table.key == tuple(str(name) for (name,) in db.execute(query, (table.name,)))


def test_no_column_is_named_as_what_a_line_says_of_itself(db: apsw.Connection) -> None:
    columns = {column for part in parts(db, secrets=True) for column in part.columns}
    assert not columns & {"table", "sum", "end"}


def test_the_page_for_readers_names_them_in_order() -> None:
    page = (Path(__file__).parents[3] / "docs" / "backup.md").read_text()
    assert ", ".join(table.name for table in TABLES) in " ".join(page.split())
