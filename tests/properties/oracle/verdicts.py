"""What a document may say of a frame."""

from typing import Any, TypeGuard

import regex
from attrs import frozen

from trichat.core.requests import Request

Frame = dict[str, Any]


@frozen
class Says:
    """This answer and nothing else. strike: the document counts such frames."""

    frame: Frame
    strike: bool = False


@frozen
class Closes:
    """The end of the connection, with this code."""

    code: int


@frozen
class Asks:
    """A request that can be carried out."""

    request: Request


Verdict = Says | Closes | Asks


class Words(str):
    """Stands for a text of the server's own choice: the document gives none."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(other.strip())

    def __hash__(self) -> int:
        return 0


_SHOWN = regex.compile(r"[^\p{White_Space}\p{Default_Ignorable_Code_Point}]")
WORDS = Words("(any words)")


@frozen
class Document:
    """malformed: what is no JSON. other: JSON, but no object. binary: a binary message."""

    malformed: Verdict
    other: Verdict
    binary: Verdict


def is_text(value: object) -> TypeGuard[str]:
    """A text that shows something (all-9)."""
    return isinstance(value, str) and _SHOWN.search(value) is not None


def is_whole(value: object) -> TypeGuard[int]:
    """An integer; JSON's true is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_clean(text: str) -> bool:
    """Without NUL and lone surrogates (all-9)."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)
