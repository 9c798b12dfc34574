"""Which tables are exported, in an order in which each refers to those before it alone.

Every table has to be named here: tests/store/archive/test_tables.py fails for one that is not.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import apsw
from attrs import frozen

from trichat.core.model import Action, Kind, Origin, Role, RoomRole, Status, Target
from trichat.core.names import comparison_key
from trichat.store.sqlite import rows


@frozen
class Table:
    """key: what its lines are ordered by. secrets: columns left out unless asked for; True leaves
    out all of it. words: columns that hold one of these alone. derived: columns that follow from
    others, and are made anew by an import.
    """

    name: str
    key: tuple[str, ...]
    secrets: tuple[str, ...] | bool = ()
    words: Mapping[str, frozenset[str]] = {}
    derived: Mapping[str, Callable[[Mapping[str, Any]], object]] = {}


def _words(values: type[Enum]) -> frozenset[str]:
    return frozenset(str(value.value) for value in values)


TABLES = (
    Table(
        "users",
        ("id",),
        ("password_hash",),
        {"role": _words(Role), "status": _words(Status)},
        {"name_key": lambda row: row["username"] and comparison_key(row["username"])},
    ),
    Table("rooms", ("id",), (), {"kind": _words(Kind), "origin": _words(Origin)}),
    Table("direct_pairs", ("low", "high")),
    Table("memberships", ("room_id", "user_id"), (), {"standing": _words(RoomRole)}),
    Table("messages", ("id",)),
    Table("mentions", ("message_id", "user_id")),
    Table("sends", ("room_id", "key", "user_id")),
    Table("reactions", ("uuid",)),
    Table("events", ("room_id", "seq")),
    Table("marks", ("room_id", "user_id")),
    Table("grants", ("id",), (), {"role": _words(Role)}),
    Table("acts", ("id",), (), {"action": _words(Action), "target": _words(Target)}),
    Table("outsiders", ("issuer", "subject")),
    Table("api_keys", ("id",), True),
    Table("logins", ("name",), True),
    Table("sqlite_sequence", ("name",)),  # the numbers that were given out, if only for a while
)

# What no export holds, and why.
LEFT_OUT: Mapping[str, str] = {
    "tickets": "they wait for seconds",
    "signing": "it is about the key beside the database",
    "reaction_counts": "importing reactions counts them",
}


@frozen
class Part:
    """A table as it stands in a database. types: of each column, beside None; bytes stand in a
    line as hexadecimal digits.
    """

    table: Table
    columns: tuple[str, ...]
    types: tuple[type, ...]

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def packed(self) -> tuple[int, ...]:
        """Which columns are bytes."""
        return tuple(number for number, type_ in enumerate(self.types) if type_ is bytes)


def parts(db: apsw.Connection, *, secrets: bool) -> Iterator[Part]:
    """What of this database, of whatever schema, is exported."""
    for table in TABLES:
        hidden = () if secrets else table.secrets
        if hidden is True:
            continue
        columns = [
            (name, _TYPES[type_])
            for name, type_ in _columns(db, table.name)
            if hidden is False or name not in hidden
        ]
        if columns:
            yield Part(table, tuple(c[0] for c in columns), tuple(c[1] for c in columns))


def _columns(db: apsw.Connection, table: str) -> list[tuple[str, str]]:
    if table == "sqlite_sequence":
        return [("name", "TEXT"), ("seq", "INTEGER")]
    found = rows.fetch(db, "SELECT name, type FROM pragma_table_info(?)", (table,))
    return [(str(name), str(type_)) for name, type_ in found]


_TYPES = {"INTEGER": int, "TEXT": str, "BLOB": bytes}
