"""Why a user name is refused, in words for whoever wanted it (all-20).

What JSON Schema can say of a name is a matter of the request's form (422); this is the rest.
"""

from collections.abc import Mapping
from typing import Final

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
