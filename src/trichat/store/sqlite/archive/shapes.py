"""What a row of an export must be beyond its cells, where some of them follow from others."""

from collections.abc import Callable, Mapping
from typing import Any

from trichat.core.model import Kind, Origin, Standing
from trichat.core.text import check_name
from trichat.store.sqlite.archive.rules import Checks, checked, decoded, note, old_name, uuid

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
    kind, wrong = row["kind"], "has not what belongs to its kind"
    about_message = kind not in ("admitted", "left")
    by_somebody = kind in ("deleted", "admitted", "left")
    if row["user_id"] is None or (row["message_id"] is None) is about_message:
        return wrong
    if (row["by_id"] is None) is by_somebody:
        return wrong
    return None if _DATA[kind](row["data"]) else "has data that does not belong to its kind"


def _nothing(cell: str | None) -> bool:
    return cell is None


def _notified(cell: str | None) -> bool:
    if cell is None:
        return True
    data = decoded(cell)
    if not isinstance(data, dict) or data.keys() != {"notified"}:
        return False
    users = data["notified"]
    return isinstance(users, list) and bool(users) and all(type(user) is int for user in users)


def _grounds(cell: str | None) -> bool:
    if cell is None:
        return True
    data = decoded(cell)
    if not isinstance(data, dict) or data.keys() != {"act", "reason", "metadata"}:
        return False
    act, reason, metadata = data["act"], data["reason"], data["metadata"]
    return (
        isinstance(act, str) and uuid(act) is None
        and (reason is None or isinstance(reason, str))
        and (metadata is None or isinstance(metadata, dict))
        and note(cell) is None
    )  # fmt: skip


def _reaction(cell: str | None) -> bool:
    data = decoded(cell or "")
    if not isinstance(data, dict) or data.keys() != {"uuid", "emoji", "at"}:
        return False
    name, emoji, at = data["uuid"], data["emoji"], data["at"]
    return (
        isinstance(name, str) and uuid(name) is None
        and isinstance(emoji, str) and emoji != ""
        and type(at) is int and at >= 0
    )  # fmt: skip


def _standing(cell: str | None) -> bool:
    data = decoded(cell or "")
    words = [standing.value for standing in Standing]
    return isinstance(data, dict) and data.keys() == {"standing"} and data["standing"] in words


_DATA: Mapping[str, Callable[[str | None], bool]] = {
    "said": _notified,
    "edited": _notified,
    "deleted": _grounds,
    "reacted": _reaction,
    "unreacted": _reaction,
    "admitted": _standing,
    "left": _nothing,
}
