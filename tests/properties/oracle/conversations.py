"""conversations.md"""

from typing import Any

from tests.properties.oracle.verdicts import (
    WORDS,
    Asks,
    Document,
    Says,
    Verdict,
    is_clean,
    is_text,
    is_whole,
)
from trichat.core import requests
from trichat.core.commands import MarkRead, Say

ERROR = Says({"type": "error", "message": WORDS})  # conversations-3: no words are given
DOCUMENT = Document(malformed=ERROR, other=ERROR, binary=ERROR)
LONGEST = 10_000
PARTICIPANTS = 200


def judge(frame: dict[str, Any]) -> Verdict:
    """conversations-3 to conversations-13"""
    type_ = frame.get("type")
    make = _MAKE.get(type_) if isinstance(type_, str) else None
    request = make(frame) if make else None
    return Asks(request) if request else ERROR


def _message(frame: dict[str, Any]) -> requests.Request | None:
    number, content = frame.get("conversation_id"), frame.get("content")
    if not is_whole(number) or not is_text(content):
        return None
    if len(content) > LONGEST or not is_clean(content):
        return None
    return requests.ToRoom(number, Say(content))


def _typing(frame: dict[str, Any]) -> requests.Request | None:
    receiver, typing = frame.get("receiver_id"), frame.get("is_typing")
    if isinstance(typing, bool) and is_whole(receiver):
        return requests.TypeTo(receiver, typing)
    return None


def _read(frame: dict[str, Any]) -> requests.Request | None:
    number, up_to = frame.get("conversation_id"), frame.get("up_to")
    if not is_whole(number) or not (up_to is None or (is_whole(up_to) and up_to >= 1)):
        return None
    return requests.ToRoom(number, MarkRead(up_to and min(up_to, 2**53)))


def _delivered(frame: dict[str, Any]) -> requests.Request | None:
    number = frame.get("message_id")
    return requests.Acknowledge(number) if is_whole(number) else None


def _search(frame: dict[str, Any]) -> requests.Request | None:
    keyword = frame.get("keyword")
    return requests.SearchUsers(keyword) if isinstance(keyword, str) else None


def _start(frame: dict[str, Any]) -> requests.Request | None:
    """By either name; receiver_id, the documented one, goes first."""
    receiver, user = frame.get("receiver_id"), frame.get("user_id")
    if not all(value is None or is_whole(value) for value in (receiver, user)):
        return None
    number = user if receiver is None else receiver
    return None if number is None else requests.OpenDirect(number)


def _conversations(frame: dict[str, Any]) -> requests.Request | None:
    return requests.ListConversations(PARTICIPANTS)


def _messages(frame: dict[str, Any]) -> requests.Request | None:
    number, limit, before = (frame.get(key) for key in ("conversation_id", "limit", "before_id"))
    if not is_whole(number) or not (limit is None or (is_whole(limit) and limit >= 1)):
        return None
    if not (before is None or is_whole(before)):
        return None
    return requests.ReadHistory(number, limit, before)


_MAKE = {
    "chat.message": _message,
    "chat.typing": _typing,
    "chat.read": _read,
    "chat.delivered": _delivered,
    "chat.search_user": _search,
    "chat.start_conversation": _start,
    "chat.get_conversations": _conversations,
    "chat.get_messages": _messages,
}
REQUESTS = set(_MAKE)
