"""What is fuzzed. Each takes any bytes and raises where we say what we should not."""

import json
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import attrs

from tests.properties.test_decoders import CODECS, agrees
from trichat.web.rest import RESOURCES
from trichat.web.rest.bodies import body_of
from trichat.web.rest.errors import RequestError
from trichat.wire.assembly import Assembly
from trichat.wire.inbound import Inbound
from trichat.wire.link import Broken, Closed, Received

LIMIT = 300  # bytes of a message
_CODES = frozenset({1002, 1007, 1009})

_DIALECTS = tuple(sorted(CODECS))


def _shapes(module: ModuleType) -> list[type[attrs.AttrsInstance]]:
    """The bodies that a resource reads."""
    found = [each for each in vars(module).values() if isinstance(each, type) and attrs.has(each)]
    return [each for each in found if each.__module__ == module.__name__]


_BODIES = tuple(shape for module in RESOURCES for shape in _shapes(module))


def frames(data: bytes) -> None:
    """The parser, cut anywhere, against wsproto's, uncut. The first byte says where it is cut and
    whether permessage-deflate was agreed on.
    """
    if not data:
        return
    step, deflate, wire = 1 + (data[0] >> 1), bool(data[0] & 1), data[1:]
    inbound = Inbound(LIMIT, deflate=deflate)
    got: list[Received] = []
    for at in range(0, len(wire), step):
        got += inbound.feed(wire[at : at + step])
    oracle = Assembly(LIMIT, deflate=deflate)
    expected = oracle.feed(wire)
    assert got == expected, (got, expected)
    for message in got[:-1]:
        assert not isinstance(message, Closed | Broken), "something came after the end"
    for message in got:
        assert not isinstance(message, Broken) or message.code in _CODES, message
        assert len(getattr(message, "data", "")) <= LIMIT, "longer than a message may be"


def decoders(data: bytes) -> None:
    """The dialect that the first byte names, against what its document says."""
    if not data:
        return
    dialect = _DIALECTS[data[0] % len(_DIALECTS)]
    try:
        text = data[1:].decode()
    except UnicodeDecodeError:
        CODECS[dialect].decode_binary(data[1:])
        return
    agrees(dialect, text)


def bodies(data: bytes) -> None:
    """The body of the request that the first byte names: an object, or a refusal in the document's
    words, which JSON can hold.
    """
    if not data:
        return
    shape = _BODIES[data[0] % len(_BODIES)]
    try:
        body = body_of(data[1:], shape)
    except RequestError as refused:
        assert 400 <= refused.status < 500, refused  # noqa: PT017 - not a test
        json.dumps(refused.detail)
    else:
        assert isinstance(body, shape)


TARGETS: Mapping[str, Callable[[bytes], Any]] = {
    "frames": frames,
    "decoders": decoders,
    "bodies": bodies,
}
