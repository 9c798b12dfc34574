"""Users may bear some names only, and two names may be one (all-20).

The rule is the Nickname profile of RFC 8266. Lengths are code points.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

from precis_i18n import get_profile
from precis_i18n.unicode import UnicodeData

from trichat.core.ids import is_uuid
from trichat.core.refusals import Invalid, Taken
from trichat.core.text import MAX_NAME

_nickname: Final = get_profile("NicknameCasePreserved")
_unicode: Final = UnicodeData()


def check_username(name: object) -> Invalid | None:
    """Say why a user may not be given this name; None when they may.

    A name has 1 to 100 code points, which RFC 8266 leaves as they are, and is not in the form of a
    UUID, by which users are addressed. `why` is "blank", "long", "uuid", "unclean" (a code point
    that no name holds: a control character, an invisible or an unassigned one) or "altered" (RFC
    8266 would write the name in another way: without blanks at the edges, for instance).
    """
    if not isinstance(name, str) or not name:
        return Invalid("username", "blank")
    if len(name) > MAX_NAME:
        return Invalid("username", "long")
    if is_uuid(name):
        return Invalid("username", "uuid")
    enforced = _enforced(name)
    if enforced != name:
        return Invalid("username", "unclean" if enforced is None else "altered")
    return None


def enforced_username(name: str) -> str | None:
    """Return the name as RFC 8266 writes it; None where no user may bear that either."""
    if not 0 < len(name) <= MAX_NAME:
        return None
    enforced = _enforced(name)
    return enforced if check_username(enforced) is None else None


def comparison_key(name: str) -> str:
    """Return what is compared of a name: two names with equal keys are one to whoever reads them.

    Compatibility forms are resolved (NFKC), case is folded, what is invisible is left out, and
    blanks are single and within. It is no finer than the comparison of RFC 8266. Every text has a
    key, since names that were given before this rule stay; one that is too long for a name is its
    own.
    """
    if len(name) > MAX_NAME:  # normalizing takes time that grows faster than the text
        return name
    key = name.lower()
    if not name.isascii():
        key = "".join(c for c in name if not _unicode.default_ignorable(ord(c)))
        key = unicodedata.normalize("NFD", key)
        for _ in range(2):  # the first may bring forth what the second folds
            key = unicodedata.normalize("NFKC", key.casefold())
    return " ".join(key.split())


def reserved_keys(names: Iterable[str]) -> frozenset[str]:
    """Return the comparison keys of names that are not given to everybody."""
    return frozenset(map(comparison_key, names))


def refuse_username(name: str, reserved: frozenset[str] = frozenset()) -> Invalid | Taken | None:
    """Say why this name is not given; None when it is, as far as nobody bears it.

    reserved: the keys of names that the asker does not get. They are answered as taken ones are.
    """
    refusal = check_username(name)
    if refusal is None and comparison_key(name) in reserved:
        return Taken("username")
    return refusal


def _enforced(name: str) -> str | None:
    try:
        return _nickname.enforce(name)
    except UnicodeEncodeError:
        return None
