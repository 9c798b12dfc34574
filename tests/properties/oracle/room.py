"""room.md"""

from typing import Any

from tests.properties.oracle.verdicts import WORDS, Asks, Document, Says, Verdict, is_clean, is_text
from trichat.core import requests
from trichat.core.commands import Say

_NO_FRAME = Says({"error": WORDS}, strike=True)
DOCUMENT = Document(malformed=_NO_FRAME, other=_NO_FRAME, binary=_NO_FRAME)
REQUESTS = {"message"}
LONGEST = 10_000
STRIKES = 10  # in a row (room-10)


def judge(frame: dict[str, Any]) -> Verdict:
    """room-8, room-10; frames of conversations are none of a room's"""
    kind = frame.get("type")
    if isinstance(kind, str) and kind.startswith("chat."):
        return Says({"error": WORDS})
    text = frame.get("message")
    if is_text(text) and len(text) <= LONGEST and is_clean(text):
        return Asks(requests.ToRoom(None, Say(text, visiting=True), here=True))
    return Says({"error": WORDS})
