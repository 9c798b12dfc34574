"""What a row of an export must be beyond its cells, where some of them follow from others."""

from collections.abc import Callable, Mapping
from typing import Any

from trichat.core.model import Kind, Origin
from trichat.core.text import check_name
from trichat.store.sqlite.archive.rules import Checks, checked, old_name
from trichat.store.sqlite.kinds import BY_NAME
from trichat.store.sqlite.kinds.forms import fits

Row = Mapping[str, Any]
# Gives None, or what is wrong with the row.
Shape = Callable[[Row], str | None]


def shapes(checks: Checks) -> Mapping[str, Shape]:
    """By table."""
    title = checked(old_name if checks.lenient else check_name)

    def room(row: Row) -> str | None:
        direct = row["kind"] == Kind.DIRECT
        if direct is not (row["origin"] == Origin.DIRECT):
            return "has a kind and an origin that do not fit"
        if direct:
            return None if row["handle"] is None else "has a handle and is a direct room"
        why = title(row["title"])
        return why and f"has a title that {why}"

    return {
        "users": _user, "rooms": room, "direct_pairs": _pair, "messages": _message,
        "events": _event,
    }  # fmt: skip


def _user(row: Row) -> str | None:
    name, email = row["username"], row["email"]
    if row["folded"] != name.casefold():
        return "has a folded that is not of its username"
    # Migration 2 made them with SQLite's lower(), which knows ASCII alone.
    if "folded_email" in row and row["folded_email"] not in (
        email and email.casefold(),
        _lower(email),
    ):
        return "has a folded_email that is not of its email"
    return None


def _lower(text: str | None) -> str | None:
    return text and "".join(each.lower() if each.isascii() else each for each in text)


def _pair(row: Row) -> str | None:
    return None if row["low"] <= row["high"] else "has a low that is beyond its high"


def _message(row: Row) -> str | None:
    if row["deleted"]:
        return "has a text and is deleted" if row["text"] else None
    return None if row["text"] else "has a text that is blank"


def _event(row: Row) -> str | None:
    """Of a kind that another version knows nothing is asked."""
    kind = BY_NAME.get(row["kind"])
    if kind is None:
        return None
    wrong = "has not what belongs to its kind"
    if (row["user_id"] is None) is kind.has_user or (row["message_id"] is None) is kind.has_message:
        return wrong
    if (row["by_id"] is None) is kind.has_by:
        return wrong
    if fits(row["data"], kind.data, optional=kind.optional):
        return None
    return "has data that does not belong to its kind"
