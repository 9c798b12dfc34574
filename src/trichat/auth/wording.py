"""A name, an address or a label is refused in words for whoever gave it (all-20).

REST and the command line say the same.
"""

from collections.abc import Mapping
from typing import Final

from trichat.core.text import check_label, is_clean

MAX_LABEL: Final = 100  # code points
UNCLEAN: Final = "must not contain NUL or lone surrogates"
UNPRINTABLE: Final = "must not contain control characters"

# What JSON Schema can say of a name is a matter of the request's form (422); this is the rest.
NAME_WORDS: Final[Mapping[str, str]] = {
    "blank": "Username must not be blank",
    "long": "Username must have at most 100 characters",
    "uuid": "Username must not have the form of a UUID",
    "unclean": "Username must not contain control, invisible or unknown characters",
    "altered": (
        "Username must have no blanks at its ends and none in a row, and only characters in their"
        " usual form"
    ),
}


def why_no_text(value: str, least: int = 0, most: int | None = None) -> str | None:
    """Say why this is no text of so many code points that storage can hold (all-9)."""
    if not is_clean(value):
        return UNCLEAN
    if len(value) < least:
        return "must not be empty"
    if most is not None and len(value) > most:
        return f"must have at most {most} characters"
    return None


def why_no_label(value: str) -> str | None:
    """Say why this is not what an API key is for: a label stands in lists, a line each."""
    refusal = check_label(value)
    if refusal is not None and refusal.why == "unclean":
        return UNPRINTABLE
    return why_no_text(value, least=1, most=MAX_LABEL)
