"""The fault: Hypercorn understands only the usual spelling of a request.

It reads the last line alone of a list that comes in several, takes the address of a target in
absolute form for a path, and cannot say what is wrong with a handshake. The cure rewrites what
differs from the usual only in its spelling. A WebSocket handshake of another version than 13,
without a key, or over HTTP/1.0 is passed over, for the app to answer.
"""

import re
from typing import Final

import h11

_ABSOLUTE = re.compile(rb"https?://([\w.~!$&'()*+,;=:%\[\]-]+)(/[^#]*|\?[^#]*)?", re.I)

# Lists that may come in several lines; Hypercorn reads the last one alone.
_LISTS: Final = (b"connection", b"upgrade", b"sec-websocket-protocol")

# What says more of an upgrade than that it is asked for.
_BODY: Final = frozenset({b"content-length", b"transfer-encoding"})

# What Hypercorn decodes of a handshake; an error there would end the connection without an answer.
_DECODED: Final = (b"connection", b"sec-websocket-protocol", b"sec-websocket-extensions")


def is_usual(request: h11.Request) -> bool:
    """Return whether Hypercorn understands the request as it is. Nearly all are such."""
    if request.target[:1] != b"/":
        return False
    items = request.headers.raw_items()
    fields = {name.lower(): value for name, value in items}
    if b"upgrade" not in fields:
        return True
    return (
        len(fields) == len(items)
        and fields[b"upgrade"].lower() == b"websocket"
        and fields.get(b"sec-websocket-version") == b"13"
        and b"sec-websocket-key" in fields
        and b"connection" in fields
        and request.http_version == b"1.1"
        and _BODY.isdisjoint(fields)
        and all(fields[name].isascii() for name in _DECODED if name in fields)
    )


def plain(request: h11.Request) -> h11.Request:
    """Return the request as Hypercorn understands it.

    Raises h11.LocalProtocolError for a target that is none, and for an upgrade that has a body or a
    list in other letters than ASCII.
    """
    fields = request.headers.raw_items()
    names = {name.lower() for name, _ in fields}
    target, changed = request.target, dict[bytes, bytes]()
    if not target.startswith(b"/"):
        target, changed = _origin_form(request)
    if b"upgrade" in names:
        changed |= {name: b", ".join(_values(request, name)) for name in _LISTS if name in names}
        if b"websocket" not in _members(changed[b"upgrade"]):
            pass
        elif _is_whole(request):
            changed[b"upgrade"] = b"websocket"
            _check_upgrade(request, changed.get(b"connection", b""))
        else:  # passed over: the app says what is spoken (web/plainhttp.py)
            del changed[b"upgrade"]
            fields = [(name, value) for name, value in fields if name.lower() != b"upgrade"]
    kept = [(name, value) for name, value in fields if name.lower() not in changed]
    return h11.Request(
        method=request.method,
        target=target,
        headers=[*kept, *changed.items()],
        http_version=request.http_version,
    )


def _is_whole(request: h11.Request) -> bool:
    """Return whether the handshake is one of RFC 6455."""
    versions = _values(request, b"sec-websocket-version")
    keys = _values(request, b"sec-websocket-key")
    return versions == [b"13"] and len(keys) == 1 and request.http_version == b"1.1"


def _origin_form(request: h11.Request) -> tuple[bytes, dict[bytes, bytes]]:
    """Return the target without its origin, and the Host that it takes the place of."""
    if request.target == b"*" and request.method == b"OPTIONS":
        return request.target, {}
    found = _ABSOLUTE.fullmatch(request.target)
    if not found:
        raise h11.LocalProtocolError("the target is no path")
    authority, path = found[1], found[2] or b"/"
    return path if path.startswith(b"/") else b"/" + path, {b"host": authority}


def _check_upgrade(request: h11.Request, connection: bytes) -> None:
    """Refuse a body: Hypercorn takes what comes behind the head for frames, a proxy might not."""
    if request.method.upper() != b"GET" or b"upgrade" not in _members(connection):
        return
    lengths = _values(request, b"content-length")
    if _values(request, b"transfer-encoding") or any(int(length) for length in lengths):
        raise h11.LocalProtocolError("an upgrade has no body")
    if not all(value.isascii() for name in _DECODED for value in _values(request, name)):
        raise h11.LocalProtocolError("a list of tokens is ASCII")


def _values(request: h11.Request, field: bytes) -> list[bytes]:
    return [value for name, value in request.headers if name == field]


def _members(value: bytes) -> list[bytes]:
    """Return the members of a list, in small letters."""
    return [each.strip().lower() for each in value.split(b",")]
