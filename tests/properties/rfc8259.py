"""A reader of JSON straight from RFC 8259, to judge the server's by."""

import math
import re
from typing import Any

# What the server does not hold, which the RFC leaves to it (section 9).
DEEPEST = 64
LONGEST_WHOLE = 4300  # digits

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"')
_ESCAPE = re.compile(r"\\(u([0-9a-fA-F]{4})|.)")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"true": True, "false": False, "null": None}


class MalformedError(ValueError):
    """No JSON, or more of it than is held."""


def read(text: str) -> Any:
    """The one value of the text. Of repeated keys the last counts. Raises MalformedError."""
    reader = _Reader(text)
    value = reader.value(0)
    if reader.at != len(text):
        raise MalformedError("something behind the value")
    return value


def held(text: str) -> bool:
    """Whether it is JSON of which all is held."""
    try:
        read(text)
    except MalformedError:
        return False
    return True


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def value(self, depth: int) -> Any:
        """The value here, and the space around it."""
        self._space()
        match self.text[self.at : self.at + 1]:
            case "{":
                found: Any = dict(self._members(depth + 1))
            case "[":
                found = list(self._items(depth + 1))
            case '"':
                found = self._string()
            case _:
                found = self._word()
        self._space()
        return found

    def _items(self, depth: int) -> list[Any]:
        items: list[Any] = []
        self._open(depth)
        while not self._took("]"):
            if items:
                self._need(",")
            items.append(self.value(depth))
        return items

    def _members(self, depth: int) -> list[tuple[str, Any]]:
        members: list[tuple[str, Any]] = []
        self._open(depth)
        while not self._took("}"):
            if members:
                self._need(",")
                self._space()
            key = self._string()
            self._space()
            self._need(":")
            members.append((key, self.value(depth)))
        return members

    def _open(self, depth: int) -> None:
        if depth > DEEPEST:
            raise MalformedError("too deep")
        self.at += 1
        self._space()

    def _string(self) -> str:
        inner = self._match(_STRING)[1]
        text = _ESCAPE.sub(_unescaped, inner)
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def _word(self) -> Any:
        for word, value in _WORDS.items():
            if self._took(word):
                return value
        number = self._match(_NUMBER)
        if number[2] is None and number[3] is None:
            if len(number[1]) > LONGEST_WHOLE:
                raise MalformedError("too many digits")
            return int(number[0])
        fraction = float(number[0])
        if math.isinf(fraction):
            raise MalformedError("out of range")
        return fraction

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise MalformedError(f"nothing that is known at {self.at}")
        self.at = found.end()
        return found

    def _space(self) -> None:
        self._match(_SPACE)

    def _took(self, word: str) -> bool:
        took = self.text.startswith(word, self.at)
        self.at += len(word) * took
        return took

    def _need(self, word: str) -> None:
        if not self._took(word):
            raise MalformedError(f"{word} is missing at {self.at}")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[2]:
        return chr(int(escape[2], 16))
    return _SHORT.get(escape[1], escape[1])
