"""An export that somebody altered who can make right sums: it is refused with a line's number, or
what it makes is a database that the server works on, and that says the same again.
"""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.profiles import tried
from tests.store.archive.test_refusals import sealed
from tests.store.archive.test_round_trip import CHECKS, exported, imported
from tests.store.populated import populated
from trichat.core.names import comparison_key
from trichat.core.text import check_label
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.sqlite.archive import ArchiveError

Rows = list[dict[str, Any]]

NASTY: st.SearchStrategy[Any] = st.sampled_from([
    "", " ", "\0", "\x1b[2J", "a\nb", "\u202eann", "ann", "bob", "{}", "[]", "null",
    "[" * 5000, '{"notified":[1]}', '{"notified":[9e99]}', '{"standing":"owner"}', "../../etc",
    "x" * 5000, "0197f0e5-6a40-7000-8000-000000000001", "f" * 64, "00" * 32, "said", "direct",
    "ADMIN", 0, 1, 2, 3, -1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**70, 10**400,
    True, None, 1.5, 1e300, [], {}, [1], {"a": {"b": []}},
])  # fmt: skip
VALUES = NASTY | st.text(max_size=20) | st.integers() | st.integers(0, 12)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    path = tmp_path_factory.mktemp("populated") / "old.db"
    trio.run(populated, path)
    return [json.loads(line) for line in exported(path).splitlines()]


@st.composite
def altered(draw: st.DrawFn, rows: Rows) -> Rows:
    """One to three things are done to lines: another cell, a line that goes, moves, comes twice."""
    made = [dict(row) for row in rows]
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(made) - 2))
        match draw(
            st.sampled_from(["cell"] * 6 + ["swap", "gone", "twice", "moved", "other table"])
        ):
            case "cell":
                column = draw(st.sampled_from(sorted(made[number])))
                made[number][column] = draw(VALUES)
            case "swap":  # with the cell of another line
                other = made[draw(st.integers(0, len(made) - 2))]
                column = draw(st.sampled_from(sorted(made[number])))
                made[number][column] = other.get(column, other.get("id"))
            case "gone" if number and len(made) > 9:
                del made[number]
            case "twice" if number:
                made.insert(number, dict(made[number]))
            case "moved" if number:
                row = made.pop(number)
                made.insert(draw(st.integers(1, len(made) - 1)), row)
            case _:
                made[number]["table"] = draw(st.sampled_from(["users", "events", "logins", 7]))
    return made


def test_it_is_refused_with_its_line_or_makes_a_good_database(rows: Rows) -> None:
    taken = []

    @tried(300)
    @given(altered(rows))
    def one(changed: Rows) -> None:
        with TemporaryDirectory() as folder:
            lines, new = _lines(changed), Path(folder, "trichat.db")
            said = _refusal(lines, new)
            if said is not None:
                assert said.startswith("line ")
                assert os.listdir(folder) == []
            else:
                assert exported(new) == _lines([_derived(row) for row in changed])
                taken.append(new)
                _works(new)

    one()
    assert taken  # some changes are none, or do no harm


def _derived(row: dict[str, Any]) -> dict[str, Any]:
    """With what an import makes anew."""
    named = row.get("table") == "users" and "name_key" in row
    return {**row, "name_key": comparison_key(row["username"])} if named else row


def _refusal(lines: bytes, new: Path) -> str | None:
    try:
        imported(lines, new)
    except ArchiveError as error:
        return str(error)
    return None


def _lines(changed: Rows) -> bytes:
    """With right sums and counts, even of tables that are none."""
    for row in changed[1:-1]:
        row.setdefault("table", "users")
    shown = [{**row, "table": str(row["table"])} if "table" in row else row for row in changed]
    return b"".join(sealed(shown))


def _works(database: Path) -> None:
    """Everything of it is read as the server reads it."""
    trio.run(_read_all, database)


async def _read_all(database: Path) -> None:
    store = await SqliteStore.open(database, check=True, offload=Inline)
    try:
        for user in await store.all_users():
            assert CHECKS.address(user.email) is None if user.email else True
            await store.overviews(user.id, range(1, 9), members=9)
            await store.mentions_of(user.id, limit=99, offset=0)
            for key in await store.api_keys(user.id):
                assert check_label(key.label) is None
        await store.acts(limit=99)
        for number in range(1, 9):
            if await store.load(number) is not None:
                await store.log(number, 0, -1)
                await store.history(number, limit=99)
    finally:
        await store.aclose()
