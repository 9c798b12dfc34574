"""Some characters and lengths may not stand in a message or a name (all-9, all-12, all-13).

Lengths are code points.
"""

import re
import unicodedata

from trichat.core.ids import is_uuid
from trichat.core.refusals import Invalid

MAX_NAME = 100
MAX_KEY = 128
MAX_AVATAR = 2048  # bytes of UTF-8, not code points: it goes out with every mention of its user
# What shows nothing: Unicode White_Space and Default_Ignorable_Code_Point, as the inside of a
# character class that Python and JSON Schema read alike. Python knows neither property; a test
# compares these with tables that do.
BLANK = (
    r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_VISIBLE = re.compile(f"[^{BLANK}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MENTION = re.compile(r"@(\w+)")


def is_blank(text: str) -> bool:
    """Return whether the text shows nothing.

    It is empty or holds only Unicode White_Space and Default_Ignorable_Code_Point characters
    (all-9). A control character is neither, but for those that are white space (tab, the ends of
    lines).
    """
    if "!" <= text[:1] <= "~":  # as nearly everything begins
        return False
    return _VISIBLE.search(text) is None


def is_clean(text: str) -> bool:
    """Return whether a database and UTF-8 can hold the text: without NUL and lone surrogates."""
    return "\0" not in text and (text.isascii() or _SURROGATE.search(text) is None)


def check_text(text: object, limit: int) -> Invalid | None:
    """Return why this may not be said; None when it may. Limits bind what comes in (all-12)."""
    if not isinstance(text, str) or is_blank(text):
        return Invalid("text", "blank")
    if len(text) > limit:
        return Invalid("text", "long")
    if not is_clean(text):
        return Invalid("text", "unclean")
    return None


def check_key(key: object) -> Invalid | None:
    """Return why a send may not bear this key: 1 to 128 code points, not blank, no controls."""
    if not isinstance(key, str) or is_blank(key):
        return Invalid("key", "blank")
    if len(key) > MAX_KEY:
        return Invalid("key", "long")
    if not is_clean(key) or any(unicodedata.category(c) == "Cc" for c in key):
        return Invalid("key", "unclean")
    return None


def check_label(label: object) -> Invalid | None:
    """Return why an API key may not bear this label: at most 100 code points, no controls."""
    if not isinstance(label, str) or len(label) > MAX_NAME:
        return Invalid("label", "long")
    if not is_clean(label) or any(unicodedata.category(c) == "Cc" for c in label):
        return Invalid("label", "unclean")
    return None


def check_name(name: object) -> Invalid | None:
    """Return why a room may not bear this title: 1 to 100 code points, not blank, no controls."""
    if not isinstance(name, str) or is_blank(name):
        return Invalid("name", "blank")
    if len(name) > MAX_NAME:
        return Invalid("name", "long")
    if not is_clean(name) or any(unicodedata.category(c) == "Cc" for c in name):
        return Invalid("name", "unclean")
    return None


def check_handle(name: object) -> Invalid | None:
    """Return why a room may not bear this name: as check_name, and not in the form of a UUID.

    By a UUID any room is reached (all-13).
    """
    if isinstance(name, str) and is_uuid(name):
        return Invalid("name", "uuid")
    return check_name(name)


def mentioned_names(text: str) -> tuple[str, ...]:
    """Return the words after an @, once each, in order: what advice about a text shows.

    Whom a message mentions is for core/mentions.py to say.
    """
    if "@" not in text:
        return ()
    return tuple(dict.fromkeys(_MENTION.findall(text)))
