"""The verdict on any frame of any dialect."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from tests.properties.oracle import channels, chats, conversations, lobby, room
from tests.properties.oracle.verdicts import Closes, Document, Verdict
from tests.properties.rfc8259 import MalformedError, read


@frozen
class _Judge:
    document: Document
    requests: frozenset[str]
    judge: Callable[[dict[str, Any]], Verdict]


_JUDGES: Final[Mapping[str, _Judge]] = {
    name: _Judge(module.DOCUMENT, frozenset(module.REQUESTS), module.judge)
    for name, module in (
        ("chats", chats),
        ("room", room),
        ("lobby", lobby),
        ("channels", channels),
        ("conversations", conversations),
    )
}
BAD_UTF8 = Closes(1007)  # RFC 6455, in every dialect


def judged(dialect: str) -> frozenset[str]:
    """The requests that the oracle knows."""
    return _JUDGES[dialect].requests


def judge(dialect: str, text: str) -> Verdict:
    """What the document says of a text message."""
    of = _JUDGES[dialect]
    try:
        value = read(text)
    except MalformedError:
        return of.document.malformed
    return of.judge(value) if isinstance(value, dict) else of.document.other


def judge_binary(dialect: str) -> Verdict:
    """And of any binary one."""
    return _JUDGES[dialect].document.binary
