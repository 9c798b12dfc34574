"""A server listens at an address, a host name, or a Unix socket, which may be shared."""

import re
from ipaddress import ip_address
from typing import Final

from attrs import frozen

from trichat.settings.addresses import UNIX

_LONGEST_PATH: Final = 107  # bytes of a Unix socket's path that Linux takes
_LONGEST_NAME: Final = 253
_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")  # ends no name: part of an address


@frozen
class Host:
    """An IP address, a host name, or UNIX and a path. IPv6 comes without brackets from it."""

    expected = (
        "an IP address (0.0.0.0 or :: for all of them), a host name, or"
        f' "unix:" and the absolute path of a socket, {_LONGEST_PATH} bytes at most'
    )

    def __call__(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(self.expected)
        if value.startswith(UNIX):
            good = _is_path(value.removeprefix(UNIX))
        else:
            value = _without_brackets(value)
            good = _is_address(value) or _is_name(value)
        if not good:
            raise ValueError(self.expected)
        return value

    def read(self, text: str) -> str:
        return self(text)


@frozen
class Mode:
    """Permissions of a file, as chmod takes them."""

    expected = 'three octal digits in quotes, such as "660"'

    def __call__(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"0?[0-7]{3}", value):
            raise ValueError(self.expected)
        return value

    def read(self, text: str) -> str:
        return self(text)


def socket_path(host: str) -> str | None:
    """Return the path of a host that is a Unix socket; None for any other."""
    return host.removeprefix(UNIX) if host.startswith(UNIX) else None


def _is_path(path: str) -> bool:
    if not path.isprintable() or not path.startswith("/") or path.endswith("/"):
        return False
    return len(path.encode()) <= _LONGEST_PATH  # UnicodeError is a ValueError


def _without_brackets(text: str) -> str:
    inner = text.removeprefix("[").removesuffix("]")
    return inner if text == f"[{inner}]" and ":" in inner else text


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return text.isascii() and text.isprintable()  # a zone may be anything


def _is_name(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    return (
        len(text) <= _LONGEST_NAME
        and all(_LABEL.fullmatch(label) for label in labels)
        and not _NUMBER.fullmatch(labels[-1])
    )
