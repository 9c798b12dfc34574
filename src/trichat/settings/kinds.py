"""A kind says what a setting accepts, and has the words for what it does not.

A kind takes a typed value (TOML, Python) and gives the checked one; `read` takes text (the
environment). Both raise ValueError; `expected` is what the operator reads then.
"""

import math
import re
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Protocol, TypeVar
from urllib.parse import urlsplit

from attrs import frozen
from typed_settings import Secret

from trichat.settings.addresses import UNIX
from trichat.settings.durations import parse_duration

T_co = TypeVar("T_co", covariant=True)


class Kind(Protocol[T_co]):
    """What a setting accepts."""

    @property
    def expected(self) -> str:
        """The words for what would have been right, which follow "expected"."""

    def __call__(self, value: object) -> T_co:
        """Return the checked value. It accepts again what it returned. Raises ValueError."""

    def read(self, text: str) -> T_co:
        """Return the value that the text of an environment variable means. Raises ValueError."""


@frozen
class Whole:
    """A whole number between bounds."""

    least: int
    most: int | None = None

    @property
    def expected(self) -> str:
        if self.most is None:
            return f"a whole number, {self.least} or more"
        return f"a whole number from {self.least} to {self.most}"

    def __call__(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(self.expected)
        if value < self.least or (self.most is not None and value > self.most):
            raise ValueError(self.expected)
        return value

    def read(self, text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            raise ValueError(self.expected)
        return self(int(text))


@frozen
class Duration:
    """Seconds, as a number or as text with units; `bare`: text may be a number of seconds."""

    zero: bool = False
    bare: bool = True

    @property
    def expected(self) -> str:
        sort = "" if self.zero else "positive "
        or_bare = ", or a number of seconds" if self.bare else ""
        return f'a {sort}duration such as "54s", "1m30s" or "500ms"{or_bare}'

    def __call__(self, value: object) -> float:
        seconds = parse_duration(value) if isinstance(value, str) else value
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise ValueError(self.expected)
        if not math.isfinite(seconds) or seconds < 0 or (seconds == 0 and not self.zero):
            raise ValueError(self.expected)
        return float(seconds)

    def read(self, text: str) -> float:
        number = self.bare and re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
        return self(float(text) if number else text)


@frozen
class Flag:
    """True or false."""

    expected = "true or false"

    def __call__(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(self.expected)
        return value

    def read(self, text: str) -> bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError(self.expected)
        return text.lower() == "true"


@frozen
class Line:
    """One line of text."""

    expected: str = "one line of text"
    pattern: str = r".*"

    def __call__(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise ValueError(self.expected)
        if not all(character.isprintable() for character in value):
            raise ValueError(self.expected)
        return value

    def read(self, text: str) -> str:
        return self(text)


@frozen
class OneOf:
    """One word of several."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(self.words)

    def __call__(self, value: object) -> str:
        if value not in self.words:
            raise ValueError(self.expected)
        return str(value)

    def read(self, text: str) -> str:
        return self(text)


@frozen
class Directory:
    """A path, kept as it is: a relative one is relative to the working directory."""

    expected = "the path of a directory"

    def __call__(self, value: object) -> Path:
        if not isinstance(value, str | Path) or "\0" in str(value) or not str(value).strip():
            raise ValueError(self.expected)
        str(value).encode()  # SQLite opens no other path; UnicodeError is a ValueError
        return Path(value)

    def read(self, text: str) -> Path:
        return self(text)


@frozen
class Origins:
    """The origins of web pages, as browsers send them."""

    expected = 'a list of origins such as "https://chat.example.org", or "*"'
    _origin = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^\s/?#@,]+")

    def __call__(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            raise ValueError(self.expected)
        origins = tuple(value)
        for origin in origins:
            if not isinstance(origin, str) or not origin.isascii():
                raise ValueError(self.expected)
            if not self._origin.fullmatch(origin):
                raise ValueError(self.expected)
        return origins

    def read(self, text: str) -> tuple[str, ...]:
        """Read origins between commas; empty text means none."""
        return self([origin.strip() for origin in text.split(",")] if text.strip() else [])


@frozen
class Networks:
    """Addresses and networks of machines, and UNIX for Unix sockets."""

    expected = (
        'a list of addresses and networks such as "10.1.2.3" or "10.0.0.0/8", and of "unix:" for'
        " Unix sockets"
    )

    def __call__(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            raise ValueError(self.expected)
        networks = tuple(value)
        for network in networks:
            if not isinstance(network, str):
                raise ValueError(self.expected)
            if network == UNIX:
                continue
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError(self.expected) from None
        return networks

    def read(self, text: str) -> tuple[str, ...]:
        """Read addresses and networks between commas; empty text means none."""
        return self([network.strip() for network in text.split(",")] if text.strip() else [])


@frozen
class Names:
    """The names of users."""

    expected = 'a list of names such as "admin" or "deleted user"'

    def __call__(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            raise ValueError(self.expected)
        names = tuple(value)
        if not all(isinstance(name, str) and name.strip() and name.isprintable() for name in names):
            raise ValueError(self.expected)
        return names

    def read(self, text: str) -> tuple[str, ...]:
        """Read names between commas; empty text means none."""
        return self([name.strip() for name in text.split(",")] if text.strip() else [])


@frozen
class SomeOf:
    """Words of a few, each once, in any order."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        return "a list of " + ", ".join(self.words)

    def __call__(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            raise ValueError(self.expected)
        words = tuple(value)
        if any(word not in self.words for word in words) or len(set(words)) < len(words):
            raise ValueError(self.expected)
        return words

    def read(self, text: str) -> tuple[str, ...]:
        """Read words between commas; empty text means none."""
        return self([word.strip() for word in text.split(",")] if text.strip() else [])


@frozen
class Address:
    """The address that keys are fetched from, over TLS: otherwise they may be anybody's."""

    expected = "an https address, or an http one of this machine, or nothing"
    _address = re.compile(
        r"https://[^\s/?#@]+(/[^\s#]*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s#]*)?"
    )

    def __call__(self, value: object) -> str:
        if not isinstance(value, str) or (value and not self._address.fullmatch(value)):
            raise ValueError(self.expected)
        if not value.isascii():
            raise ValueError(self.expected)
        try:
            urlsplit(value).port  # noqa: B018 - raises for one that is no port
        except ValueError:
            raise ValueError(self.expected) from None
        return value

    def read(self, text: str) -> str:
        return self(text)


NO_SECRET: Final = Secret("")


@frozen
class Hidden:
    """A text that is never shown."""

    expected = "text"

    def __call__(self, value: object) -> Secret[str]:
        if isinstance(value, Secret):
            return value
        if not isinstance(value, str):
            raise ValueError(self.expected)
        value.encode()  # bytes that are no text come as surrogates; UnicodeError is a ValueError
        return Secret(value) if value else NO_SECRET

    def read(self, text: str) -> Secret[str]:
        return self(text)
