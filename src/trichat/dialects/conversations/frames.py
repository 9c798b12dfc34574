"""What the conversations dialect sends."""

from typing import Annotated, Final, Literal, NotRequired, TypedDict, get_args

import msgspec

from trichat.dialects.codec import Moment, Place, Uuid
from trichat.dialects.keys import KeyRefusal

# Every word with which something is refused; mypy holds the dialect to them.
Refusal = Literal[
    "Invalid JSON",
    "A message is a JSON object",
    "Text frames only",
    "Unknown message type",
    "Invalid chat.start_conversation: receiver_id is required",
    "Invalid chat.get_messages: limit is at least 1",
    "Invalid chat.read: up_to is at least 1",
    "The message is empty",
    "The message is too long",
    "The message holds characters that cannot be stored",
    "Conversation not found",
    "User not found",
    "Message not found",
    "That cannot be done with yourself",
    "Too many messages, try again later",
    "The request could not be carried out",
    "The request was refused",
    "Invalid request",
    KeyRefusal,
]
MISFIT: Final = ": a field is missing or of the wrong type"  # behind the type of a request
_Words = Annotated[
    str,
    msgspec.Meta(
        extra_json_schema={
            "anyOf": [
                {"enum": list(get_args(Refusal))},
                {"pattern": rf"^Invalid chat\.[a-z_]+{MISFIT}$"},
            ]
        }
    ),
]


class Person(TypedDict):
    """A user."""

    id: int
    username: str


class Status(TypedDict):
    """How far one's own message has come."""

    status: NotRequired[Literal["sent", "delivered", "seen"]]


class MessageObject(Status):
    """A message. `attachment` is the URL of one. `status` stands on the user's own messages, where
    these are read again.
    """

    id: int
    conversation_id: int
    sender: Person
    content: str
    timestamp: Moment
    is_system: bool
    attachment: str | None


class Message(TypedDict):
    """A message was sent: to every connection of every participant."""

    type: Literal["chat.message"]
    message: MessageObject
    cursor: NotRequired[Place]


class Typing(TypedDict):
    """Another user began or stopped typing."""

    type: Literal["chat.typing"]
    sender_id: int
    is_typing: bool


class Read(TypedDict):
    """Another participant has read all messages up to now."""

    type: Literal["chat.read"]
    conversation_id: int
    reader_id: int


class MessageStatus(TypedDict):
    """What became of one of the user's own messages."""

    type: Literal["chat.message_status"]
    message_id: int
    status: Literal["delivered", "seen"]


class SearchResults(TypedDict):
    """The users whose name contains the keyword."""

    type: Literal["chat.search_results"]
    results: list[Person]


class Started(TypedDict):
    """A conversation. `uuid` is the name of its room in the chats API; `name` is null for one of
    two users.
    """

    id: int
    uuid: Uuid
    kind: Literal["direct", "public", "private"]
    name: str | None
    participants: list[Person]


class ConversationStarted(TypedDict):
    """The conversation with the user, whether it is new or not."""

    type: Literal["chat.conversation_started"]
    conversation: Started


class Participant(TypedDict):
    """A user, in the keys of this list alone."""

    user__id: int
    user__username: str


class Conversation(TypedDict):
    """A conversation in a list of them. `uuid`, `kind` and `name` are as in one that is started."""

    id: int
    uuid: Uuid
    kind: Literal["direct", "public", "private"]
    name: str | None
    participants: list[Participant]
    last_message: MessageObject | None
    has_unread: bool


class Conversations(TypedDict):
    """The user's conversations are listed, those with the newest activity first."""

    type: Literal["chat.conversations"]
    conversations: list[Conversation]


class Messages(TypedDict):
    """Messages of a conversation are listed, oldest first."""

    type: Literal["chat.messages"]
    messages: list[MessageObject]


class MessageSent(TypedDict):
    """A send with a key is stored; id and time are those of the first one with this key."""

    type: Literal["chat.message_sent"]
    client_key: str
    message_id: int
    timestamp: Moment


class Cursor(TypedDict):
    """The cursor tells where this connection stands; positions of the same name replace earlier
    ones.
    """

    type: Literal["chat.cursor"]
    cursor: Place


class Gap(TypedDict):
    """More may be missing in these conversations than is repeated here: their histories have it.
    `unknown` has names of positions that are of no conversation which this connection follows.
    """

    type: Literal["chat.gap"]
    conversation_ids: list[int]
    unknown: list[str]


class Failure(TypedDict):
    """The request was refused, or makes no sense."""

    type: Literal["error"]
    message: _Words


ALL: Final = (
    Message,
    Typing,
    Read,
    MessageStatus,
    SearchResults,
    ConversationStarted,
    Conversations,
    Messages,
    MessageSent,
    Cursor,
    Gap,
    Failure,
)
