"""What the chats dialect sends."""

from typing import Any, Final, Literal, NotRequired, TypedDict

from trichat.dialects.codec import Moment, Place, Uuid
from trichat.dialects.keys import KeyRefusal

# Every word with which something is refused; mypy holds the dialect to them.
NoAccess = Literal["no access"]
SendRefusal = Literal[
    NoAccess, "Missing chat_id", "Message cannot be empty", "Couldn't send message", KeyRefusal
]
RequestRefusal = Literal["Unknown action", "Missing chat_id"]


class Result(TypedDict):
    """One chat of a subscription. `chat_id` is repeated as it was sent."""

    chat_id: Any
    status: Literal["success", "error"]
    error: NotRequired[NoAccess]


class Subscribed(TypedDict):
    """There is a result for each id, in the order of the request."""

    action: Literal["subscribe_response"]
    results: list[Result]


class Sent(TypedDict):
    """The message is stored and is being sent to others."""

    action: Literal["message_response"]
    status: Literal["success"]


class SentWithKey(TypedDict):
    """The message with this key is stored; id and time are those of the first one with it."""

    action: Literal["message_response"]
    status: Literal["success"]
    client_key: str
    id: Uuid
    timestamp: Moment


class Cursor(TypedDict):
    """The cursor tells where this connection stands; positions of the same name replace earlier
    ones.
    """

    action: Literal["cursor"]
    cursor: Place


class Gap(TypedDict):
    """More may be missing in these chats than is repeated here: their histories have it."""

    action: Literal["gap"]
    chat_ids: list[Uuid]


class NotSent(TypedDict):
    """The message was refused: nothing is stored."""

    action: Literal["message_response"]
    status: Literal["error"]
    error: SendRefusal


class Failure(TypedDict):
    """The request makes no sense."""

    error: RequestRefusal
    status: Literal["error"]


Pushed = TypedDict(
    "Pushed", {"from": str, "message": str, "chat_id": Uuid, "cursor": NotRequired[Place]}
)
Pushed.__doc__ = "A message, to every socket that is subscribed to its chat."

ALL: Final = (Subscribed, Sent, SentWithKey, Cursor, Gap, NotSent, Failure, Pushed)
