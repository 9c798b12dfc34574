"""What the channels dialect sends."""

from typing import Annotated, Final, Literal, NotRequired, TypedDict, get_args

import msgspec

from trichat.dialects.codec import Moment, Place, Uuid
from trichat.dialects.objects import ChannelObject, MessageObject

# Every word with which something is refused; mypy holds the dialect to them.
ErrorCode = Literal[
    "invalid_json",
    "missing_channel_id",
    "access_denied",
    "internal_error",
    "join_channel_error",
    "leave_channel_error",
    "typing_indicator_error",
    "get_online_users_error",
    "unknown_message_type",
]
Refusal = Literal[
    "Invalid JSON format",
    "Channel ID is required",
    "Access denied to channel",
    "Internal server error",
    "Failed to join channel",
    "Failed to leave channel",
    "Failed to process typing indicator",
    "Failed to get online users",
]
Details = Literal["", "User is not a member of this private channel"]
UNKNOWN_TYPE: Final = "Unknown message type: "  # and the type, as far as it is shown
TYPE_SHOWN: Final = 64  # code points of it
_Words = Annotated[
    str,
    msgspec.Meta(
        extra_json_schema={
            "anyOf": [
                {"enum": list(get_args(Refusal))},
                {
                    "pattern": rf"^{UNKNOWN_TYPE}[\s\S]*$",
                    "maxLength": len(UNKNOWN_TYPE) + TYPE_SHOWN,
                },
            ]
        }
    ),
]


class ConnectionEstablished(TypedDict):
    """The first frame: this connection has entered the user's channels."""

    type: Literal["connection_established"]
    user_id: Uuid
    username: str
    timestamp: Moment


class ChannelJoined(TypedDict):
    """From now on this connection gets what happens in the channel."""

    type: Literal["channel_joined"]
    channel_id: str
    timestamp: Moment


class ChannelLeft(TypedDict):
    """From now on this connection gets nothing of the channel."""

    type: Literal["channel_left"]
    channel_id: str
    timestamp: Moment


class Pong(TypedDict):
    """The server is there: the response to a ping."""

    type: Literal["pong"]
    timestamp: Moment


class OnlineUsers(TypedDict):
    """The ids of members who are online and of others who have entered the channel, each once."""

    type: Literal["online_users"]
    channel_id: Uuid
    users: list[Uuid]
    timestamp: Moment


class NewMessage(TypedDict):
    """A message was sent: to everyone in the channel, its sender included."""

    type: Literal["new_message"]
    data: MessageObject
    timestamp: Moment
    cursor: NotRequired[Place]


class MessageEdited(TypedDict):
    """A message has a new text."""

    type: Literal["message_edited"]
    data: MessageObject
    timestamp: Moment
    cursor: NotRequired[Place]


class Reason(TypedDict, total=False):
    """What only some of these frames have. reason: an administrator's."""

    reason: str | None
    cursor: Place


class MessageDeleted(TypedDict):
    """A message was deleted. `deleted_by` is a user name, `reason` that of an administrator."""

    type: Literal["message_deleted"]
    message_id: Uuid
    channel_id: Uuid
    deleted_by: str
    reason: NotRequired[str | None]
    timestamp: Moment
    cursor: NotRequired[Place]


class ReactionChange(TypedDict):
    """The reaction that was added or removed, and whose it is."""

    emoji: str
    user_id: Uuid
    username: str
    action: Literal["add", "remove"]


class MessageReaction(TypedDict):
    """A reaction was added or removed."""

    type: Literal["message_reaction"]
    message_id: Uuid
    data: ReactionChange
    timestamp: Moment
    cursor: NotRequired[Place]


class Mention(TypedDict):
    """The message that mentions the user. `is_edit` is true if its new text does."""

    message_id: Uuid
    channel_id: Uuid
    content: str
    from_user_id: Uuid
    from_username: str
    is_edit: NotRequired[bool]


class MentionNotification(TypedDict):
    """A message mentions the user: sent to all their connections, after the message itself."""

    type: Literal["mention_notification"]
    data: Mention
    timestamp: Moment
    cursor: NotRequired[Place]


class UserJoined(TypedDict):
    """Another user joined the channel or came into it."""

    type: Literal["user_joined"]
    user_id: Uuid
    username: str
    channel_id: Uuid
    timestamp: Moment
    cursor: NotRequired[Place]


class UserLeft(TypedDict):
    """Another user left the channel."""

    type: Literal["user_left"]
    user_id: Uuid
    username: str
    channel_id: Uuid
    timestamp: Moment
    cursor: NotRequired[Place]


class TypingIndicator(TypedDict):
    """Another user began or stopped typing."""

    type: Literal["typing_indicator"]
    user_id: Uuid
    username: str
    channel_id: Uuid
    is_typing: bool
    timestamp: Moment


class UserStatus(TypedDict):
    """A user who shares a channel came online or went offline."""

    type: Literal["user_status"]
    user_id: Uuid
    status: Literal["online", "offline"]
    timestamp: Moment


class ChannelCreated(TypedDict):
    """A channel was created."""

    type: Literal["channel_created"]
    data: ChannelObject
    timestamp: Moment


class ForceDisconnect(TypedDict):
    """The last frame before an administrator's act closes the connection."""

    type: Literal["force_disconnect"]
    reason: str
    timestamp: Moment


class Cursor(TypedDict):
    """The cursor tells where this connection stands; positions of the same name replace earlier
    ones.
    """

    type: Literal["cursor"]
    cursor: Place
    timestamp: Moment


class Gap(TypedDict):
    """More may be missing in these channels than is repeated here: their histories have it.
    `unknown` has names of positions that are of no channel which this connection follows.
    """

    type: Literal["gap"]
    channel_ids: list[Uuid]
    unknown: list[str]
    timestamp: Moment


class Failure(TypedDict):
    """The request was refused, or makes no sense."""

    type: Literal["error"]
    error_code: ErrorCode
    message: _Words
    details: Details


ALL: Final = (
    ConnectionEstablished,
    ChannelJoined,
    ChannelLeft,
    Pong,
    OnlineUsers,
    NewMessage,
    MessageEdited,
    MessageDeleted,
    MessageReaction,
    MentionNotification,
    UserJoined,
    UserLeft,
    TypingIndicator,
    UserStatus,
    ChannelCreated,
    ForceDisconnect,
    Cursor,
    Gap,
    Failure,
)
