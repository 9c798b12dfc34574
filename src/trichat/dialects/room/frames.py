"""What the room dialect sends."""

from typing import Final, Literal, NotRequired, TypedDict

from trichat.dialects.codec import Moment, Place, Uuid
from trichat.dialects.keys import KeyRefusal

# Every word with which something is refused; mypy holds the dialect to them.
Refusal = Literal[
    "Invalid JSON",
    "A message is a JSON object",
    "Text frames only",
    "This address is a room's: frames of conversations go to /ws/chat/",
    "The message is empty",
    "The message is too long",
    "The message holds characters that cannot be stored",
    "room is full",
    "Too many messages, try again later",
    "The message could not be sent",
    "You may not send to this room",
    KeyRefusal,
]


class Person(TypedDict):
    """A user who is in the room."""

    id: Uuid
    username: str


class RoomUsersList(TypedDict):
    """The first frame lists everyone who is in the room, the user it is sent to included."""

    type: Literal["room_users_list"]
    users: list[Person]


class ChatMessage(TypedDict):
    """A message of the room's history, or a new one."""

    type: Literal["chat_message"]
    message: str
    sender_username: str
    sender_id: Uuid
    timestamp: Moment
    cursor: NotRequired[Place]


class UserJoin(TypedDict):
    """A user came in, with their first connection."""

    type: Literal["user_join"]
    user_id: Uuid
    username: str


class UserLeave(TypedDict):
    """A user has left, with their last connection."""

    type: Literal["user_leave"]
    user_id: Uuid
    username: str


class MessageSent(TypedDict):
    """A send with a key is stored; id and time are those of the first one with this key."""

    type: Literal["message_sent"]
    client_key: str
    id: Uuid
    timestamp: Moment


class Cursor(TypedDict):
    """The cursor tells where this connection stands; positions of the same name replace earlier
    ones.
    """

    type: Literal["cursor"]
    cursor: Place


class Gap(TypedDict):
    """More may be missing than is repeated here: the history follows."""

    type: Literal["gap"]


class Failure(TypedDict):
    """The request was refused, or makes no sense."""

    error: Refusal


ALL: Final = (RoomUsersList, ChatMessage, UserJoin, UserLeave, MessageSent, Cursor, Gap, Failure)
