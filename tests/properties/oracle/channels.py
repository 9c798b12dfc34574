"""channels.md"""

from collections.abc import Callable
from typing import Any

from tests.properties.oracle.verdicts import WORDS, Asks, Document, Frame, Says, Verdict
from tests.properties.rfc8259 import read
from trichat.core import requests


def error(code: str, message: str = WORDS, details: Any = None) -> Frame:
    """channels-14: details is a text, whatever it says."""
    details = _ANY_TEXT if details is None else details
    return {"type": "error", "error_code": code, "message": message, "details": details}


class _AnyText(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __hash__(self) -> int:
        return 0


_ANY_TEXT = _AnyText("(any text)")
_NO_JSON = Says(error("invalid_json", "Invalid JSON format"))
DOCUMENT = Document(malformed=_NO_JSON, other=_NO_JSON, binary=_NO_JSON)
DENIED = error(
    "access_denied", "Access denied to channel", "User is not a member of this private channel"
)
LONGEST_TYPE = 64
_UNKNOWN = "Unknown message type: "

_ERRORS = {
    "join_channel": "join_channel_error",
    "leave_channel": "leave_channel_error",
    "typing_indicator": "typing_indicator_error",
    "get_online_users": "get_online_users_error",
}
_MAKE: dict[str, Callable[[str], requests.Request]] = {
    "join_channel": requests.Enter,
    "leave_channel": requests.Exit,
    "get_online_users": requests.WhoIsOnline,
}
REQUESTS = {*_ERRORS, "ping"}


def judge(frame: dict[str, Any]) -> Verdict:
    """channels-4 to channels-9, channels-14"""
    type_, channel_id = frame.get("type"), frame.get("channel_id")
    if not isinstance(type_, str) or type_ not in REQUESTS:
        return Says(error("unknown_message_type", _unknown(type_)))
    if type_ == "ping":
        return Asks(requests.Echo())
    if channel_id is None or channel_id == "":
        return Says(error("missing_channel_id", "Channel ID is required"))
    if not isinstance(channel_id, str):
        return Says(error(_ERRORS[type_]))
    if type_ != "typing_indicator":
        return Asks(_MAKE[type_](channel_id))
    typing = frame.get("is_typing")
    if not isinstance(typing, bool):
        return Says(error(_ERRORS[type_]))
    return Asks(requests.Type(channel_id, typing))


def _unknown(type_: object) -> str:
    """T is what was sent, at most 64 code points of it, and nothing where it is missing."""
    if type_ is None:
        return _UNKNOWN
    if not isinstance(type_, str):
        return _Repeated(type_)
    return _UNKNOWN + type_[:LONGEST_TYPE]


class _Repeated(str):
    """Stands for the JSON of what is no text, however it is spelt."""

    __slots__ = ("value",)
    value: object

    def __new__(cls, value: object) -> "_Repeated":
        made = super().__new__(cls, f"{_UNKNOWN}{value!r}")
        made.value = value
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str) or not other.startswith(_UNKNOWN):
            return False
        shown = other.removeprefix(_UNKNOWN)
        return len(shown) == LONGEST_TYPE or read(shown) == self.value

    def __hash__(self) -> int:
        return 0
