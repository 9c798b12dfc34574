"""The chats dialect answers in these words to what is not done."""

from typing import Any, Final

from trichat.core.text import is_blank
from trichat.dialects.chats import frames
from trichat.dialects.codec import encode
from trichat.dialects.keys import BAD
from trichat.dialects.port import Reply

NO_ACCESS: Final = "no access"
NOT_SENT: Final = "Couldn't send message"
MISSING_ID: Final = "Missing chat_id"


def error(text: frames.RequestRefusal) -> Reply:
    """Write the answer to what is no request."""
    frame: frames.Failure = {"error": text, "status": "error"}
    return Reply(encode(frame), text)


def not_sent(text: frames.SendRefusal) -> Reply:
    """Write the answer to a message that is not sent."""
    frame: frames.NotSent = {"action": "message_response", "status": "error", "error": text}
    return Reply(encode(frame), text)


BAD_KEY = not_sent(BAD)


def why_not_sent(frame: dict[str, Any]) -> frames.SendRefusal:
    """Say what is wrong with a send, looked at in the order of chats-9."""
    chat_id, text = frame.get("chat_id"), frame.get("text")
    if chat_id is None or chat_id == "":
        return MISSING_ID
    if not isinstance(text, str) or is_blank(text):
        return "Message cannot be empty"
    return NO_ACCESS
