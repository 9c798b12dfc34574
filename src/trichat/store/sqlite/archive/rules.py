"""What a cell of an export may hold: what the server itself would have written, and no more.

A rule takes the cell, which is of its column's type and not null, and gives None, or what is wrong
with it, to follow "has a …".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from attrs import frozen

from trichat.core.ids import is_uuid
from trichat.core.names import check_username
from trichat.core.reactions import MAX_EMOJI
from trichat.core.refusals import Invalid
from trichat.core.text import MAX_AVATAR, MAX_NAME, check_handle, check_key, check_label, is_clean

Rule = Callable[[Any], str | None]

LATEST = 253_402_300_799_999  # milliseconds: the end of the year 9999, later dates have no text
LARGEST = 2**53  # up to here every program reads a whole number of JSON as it stands
ADDRESS, DESCRIPTION, REASON, SUBJECT = 320, 2000, 1000, 4096  # code points, at most
TITLE = 2 * MAX_NAME + 2  # of a direct room: both names
NOTE = (
    65_536  # bytes: what an administrator adds has 4096 as it is sent, which may be written longer
)


@frozen
class Checks:
    """What only who calls the import knows. address: why this is no e-mail address.
    password_hash: why this hash is none that the server checks. lenient: whether names, titles,
    addresses, labels and reactions are held to the bounds of earlier versions alone.
    """

    address: Rule
    password_hash: Rule
    lenient: bool = False


def number(least: int, most: int = LARGEST) -> Rule:
    """A whole number between these, both allowed."""

    def why_not(cell: int) -> str | None:
        return None if least <= cell <= most else "is out of its bounds"

    return why_not


def text(most: int | None = None) -> Rule:
    """A text that a database can hold, of so many code points."""

    def why_not(cell: str) -> str | None:
        if most is not None and len(cell) > most:
            return f"has more than {most} characters"
        return None if is_clean(cell) else "has NUL or half of a character in it"

    return why_not


def digits(*lengths: int) -> Rule:
    """So many hexadecimal digits."""
    form = re.compile("|".join(f"[0-9a-f]{{{length}}}" for length in lengths))
    return lambda cell: None if form.fullmatch(cell) else "is no digest"


def size(length: int) -> Rule:
    """So many bytes."""
    return lambda cell: None if len(cell) == length else f"has not {length} bytes"


def uuid(cell: str) -> str | None:
    return None if is_uuid(cell) and cell == cell.lower() else "is no UUID"


def login(cell: str) -> str | None:
    """A UUID, or the digest of a token that is a login by itself."""
    return uuid(cell) and digits(64)(cell)


def note(cell: str) -> str | None:
    """An object of JSON, as text."""
    return None if len(cell) <= NOTE and isinstance(decoded(cell), dict) else "is no object of JSON"


def decoded(cell: str) -> Any:
    """The JSON, None where it is none."""
    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def checked(check: Callable[[object], Invalid | None]) -> Rule:
    """By a rule of core."""

    def why_not(cell: str) -> str | None:
        refusal = check(cell)
        return None if refusal is None else _WORDS[refusal.why]

    return why_not


_WORDS = {
    "blank": "is blank",
    "long": "is too long",
    "unclean": "has characters that may not be in it",
    "altered": "is not written as names are",
    "uuid": "has the form of a UUID",
}

_KIND = re.compile(r"[a-z][a-z_]{0,31}")

# Of columns that hold words of their own.
ANY: Mapping[type, Rule] = {int: number(-LARGEST), str: text(), bytes: lambda cell: None}
ID = number(1)
COUNT = number(0)
FLAG = number(0, 1)
TIME = number(0, LATEST)


def rules(checks: Checks) -> Mapping[str, Mapping[str, Rule]]:
    """By table and column. Every column of every table has one, or words of its own."""
    old = checks.lenient
    # Before today's rules a user name was held to the one of room names.
    name = checked(old_name if old else check_username)
    handle = checked(old_name if old else check_handle)
    emoji = text() if old else _emoji
    return {
        "users": {
            "id": ID, "uuid": uuid, "username": name, "folded": text(), "name_key": text(),
            "email": _one_line(ADDRESS) if old else checks.address, "folded_email": text(),
            "password_hash": checks.password_hash, "avatar": text(MAX_AVATAR) if old else _avatar,
            "banned_until": TIME, "created_at": TIME, "updated_at": TIME, "tokens_since": TIME,
        },
        "rooms": {
            "id": ID, "uuid": uuid, "title": text(TITLE), "handle": handle, "bore": handle,
            "description": text(DESCRIPTION), "max_users": number(1, 1000), "created_by": ID,
            "created_at": TIME, "updated_at": TIME, "archived_at": TIME, "last_seq": COUNT,
            "last_at": TIME, "visited_at": TIME,
        },
        "direct_pairs": {"low": ID, "high": ID, "room_id": ID},
        "memberships": {"room_id": ID, "user_id": ID, "joined_at": TIME},
        "messages": {
            "id": ID, "uuid": uuid, "room_id": ID, "seq": ID, "author_id": ID, "text": text(),
            "system": FLAG, "edited": FLAG, "deleted": FLAG, "created_at": TIME, "updated_at": TIME,
            "progress": number(0, 2),
        },
        "mentions": {"message_id": ID, "user_id": ID, "place": COUNT},
        "sends": {
            "room_id": ID, "key": text(128) if old else checked(check_key), "user_id": ID,
            "message_id": ID, "digest": size(32),
        },
        "reactions": {
            "uuid": uuid, "message_id": ID, "user_id": ID, "emoji": emoji, "created_at": TIME,
        },
        "events": {
            "room_id": ID, "seq": ID, "kind": _kind, "at": TIME, "user_id": ID, "by_id": ID,
            "message_id": ID, "data": text(),
        },
        "marks": {
            "room_id": ID, "user_id": ID, "read_id": COUNT, "delivered_id": COUNT, "at": TIME,
        },
        "grants": {"id": ID, "uuid": uuid, "user_id": ID, "room_id": ID, "at": TIME, "by_id": ID},
        "acts": {
            "id": ID, "uuid": uuid, "target_id": uuid, "by_id": ID, "reason": text(REASON),
            "metadata": note, "at": TIME,
        },
        "outsiders": {
            "issuer": text(SUBJECT), "subject": text(SUBJECT), "user_id": ID, "created_at": TIME,
        },
        "api_keys": {
            "id": ID, "user_id": ID, "digest": digits(64),
            "label": text(MAX_NAME) if old else checked(check_label), "created_at": TIME,
            "revoked_at": TIME, "expires_at": TIME, "used_at": TIME,
        },
        "logins": {
            "name": login, "user_id": ID, "created_at": TIME, "expires_at": TIME, "ends_at": TIME,
            "ended_at": TIME, "family": digits(64), "secret": digits(64), "former": digits(64),
            "renewed_at": TIME,
        },
        "sqlite_sequence": {"name": text(MAX_NAME), "seq": COUNT},
    }  # fmt: skip


def _kind(cell: str) -> str | None:
    """Of an event. One that this version does not know is kept for one that does."""
    return None if _KIND.fullmatch(cell) else "is no name of a kind"


def _avatar(cell: str) -> str | None:
    why = text(MAX_AVATAR)(cell)
    if why is None and len(cell.encode()) > MAX_AVATAR:
        return f"has more than {MAX_AVATAR} bytes"
    return why


def _emoji(cell: str) -> str | None:
    return text(MAX_EMOJI)(cell) or (None if cell else "is blank")


def _one_line(most: int) -> Rule:
    whole = text(most)
    return lambda cell: whole(cell) or (None if cell.isprintable() else "is not one line")


def old_name(cell: object) -> Invalid | None:
    """Of 1 to 100 code points, not all white space, no controls: what a name always was."""
    assert isinstance(cell, str)
    if not cell or cell.isspace():
        return Invalid("name", "blank")
    if len(cell) > MAX_NAME:
        return Invalid("name", "long")
    return check_label(cell)
