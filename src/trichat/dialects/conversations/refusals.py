"""The conversations dialect answers in these words to what is not done."""

from collections.abc import Mapping

from trichat.core import refusals as r
from trichat.dialects.codec import encode
from trichat.dialects.conversations import frames
from trichat.dialects.keys import BAD, REUSED
from trichat.dialects.port import Reply


def failure(text: frames.Refusal) -> Reply:
    """Write the answer to what cannot be done."""
    frame: frames.Failure = {"type": "error", "message": text}
    return Reply(encode(frame), text)


def misfit(type_: str) -> Reply:
    """Write the answer to a request of this type whose fields are not as it needs them."""
    text = f"Invalid {type_}{frames.MISFIT}"
    frame: frames.Failure = {"type": "error", "message": text}
    return Reply(encode(frame), text)


BAD_KEY = failure(BAD)

# One and the same for a room that is not there and one that the asker may not see.
ERRORS: Mapping[type[r.Refusal], frames.Refusal] = {
    r.NoSuchRoom: "Conversation not found",
    r.NotAdmitted: "Conversation not found",
    r.NotMember: "Conversation not found",
    r.NoSuchUser: "User not found",
    r.Yourself: "That cannot be done with yourself",
    r.NoSuchMessage: "Message not found",
    r.RateLimited: "Too many messages, try again later",
    r.Failed: "The request could not be carried out",
    r.KeyReused: REUSED,
}
CONTENT: Mapping[str, frames.Refusal] = {
    "blank": "The message is empty",
    "long": "The message is too long",
    "unclean": "The message holds characters that cannot be stored",
}
