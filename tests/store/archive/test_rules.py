"""A line holds what the server would have stored, or it is refused by its number."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from attrs import evolve

from tests.store.archive.test_refusals import Lines, numbers_of, refusal, sealed
from tests.store.archive.test_round_trip import CHECKS, exported, imported
from tests.store.populated import populated
from trichat.cli.maintenance import checks
from trichat.core.names import comparison_key
from trichat.settings import Auth, Settings
from trichat.store.sqlite.archive import ArchiveError
from trichat.store.sqlite.archive.rules import rules
from trichat.store.sqlite.archive.tables import parts
from trichat.store.sqlite.migrate import migrate

LENIENT = evolve(CHECKS, lenient=True)
Row = dict[str, Any]


@pytest.fixture
async def lines(tmp_path: Path) -> Lines:
    return exported(await populated(tmp_path / "old.db")).splitlines(keepends=True)


def test_every_column_has_a_rule_or_words_of_its_own() -> None:
    """One that is new gets one in archive/rules.py."""
    db = apsw.Connection(":memory:")
    migrate(db)
    known = rules(CHECKS)
    for part in parts(db, secrets=True):
        every = known[part.name].keys() | part.table.words.keys()
        assert set(part.columns) == every, part.name


def user(**values: Any) -> Callable[[Row], None]:
    """As the server would have made the columns that follow from the name."""

    def change(row: Row) -> None:
        row.update(values)
        if "username" in values:
            name = values["username"]
            row.update(folded=name.casefold(), name_key=comparison_key(name))

    return change


def put(**values: Any) -> Callable[[Row], None]:
    return lambda row: row.update(values)


HEAVY = "$argon2id$v=19$m=4194304,t=1,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
LONG = "$argon2id$v=19$m=8,t=999999,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
# (table, what is done to its first line, the answer)
CHANGES: list[tuple[str, Callable[[Row], None], str]] = [
    ("users", user(username="\x1b[31mred\n"), "has a username that has characters"),
    ("users", user(username="\u202eann"), "has a username that "),
    ("users", user(username="an\u200bn"), "has a username that "),
    ("users", user(username=" ann"), "has a username that is not written as names are"),
    ("users", user(username=""), "has a username that is blank"),
    ("users", user(username="x" * 101), "has a username that is too long"),
    ("users", user(username="0197f0e5-6a40-7000-8000-000000000001"), "has a username that has the"),
    ("users", put(uuid="../../etc"), "has a uuid that is no UUID"),
    ("users", put(uuid="0197F0E5-6A40-7000-8000-000000000001"), "has a uuid that is no UUID"),
    ("users", put(folded="admin"), "has a folded that is not of its username"),
    ("users", put(email="no address"), "has a email that "),
    ("users", put(email="a@example.com", folded_email="b@x.org"), "has a folded_email that"),
    ("users", put(folded_email="b@x.org"), "has a folded_email that is not of its email"),
    ("users", put(avatar="x" * 2049), "has a avatar that has more than 2048 characters"),
    ("users", put(avatar="ü" * 1025), "has a avatar that has more than 2048 bytes"),
    ("users", put(avatar="\0"), "has a avatar that has NUL"),
    ("users", put(password_hash=HEAVY), "has a password_hash that costs more than 262144 KiB"),
    ("users", put(password_hash=LONG), "has a password_hash that costs more than"),
    ("users", put(password_hash="secret"), "has a password_hash that is no hash"),
    ("users", put(created_at=-1), "has a created_at that is out of its bounds"),
    ("users", put(created_at=10**15), "has a created_at that is out of its bounds"),
    ("users", put(id=2**63), "has a id that is out of its bounds"),
    ("users", put(id=0), "has a id that is out of its bounds"),
    ("users", put(created_at=True), "has a created_at of another type"),
    ("users", put(created_at=1.0), "has a created_at of another type"),
    ("users", put(username=None), "does not fit to the lines before it: NOT NULL"),
    ("rooms", put(title="a\nb"), "has a title that has characters"),
    ("rooms", put(title=" "), "has a title that is blank"),
    ("rooms", put(handle="0197f0e5-6a40-7000-8000-000000000001"), "has a handle that has the form"),
    ("rooms", put(description="x" * 2001), "has a description that has more than 2000"),
    ("rooms", put(max_users=0), "has a max_users that is out of its bounds"),
    ("rooms", put(kind="direct"), "has a kind and an origin that do not fit"),
    ("rooms", put(origin="direct"), "has a kind and an origin that do not fit"),
    ("rooms", put(kind="direct", origin="direct"), "has a handle and is a direct room"),
    ("direct_pairs", put(low=3), "has a low that is beyond its high"),
    ("memberships", put(joined_at=-5), "has a joined_at that is out of its bounds"),
    ("messages", put(text="a\0b"), "has a text that has NUL"),
    ("messages", put(text=""), "has a text that is blank"),
    ("messages", put(seq=7), "is not said in the room's log"),
    ("messages", put(author_id=2), "is not said in the room's log"),
    ("messages", put(deleted=1, text=""), "is deleted, or is not, against the room's log"),
    ("messages", put(deleted=2), "has a deleted that is out of its bounds"),
    ("messages", put(deleted=1), "has a text and is deleted"),
    ("messages", put(progress=3), "has a progress that is out of its bounds"),
    ("messages", put(edited=0), "is edited, or is not, against the room's log"),
    ("mentions", put(place=-1), "has a place that is out of its bounds"),
    ("sends", put(key="a\nb"), "has a key that has characters"),
    ("sends", put(digest="00"), "has a digest that has not 32 bytes"),
    ("sends", put(message_id=1), "refers to no message of this user in its room"),
    ("reactions", put(uuid="r-1"), "has a uuid that is no UUID"),
    ("reactions", put(emoji="x" * 33), "has a emoji that has more than 32 characters"),
    ("reactions", put(emoji=""), "has a emoji that is blank"),
    ("events", put(data='{"standing":"king"}'), "has data that does not belong to its kind"),
    ("events", put(data="{"), "has data that does not belong to its kind"),
    ("events", put(data="[" * 100_000), "has data that does not belong to its kind"),
    ("events", put(data=None), "has data that does not belong to its kind"),
    ("events", put(message_id=1), "has not what belongs to its kind"),
    ("events", put(by_id=None), "has not what belongs to its kind"),
    ("events", put(user_id=None), "has not what belongs to its kind"),
    ("marks", put(delivered_id=7), "refers to no message of its room"),
    ("acts", put(reason="x" * 1001), "has a reason that has more than 1000 characters"),
    ("acts", put(metadata="[]"), "has a metadata that is no object of JSON"),
    ("acts", put(target_id="ann"), "has a target_id that is no UUID"),
    ("outsiders", put(subject="\0"), "has a subject that has NUL"),
    ("api_keys", put(label="a\n1\tliving"), "has a label that has characters"),
    ("api_keys", put(label="x" * 101), "has a label that is too long"),
    ("api_keys", put(digest="d"), "has a digest that is no digest"),
    ("logins", put(name="login"), "has a name that is no "),
    ("sqlite_sequence", put(seq=2**63 - 1), "has a seq that is out of its bounds"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "change", "text"),
    CHANGES,
    ids=[f"{c[0]}-{number}" for number, c in enumerate(CHANGES)],
)
async def test_what_the_server_would_not_store_is_refused(
    lines: Lines, tmp_path: Path, table: str, change: Callable[[Row], None], text: str
) -> None:
    number = numbers_of(lines)[table]
    values = [json.loads(line) for line in lines]
    change(values[number - 1])
    said = refusal(sealed(values), tmp_path)
    assert said.startswith(f"line {number}: {text}"), said


@pytest.mark.parametrize(
    ("where", "change", "text"),
    [
        ({"table": "events", "kind": "said"}, put(message_id=99), "refers to no message of its r"),
        ({"table": "events", "kind": "said"}, put(message_id=2), "is not said in the room's log"),
        ({"table": "events", "kind": "said"}, put(data='{"notified":[99]}'), "tells a user who"),
        ({"table": "events", "kind": "edited"}, put(kind="said"), "says a message that is said"),
        ({"table": "events", "kind": "deleted"}, put(data='{"act":1}'), "has data that does not b"),
        ({"table": "events", "kind": "reacted"}, put(data='{"uuid":"r"}'), "has data that does no"),
        ({"table": "events", "kind": "changed"}, put(data='{"archived_at":5}'), "archives a room"),
        ({"table": "events", "kind": "changed"}, put(data='{"id":5}'), "has data that does not b"),
        ({"table": "direct_pairs"}, put(room_id=2), "refers to no direct room"),
        ({"table": "users", "username": "cat"}, put(role="ADMIN"), "has a role that nobody gave"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_together_is_refused(
    lines: Lines, tmp_path: Path, where: Row, change: Callable[[Row], None], text: str
) -> None:
    values = [json.loads(line) for line in lines]
    (found, *_) = [n for n, row in enumerate(values) if where.items() <= row.items()]
    change(values[found])
    said = refusal(sealed(values), tmp_path)
    assert re.match(rf"line [0-9]+: {text}", said), said
    if not text.startswith("is not said"):  # of the message, which no event says any more
        assert said.startswith(f"line {found + 1}: ")


async def test_what_follows_from_a_name_is_made_anew(lines: Lines, tmp_path: Path) -> None:
    """Whatever the line says of it: nobody is found by another's name."""
    values = [json.loads(line) for line in lines]
    values[numbers_of(lines)["users"] - 1]["name_key"] = "admin"
    new = imported(b"".join(sealed(values)), tmp_path / "new.db")
    assert exported(new) == b"".join(lines)


async def test_members_are_who_the_log_admits(lines: Lines, tmp_path: Path) -> None:
    values = [json.loads(line) for line in lines]
    (first, *_, last) = [n for n, row in enumerate(values) if row.get("table") == "memberships"]
    gone = refusal(sealed([*values[:first], *values[first + 1 :]]), tmp_path)
    assert re.fullmatch(r"line [0-9]+: admits somebody who is no member in the end", gone)
    more = {**values[last], "user_id": 4}
    said = refusal(sealed([*values[: last + 1], more, *values[last + 1 :]]), tmp_path)
    assert said == f"line {last + 2}: is not what the room's log says"


async def test_an_event_is_not_earlier_than_the_one_before_it(lines: Lines, tmp_path: Path) -> None:
    number = numbers_of(lines)["events"]
    values = [json.loads(line) for line in lines]
    values[number]["at"] = 1
    said = refusal(sealed(values), tmp_path)
    assert said == f"line {number + 1}: has an earlier time than the event before it"


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("users", user(username=" \u200b ann ")),
        ("users", put(email="somewhere", folded_email="somewhere")),
        ("rooms", put(title="\u200b")),
        ("api_keys", put(label="a\n1\tliving")),
        ("reactions", put(emoji="x" * 40)),
    ],
)
async def test_what_only_earlier_versions_gave_is_taken_when_asked_for(
    lines: Lines, tmp_path: Path, table: str, change: Callable[[Row], None]
) -> None:
    values = [json.loads(line) for line in lines]
    change(values[numbers_of(lines)[table] - 1])
    altered = sealed(values)
    assert refusal(altered, tmp_path).startswith(f"line {numbers_of(lines)[table]}: has a ")
    new = imported(b"".join(altered), tmp_path / "lenient.db", checks=LENIENT)
    assert exported(new) == b"".join(altered)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "", "  ", "x" * 101, "a\0"])
async def test_what_no_version_gave_is_refused_all_the_same(
    lines: Lines, tmp_path: Path, name: str
) -> None:
    values = [json.loads(line) for line in lines]
    user(username=name)(values[numbers_of(lines)["users"] - 1])
    assert refusal(sealed(values), tmp_path, checks=LENIENT).startswith("line 2: has a username")


@pytest.mark.parametrize("cell", [None, [], "", 0, -1, 2**70, True, 1.5])
async def test_whatever_stands_in_a_cell_it_is_refused_by_its_line_or_does_no_harm(
    lines: Lines, tmp_path: Path, cell: Any
) -> None:
    """Of the last line of every table, each cell in turn."""
    values = [json.loads(line) for line in lines]
    last = {row["table"]: number for number, row in enumerate(values) if "table" in row}
    for number in last.values():
        for column in values[number].keys() - {"sum", "table"}:
            changed = [*values[:number], {**values[number], column: cell}, *values[number + 1 :]]
            _tried(sealed(changed), tmp_path / "new.db")


def _tried(altered: Lines, new: Path) -> None:
    try:
        imported(b"".join(altered), new)
    except ArchiveError as error:
        assert re.match("line [0-9]+: ", str(error))  # noqa: PT017 - either may be
        assert not new.exists()
    else:
        new.unlink()


async def test_what_is_said_of_a_line_does_not_repeat_all_of_it(
    lines: Lines, tmp_path: Path
) -> None:
    values = [json.loads(line) for line in lines]
    values[1]["role"] = "X" * 100_000
    assert len(refusal(sealed(values), tmp_path)) < 400


def test_more_is_taken_where_more_is_configured() -> None:
    more = checks(Settings(auth=Auth(argon2_memory=4194304)), lenient=False)
    assert more.password_hash(HEAVY) is None
    assert CHECKS.password_hash(HEAVY) is not None
