"""chats.md"""

from typing import Any

from tests.properties.oracle.verdicts import (
    Asks,
    Closes,
    Document,
    Frame,
    Says,
    Verdict,
    is_clean,
    is_text,
)
from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.refusals import Invalid

DOCUMENT = Document(malformed=Closes(1007), other=Closes(1007), binary=Closes(1003))
REQUESTS = {"subscribe", "message"}
LONGEST = 10_000


def error(text: str) -> Frame:
    """chats-6, chats-10"""
    return {"error": text, "status": "error"}


def not_sent(text: str) -> Frame:
    """chats-9"""
    return {"action": "message_response", **error(text)}


def judge(frame: dict[str, Any]) -> Verdict:
    """chats-4 to chats-10"""
    match frame.get("action"):
        case "subscribe":
            return _subscribe(frame.get("chat_ids"))
        case "message":
            return _message(frame.get("chat_id"), frame.get("text"))
    return Says(error("Unknown action"))


def _subscribe(ids: object) -> Verdict:
    if isinstance(ids, list):
        return Asks(requests.Subscribe(tuple(ids)))
    return Says(error("Missing chat_id"))


def _message(chat_id: object, text: object) -> Verdict:
    if chat_id is None or chat_id == "":
        return Says(not_sent("Missing chat_id"))
    if not is_text(text):
        return Says(not_sent("Message cannot be empty"))
    if not isinstance(chat_id, str):
        return Says(not_sent("no access"))
    flaw = None  # told after access: by the room, not by the codec
    if len(text) > LONGEST:
        flaw = Invalid("text", "long")
    elif not is_clean(text):
        flaw = Invalid("text", "unclean")
    return Asks(requests.ToRoom(chat_id, Say(text, flaw=flaw)))
