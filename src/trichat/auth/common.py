"""Some passwords are so common that everybody who guesses tries them first.

The list is zxcvbn's; nothing else of it is used. Reading it takes 20 ms and some memory for a
moment, so that is done when it is first asked for.
"""

from functools import cache


def is_common(password: str) -> bool:
    """Return whether the password is among the 30 000 commonest, in whatever case."""
    return "\n" not in password and f"\n{password.lower()}\n" in _lines()


@cache
def _lines() -> str:
    """Return all of them as one text: a set of them would keep ten times as much memory."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return "\n".join(["", *FREQUENCY_LISTS["passwords"], ""])
