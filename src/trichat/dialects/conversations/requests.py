"""A client of the conversations dialect sends these requests."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import AttrsInstance, field

from trichat.core import requests
from trichat.core.commands import MarkRead, Say
from trichat.core.value import value
from trichat.dialects.codec import bound
from trichat.dialects.conversations.refusals import failure
from trichat.dialects.port import Decoded

MEMBERS_SHOWN = 200  # participants of a conversation in a list (conversations-10)


@value
class ChatMessage:
    """Say something in a conversation (conversations-4)."""

    conversation_id: int
    content: str = field(metadata=bound(minLength=1))


@value
class ChatTyping:
    """Typing to another user begins or stops (conversations-6)."""

    receiver_id: int
    is_typing: bool


@value
class ChatRead:
    """All messages up to now are read, or up to one of them (conversations-7)."""

    conversation_id: int
    up_to: int | None = field(default=None, metadata=bound(minimum=1))


@value
class ChatDelivered:
    """This client has the message (conversations-13)."""

    message_id: int


@value
class ChatSearchUser:
    """Users whose name holds the keyword (conversations-8)."""

    keyword: str


@value
class ChatStartConversation:
    """The conversation with a user, made if need be (conversations-9). user_id: its other name."""

    receiver_id: int | None = None
    user_id: int | None = None


@value
class ChatGetConversations:
    """One's own conversations (conversations-10)."""


@value
class ChatGetMessages:
    """A conversation's messages (conversations-11): the newest, or those before an id."""

    conversation_id: int
    limit: int | None = field(default=None, metadata=bound(minimum=1))
    before_id: int | None = None


def _start(data: ChatStartConversation) -> Decoded:
    user_id = data.receiver_id if data.receiver_id is not None else data.user_id
    if user_id is None:
        return failure("Invalid chat.start_conversation: receiver_id is required")
    return requests.OpenDirect(user_id)


def _get_messages(data: ChatGetMessages) -> Decoded:
    if data.limit is not None and data.limit < 1:
        return failure("Invalid chat.get_messages: limit is at least 1")
    return requests.ReadHistory(data.conversation_id, data.limit, data.before_id)


def _read_up_to(data: ChatRead) -> Decoded:
    if data.up_to is not None and data.up_to < 1:
        return failure("Invalid chat.read: up_to is at least 1")
    up_to = None if data.up_to is None else min(data.up_to, 2**53)
    return requests.ToRoom(data.conversation_id, MarkRead(up_to))


REQUESTS: Mapping[str, tuple[type[AttrsInstance], Callable[[Any], Decoded]]] = {
    "chat.message": (
        ChatMessage,
        lambda data: requests.ToRoom(data.conversation_id, Say(data.content)),
    ),
    "chat.typing": (ChatTyping, lambda data: requests.TypeTo(data.receiver_id, data.is_typing)),
    "chat.read": (ChatRead, _read_up_to),
    "chat.delivered": (ChatDelivered, lambda data: requests.Acknowledge(data.message_id)),
    "chat.search_user": (ChatSearchUser, lambda data: requests.SearchUsers(data.keyword)),
    "chat.start_conversation": (ChatStartConversation, _start),
    "chat.get_conversations": (
        ChatGetConversations,
        lambda data: requests.ListConversations(MEMBERS_SHOWN),
    ),
    "chat.get_messages": (ChatGetMessages, _get_messages),
}
