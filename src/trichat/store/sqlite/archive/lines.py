"""The form of an export: one JSON object a line, the first and the last about all the others.

    {"trichat":"export","version":1,"schema":4,"secrets":false,"sum":"…"}
    {"table":"users","id":1,…,"sum":"…"}
    {"end":{"users":1,…},"lines":2,"sha256":"…","sum":"…"}

`sum` is the CRC-32 of everything up to there: this line's bytes without it, continued from the line
before, so that the first line that was altered, moved or lost is known by its number. `sha256` is
over the bytes of all lines before the last one.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

VERSION = 1
MAX_LINE = 16 * 1024 * 1024  # bytes of a line
MAX_REASON = 300  # code points of what is said of one
_HEADER = {"trichat", "version", "schema", "secrets"}
_SUM = re.compile(rb',"sum":"([0-9a-f]{8})"\}\n\Z')
_SUM_LENGTH = len(b',"sum":"00000000"}\n')

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class ArchiveError(Exception):
    """The file is no export, or not as it was written; the text has the number of the line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")


class Sealer:
    """Makes lines, one after the other."""

    def __init__(self) -> None:
        self._crc = 0
        self._sha = hashlib.sha256()

    def line(self, value: Mapping[str, Any]) -> bytes:
        """The next one, with its sum and its end."""
        body = _encode(value)
        self._crc = zlib.crc32(body, self._crc)
        sealed = b'%b,"sum":"%08x"}\n' % (body[:-1], self._crc)
        self._sha.update(sealed)
        return sealed

    def last(self, counts: Mapping[str, int], lines: int) -> bytes:
        """The last one. lines: how many there are before it."""
        return self.line({"end": counts, "lines": lines, "sha256": self._sha.hexdigest()})


class Reader:
    """Lines one after the other, each held against its sum. number: of the line read last.
    bytes: read so far. counts: what the last line says, once it is read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._crc = 0
        self._sha = hashlib.sha256()
        self.number = 0
        self.bytes = 0
        self.counts: dict[str, int] = {}

    def header(self) -> dict[str, Any]:
        """The first line. Raises ArchiveError."""
        value = self._next()
        if value.get("trichat") != "export" or value.get("version") != VERSION:
            raise self.error(f"is not how an export of version {VERSION} begins")
        if value.keys() != _HEADER or type(value["secrets"]) is not bool:
            raise self.error(f"has not what the first line has: {', '.join(sorted(_HEADER))}")
        return value

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """All between the first and the last, which is then found to be right, and the end.
        Raises ArchiveError.
        """
        while "end" not in (value := self._next()):
            yield value
        self.counts = value["end"]

    def error(self, text: str) -> ArchiveError:
        """About the line read last. What stands in it is not repeated at any length."""
        return ArchiveError(
            self.number, text if len(text) <= MAX_REASON else f"{text[:MAX_REASON]}…"
        )

    def _next(self) -> dict[str, Any]:
        self.number += 1
        line = self._file.readline(MAX_LINE)
        self.bytes += len(line)
        body = self._checked(line)
        try:
            value = _decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise self.error(f"is no JSON: {error}") from None
        if not isinstance(value, dict):
            raise self.error("is no object")
        if "end" in value:
            self._check_end(value)
        self._sha.update(line)
        return value

    def _checked(self, line: bytes) -> bytes:
        if not line:
            raise self.error("the file ends before its last line: it was cut off")
        if not line.endswith(b"\n"):
            raise self.error("the file ends within this line: it was cut off")
        found = _SUM.search(line, max(0, len(line) - _SUM_LENGTH))
        if found is None:
            raise self.error("has no sum: it was altered, or this is no export")
        body = line[: found.start()] + b"}"
        self._crc = zlib.crc32(body, self._crc)
        if found[1] != b"%08x" % self._crc:
            raise self.error("was altered, or a line before it is gone or in another place")
        return body

    def _check_end(self, value: dict[str, Any]) -> None:
        end = {"lines": self.number - 1, "sha256": self._sha.hexdigest()}
        if value != {"end": value["end"], **end} or not _are_counts(value["end"]):
            raise self.error("is not the end of what stands before it")
        if self._file.read(1):
            raise ArchiveError(self.number + 1, "there is something behind the last line")


def _are_counts(value: object) -> bool:
    return isinstance(value, dict) and all(type(each) is int for each in value.values())
