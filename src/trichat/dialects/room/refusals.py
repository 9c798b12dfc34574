"""The room dialect answers in these words to what is not done."""

from collections.abc import Mapping

from trichat.dialects.codec import encode
from trichat.dialects.keys import BAD
from trichat.dialects.port import Reply
from trichat.dialects.room import frames

INVALID: Mapping[str, frames.Refusal] = {
    "blank": "The message is empty",
    "long": "The message is too long",
    "unclean": "The message holds characters that cannot be stored",
}


def failure(text: frames.Refusal, *, strike: bool = False) -> Reply:
    """Write the answer to what cannot be done."""
    frame: frames.Failure = {"error": text}
    return Reply(encode(frame), text, strike)


BAD_KEY = failure(BAD)
