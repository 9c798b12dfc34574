"""The fault: h11 takes requests whose end a proxy in front of us may see elsewhere.

A request hidden in the body of another one then reaches the server past the proxy (request
smuggling). The cure reads a request in the one way of RFC 9112 and refuses the rest: lines end with
CR LF and are not folded, a body has one length or is chunked, and what asks for a WebSocket has no
body (spelling.py). Both ways of a request begin here.
"""

import re
from typing import Any, Final

import h11
from h11._receivebuffer import ReceiveBuffer

from trichat.worker.spelling import is_usual, plain

_END: Final = b"\r\n\r\n"
_EMPTY_LINES = re.compile(rb"(?:\r\n)+")
_VERSION = re.compile(rb" HTTP/[0-9]\.[0-9]")
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,16}(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")


class Connection(h11.Connection):
    """The server's side of one connection.

    most: bytes that may wait for the end of a head. What is refused raises h11.RemoteProtocolError,
    whose error_status_hint is 400, or 505 for another version of HTTP.
    """

    def __init__(self, most: int) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size=most)
        self._receive_buffer = self._lines = _Lines()

    def _extract_next_receive_event(self) -> Any:
        self._lines.of_a_head = self.their_state is h11.IDLE
        event = super()._extract_next_receive_event()
        if type(event) is not h11.Request or is_usual(event):
            return event
        return plain(event)


class _Lines(ReceiveBuffer):
    """What was received, as lines.

    of_a_head: the next lines are a request's head, not a trailer of a body.
    """

    of_a_head = True

    def maybe_extract_lines(self) -> list[bytearray] | None:
        if self.of_a_head:
            self._skip_empty_lines()
        elif self._data.startswith(b"\r\n"):
            self._extract(2)
            return []
        end = self._data.find(_END)
        head = self._data if end < 0 else self._extract(end + len(_END))[:end]
        lines = head.split(b"\r\n")
        if head.count(b"\n") != len(lines) - 1:
            raise h11.LocalProtocolError("a line ends with a bare LF")
        if end < 0:
            return None
        if b"\n " in head or b"\n\t" in head:
            raise h11.LocalProtocolError("a line is folded")
        if self.of_a_head:
            if not lines[0].endswith(b" HTTP/1.1"):
                _check_version(lines[0])
            small = head.lower()
            if b"content-length" in small or b"transfer-encoding" in small:
                _check_length(lines)
        return lines

    def maybe_extract_next_line(self) -> bytearray | None:
        line = super().maybe_extract_next_line()
        if line is not None and not _CHUNK.fullmatch(line):
            raise h11.LocalProtocolError("a chunk has no proper size")
        return line

    def is_next_line_obviously_invalid_request_line(self) -> bool:
        return self._data != b"\r" and super().is_next_line_obviously_invalid_request_line()

    def _skip_empty_lines(self) -> None:
        """Skip the empty lines that some clients send behind a body (RFC 9112, 2.2)."""
        found = _EMPTY_LINES.match(self._data)
        if found:
            self._extract(found.end())


def _check_version(request_line: bytearray) -> None:
    version = request_line[-9:]
    if _VERSION.fullmatch(version) and not version.startswith(b" HTTP/1."):
        raise h11.LocalProtocolError("another version of HTTP", error_status_hint=505)


def _check_length(lines: list[bytearray]) -> None:
    """Check that the body has one length, which everybody reads alike."""
    fields = [line.partition(b":") for line in lines[1:]]
    lengths = [value.strip() for name, _, value in fields if name.lower() == b"content-length"]
    codings = [value.strip() for name, _, value in fields if name.lower() == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        raise h11.LocalProtocolError("more than one length")
    if not all(length.isdigit() for length in lengths):
        raise h11.LocalProtocolError("a length is a number")
    if codings and (codings[0].lower() != b"chunked" or lines[0].endswith(b" HTTP/1.0")):
        raise h11.LocalProtocolError("the one transfer coding is chunked, of HTTP/1.1")
