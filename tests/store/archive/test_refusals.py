"""A file that is not as it was written makes no database, and the line is named."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.archive.test_round_trip import CHECKS, exported, imported
from tests.store.populated import populated
from trichat.store.sqlite.archive import ArchiveError, Checks, import_lines
from trichat.store.sqlite.archive.lines import Sealer

Lines = list[bytes]


@pytest.fixture
async def lines(tmp_path: Path) -> Lines:
    return exported(await populated(tmp_path / "old.db")).splitlines(keepends=True)


def refusal(lines: Lines, folder: Path, *, checks: Checks = CHECKS) -> str:
    database = folder / "new" / "trichat.db"
    database.parent.mkdir(exist_ok=True)
    with pytest.raises(ArchiveError) as caught:
        imported(b"".join(lines), database, checks=checks)
    assert list(database.parent.iterdir()) == []
    return str(caught.value)


def sealed(values: list[dict[str, Any]]) -> Lines:
    """Lines with right sums: what somebody made who knows how."""
    sealer = Sealer()
    *rows, end = [{key: row[key] for key in row if key != "sum"} for row in values]
    made = [sealer.line(row) for row in rows]
    counts = dict.fromkeys(end["end"], 0)
    for row in rows[1:]:
        counts[row["table"]] = counts.get(row["table"], 0) + 1
    return [*made, sealer.last(counts, len(made))]


def numbers_of(lines: Lines) -> dict[str, int]:
    """The number of each table's first line."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        found.setdefault(json.loads(line).get("table", ""), number)
    return found


async def test_a_byte_that_is_altered_is_named_by_its_line(lines: Lines, tmp_path: Path) -> None:
    for number, line in enumerate(lines, start=1):
        middle = len(line) // 2
        altered = line[:middle] + bytes([line[middle] ^ 1]) + line[middle + 1 :]
        text = refusal([*lines[: number - 1], altered, *lines[number:]], tmp_path)
        assert text.startswith(f"line {number}: "), text


async def test_a_line_that_is_gone_or_moved_is_named(lines: Lines, tmp_path: Path) -> None:
    text = "was altered, or a line before it is gone or in another place"
    for number in range(2, len(lines)):
        assert (
            refusal([*lines[: number - 1], *lines[number:]], tmp_path) == f"line {number}: {text}"
        )
    swapped = [*lines[:4], lines[5], lines[4], *lines[6:]]
    assert refusal(swapped, tmp_path) == f"line 5: {text}"


async def test_wherever_it_is_cut_off_it_is_refused(lines: Lines, tmp_path: Path) -> None:
    for kept in range(len(lines)):
        assert refusal(lines[:kept], tmp_path) == (
            f"line {kept + 1}: the file ends before its last line: it was cut off"
        )
        assert refusal([*lines[:kept], lines[kept][:-1]], tmp_path) == (
            f"line {kept + 1}: the file ends within this line: it was cut off"
        )


async def test_nothing_stands_behind_the_end(lines: Lines, tmp_path: Path) -> None:
    text = f"line {len(lines) + 1}: there is something behind the last line"
    assert refusal([*lines, b"\n"], tmp_path) == text
    assert refusal([*lines, *lines], tmp_path) == text


@pytest.mark.parametrize(
    "junk", [b"", b"no export\n", b'{"trichat":"export"}\n', b"\x00" * 100, b"[]\n", b"SQLite\n"]
)
def test_what_is_no_export_is_refused_at_its_first_line(junk: bytes, tmp_path: Path) -> None:
    assert refusal([junk], tmp_path).startswith("line 1: ")


def test_a_line_without_end_is_read_no_further_than_is_sensible(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size
            assert 0 < size <= 2**24
            return b"x" * size

    with pytest.raises(ArchiveError, match="line 1: the file ends within this line"):
        import_lines(Endless(), tmp_path / "new.db", checks=CHECKS, progress=lambda done: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"schema": 99}, "the export has schema 99, this trichat knows 1 to "),
        ({"schema": 0}, "the export has schema 0, this trichat knows 1 to "),
        ({"schema": None}, "the export has schema None, "),
        ({"version": 2}, "is not how an export of version 1 begins"),
        ({"trichat": "backup"}, "is not how an export of version 1 begins"),
    ],
)
async def test_another_kind_of_export_is_refused(
    lines: Lines, tmp_path: Path, header: dict[str, Any], text: str
) -> None:
    first, *rest = [json.loads(line) for line in lines]
    assert refusal(sealed([{**first, **header}, *rest]), tmp_path).startswith(f"line 1: {text}")


Change = Callable[[dict[str, Any]], object]


# What somebody may do who makes right sums: (table, what they do to its first line, the answer).
CHANGES: list[tuple[str, Change, str]] = [
    ("users", lambda row: row.update(role="KING"), "has a role that is unknown: 'KING'"),
    ("users", lambda row: row.update(created_at="now"), "has a created_at of another type"),
    ("users", lambda row: row.update(system=True), "has not the columns of users: id, "),
    ("users", lambda row: row.pop("email"), "has not the columns of users: id, "),
    ("users", lambda row: row.update(username=None), "does not fit to the lines before it: NOT"),
    ("rooms", lambda row: row.update(created_by=99), "does not fit to the lines before it: FOR"),
    ("rooms", lambda row: row.update(last_seq=99), "has another last_seq than its log"),
    ("memberships", lambda row: row.update(table="secrets"), "has table 'secrets', which is unk"),
    ("memberships", lambda row: row.update(table="users"), "has table 'users', which is unknown"),
    ("messages", lambda row: row.update(author_id=99), "does not fit to the lines before it: FOR"),
    ("mentions", lambda row: row.update(user_id=99), "does not fit to the lines before it: FORE"),
    ("sends", lambda row: row.update(user_id=99), "does not fit to the lines before it: FOREIGN"),
    ("sends", lambda row: row.update(digest="no hex"), "has a digest of another type"),
    ("events", lambda row: row.update(user_id=99), "refers to no user of the export"),
    ("events", lambda row: row.update(by_id=99), "refers to no user of the export"),
    ("events", lambda row: row.update(message_id=99), "has not what belongs to its kind"),
    ("events", lambda row: row.update(seq=2), "has number 2: the room's log has a gap before it"),
    ("events", lambda row: row.update(kind="Sung!"), "has a kind that is no name of a kind"),
    ("marks", lambda row: row.update(read_id=99), "refers to no message of its room"),
    ("grants", lambda row: row.update(by_id=99), "does not fit to the lines before it: FOREIGN"),
    ("acts", lambda row: row.update(by_id=99), "does not fit to the lines before it: FOREIGN"),
    ("api_keys", lambda row: row.update(user_id=99), "does not fit to the lines before it: FOR"),
]


@pytest.mark.parametrize(("table", "change", "text"), CHANGES, ids=[c[2][:30] for c in CHANGES])
async def test_every_reference_is_looked_at(
    lines: Lines, tmp_path: Path, table: str, change: Change, text: str
) -> None:
    number = numbers_of(lines)[table]
    values = [json.loads(line) for line in lines]
    change(values[number - 1])
    assert refusal(sealed(values), tmp_path).startswith(f"line {number}: {text}")


async def test_lines_have_an_order(lines: Lines, tmp_path: Path) -> None:
    values = [json.loads(line) for line in lines]
    number = numbers_of(lines)["users"]
    values[number - 1], values[number] = values[number], values[number - 1]
    text = refusal(sealed(values), tmp_path)
    assert text == f"line {number + 1}: is not behind the one before it, by ('id',)"


async def test_the_counts_of_the_end_are_held_against_the_lines(
    lines: Lines, tmp_path: Path
) -> None:
    *rows, end = [json.loads(line) for line in lines]
    sealer = Sealer()
    made = [sealer.line({key: row[key] for key in row if key != "sum"}) for row in rows]
    wrong = {**end["end"], "users": end["end"]["users"] + 1}
    text = refusal([*made, sealer.last(wrong, len(made))], tmp_path)
    assert re.match(rf"line {len(lines)}: counts other lines than there are: ", text)
