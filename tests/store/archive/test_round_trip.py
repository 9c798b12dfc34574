"""Export, import, export: the same bytes, and a store that goes on."""

import io
import json
import os
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.store.ledger import HASH, Ledger
from tests.store.populated import TEXTS, populated
from trichat.cli.maintenance import checks
from trichat.settings import Settings
from trichat.store.atomicfile import ExistsError
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.sqlite.archive import Checks, export_lines, import_lines
from trichat.store.sqlite.archive.tables import TABLES
from trichat.store.sqlite.checking import verify

CHECKS = checks(Settings(), lenient=False)


def exported(database: Path, *, secrets: bool = True) -> bytes:
    out = io.BytesIO()
    export_lines(database, out.write, secrets=secrets, progress=lambda done, total: None)
    return out.getvalue()


def imported(lines: bytes, database: Path, *, checks: Checks = CHECKS) -> Path:
    import_lines(io.BytesIO(lines), database, checks=checks, progress=lambda done: None)
    return database


def rows_of(lines: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


def everything(database: Path) -> dict[str, list[Any]]:
    db = apsw.Connection(str(database))
    names = db.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND name != 'sqlite_schema'"
        " AND schema = 'main' ORDER BY name"
    )
    found = {str(n): sorted(db.execute(f'SELECT * FROM "{n}"'), key=repr) for (n,) in names}
    db.close()
    return found


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    return await populated(tmp_path / "old.db")


@pytest.mark.parametrize("secrets", [True, False])
async def test_it_comes_back_byte_for_byte(database: Path, tmp_path: Path, secrets: bool) -> None:
    lines = exported(database, secrets=secrets)
    new = imported(lines, tmp_path / "new.db")
    assert exported(new, secrets=secrets) == lines
    if secrets:
        assert everything(new) == everything(database)
    assert new.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["new.db", "old.db"]


async def test_every_table_is_tried(database: Path) -> None:
    found = Counter(row["table"] for row in rows_of(exported(database))[1:-1])
    assert {table.name for table in TABLES} <= set(found)


async def test_a_store_goes_on_with_what_was_imported(database: Path, tmp_path: Path) -> None:
    store = await SqliteStore.open(
        imported(exported(database), tmp_path / "new.db"), offload=Inline
    )
    ledger = Ledger(store)
    tea, ann = await store.room_by_handle("tea"), await store.user_by_name("ann")
    assert tea
    assert ann
    texts = [message.text for message in (await store.history(tea.id, limit=9))[0]]
    assert texts == ["plain, @bob", TEXTS[1], TEXTS[3], "with a key"]
    before = [event.seq for event in await store.log(tea.id, 0, -1)]
    await ledger.say(tea, ann, "and on")
    assert [event.seq for event in await store.log(tea.id, 0, -1)] == [*before, before[-1] + 1]
    assert len(await store.acts(limit=99)) == 5
    await store.aclose()


async def test_without_secrets_there_are_none(database: Path, tmp_path: Path) -> None:
    lines = exported(database, secrets=False)
    for secret in (b"password_hash", b"$argon2id$", b'"label"', b"d" * 64):
        assert secret not in lines
        assert secret in exported(database)
    store = await SqliteStore.open(imported(lines, tmp_path / "new.db"), offload=Inline)
    credentials = await store.credentials("ann")
    assert credentials is not None
    assert credentials[1] is None
    assert await store.api_keys(2) == []
    await store.aclose()


async def test_numbers_that_were_given_out_are_not_given_out_again(
    database: Path, tmp_path: Path
) -> None:
    db = apsw.Connection(str(imported(exported(database), tmp_path / "new.db")))
    ((last,),) = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'grants'").fetchall()
    ((most,),) = db.execute("SELECT max(id) FROM grants").fetchall()
    assert int(str(last)) > int(str(most))
    verify(db, "new.db")
    db.close()


async def test_the_last_line_counts_and_sums_up(database: Path) -> None:
    first, *rows, last = rows_of(exported(database))
    assert {key: first[key] for key in first if key != "sum"} == {
        "trichat": "export", "version": 1, "schema": first["schema"], "secrets": True,
    }  # fmt: skip
    assert last["end"] == {**dict.fromkeys(last["end"], 0), **Counter(r["table"] for r in rows)}
    assert last["lines"] == len(rows) + 1


async def test_a_database_that_is_there_is_left_alone(database: Path) -> None:
    lines, before = exported(database), everything(database)
    with pytest.raises(ExistsError, match=r"old\.db exists"):
        imported(lines, database)
    assert everything(database) == before


async def test_an_export_is_of_one_moment(database: Path) -> None:
    """Whoever writes while it runs is not in it, not even in part."""
    store = await SqliteStore.open(database, offload=Inline)
    ledger = Ledger(store)
    tea, ann = await store.room_by_handle("tea"), await store.user_by_name("ann")
    assert tea
    assert ann
    quiet, lines = exported(database), []
    other = apsw.Connection(str(database))

    def write(line: bytes) -> None:
        lines.append(line)
        other.execute("UPDATE rooms SET title = title || '!'")

    export_lines(database, write, secrets=True, progress=lambda done, total: None)
    assert b"".join(lines) == quiet
    other.close()
    await ledger.say(tea, ann, "and on")
    await store.aclose()


async def test_memory_does_not_grow_with_the_database(tmp_path: Path) -> None:
    """Python's; SQLite's cache is bounded."""
    database, lines = tmp_path / "old.db", tmp_path / "lines"
    store = await SqliteStore.open(database, offload=Inline)
    ledger = Ledger(store, password_hash=HASH)
    ann = await ledger.person("ann")
    room = await ledger.room(ann)
    for _ in range(10):
        await ledger.say(room, ann, *["x" * 300] * 500)
    await store.aclose()
    tracemalloc.start()
    with lines.open("wb") as out:
        export_lines(database, out.write, secrets=True, progress=lambda done, total: None)
    with lines.open("rb") as source:
        import_lines(source, tmp_path / "new.db", checks=CHECKS, progress=lambda done: None)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines.stat().st_size > 8 * most
