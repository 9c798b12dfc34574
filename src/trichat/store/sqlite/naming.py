"""Which names and addresses are somebody's already (all-20).

Asked in the transaction that gives one, so that a race has one winner. Names that stood before the
rule may be alike; none is given beside them.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import apsw

from trichat.core.names import comparison_key
from trichat.store.sqlite import rows

COLUMNS = "username, folded, name_key, email, folded_email"


def teach(db: apsw.Connection) -> None:
    """Give the connection the functions that migrations and alike() call."""
    compared: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("comparison_key", comparison_key), ("casefold", str.casefold),
    )  # fmt: skip
    for name, function in compared:
        db.create_scalar_function(name, cast(Any, function), 1, deterministic=True)


def cells(username: str | None, email: str | None) -> tuple[str | None, ...]:
    """What stands in COLUMNS for these; None for what is None."""
    return (
        username, username and username.casefold(), username and comparison_key(username),
        email, email and email.casefold(),
    )  # fmt: skip


def name_is_taken(db: apsw.Connection, username: str, but: int = 0) -> bool:
    """Whether a user, but the one with this id, bears the name or one that is alike."""
    return _someone(db, "name_key", comparison_key(username), but)


def address_is_taken(db: apsw.Connection, email: str, but: int = 0) -> bool:
    """Whether it is the address of a user, but the one with this id, in whatever case."""
    return _someone(db, "folded_email", email.casefold(), but)


def alike(db: apsw.Connection) -> Iterator[tuple[str, list[str]]]:
    """What stands twice by today's rules: ("names" or "addresses", those that are alike), of a
    database of any schema.
    """
    teach(db)
    for what, column, key in _COMPARED:
        keys = rows.fetch(
            db,
            f"SELECT {key} FROM users WHERE {column} IS NOT NULL"
            f" GROUP BY {key} HAVING count(*) > 1 ORDER BY min(id)",
        )
        for (value,) in keys:
            query = f"SELECT {column} FROM users WHERE {column} IS NOT NULL AND {key} = ?"
            yield what, [row[0] for row in db.execute(f"{query} ORDER BY id", (value,))]


_COMPARED = (
    ("names", "username", "comparison_key(username)"),
    ("addresses", "email", "casefold(email)"),
)


def _someone(db: apsw.Connection, column: str, value: str, but: int) -> bool:
    query = f"SELECT 1 FROM users WHERE {column} = ? AND id != ? LIMIT 1"
    return bool(rows.fetch(db, query, (value, but)))
