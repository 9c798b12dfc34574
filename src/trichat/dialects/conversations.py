"""The conversations dialect: `/ws/chat/`, integers, dotted types (conversations-1 to -13)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from attrs import AttrsInstance, field, frozen

from trichat.core import answers as a
from trichat.core import asks
from trichat.core import refusals as r
from trichat.core.commands import MarkRead, Say
from trichat.core.events import DeliveredTo, Event, ReadUpTo, Said, TypedTo
from trichat.core.model import Kind, Message, Overview, Progress, Room, User
from trichat.core.policy import EVERY_KIND
from trichat.core.text import check_text
from trichat.dialects.codec import NotJsonError, bound, decode, encode, millis, structure, word_at
from trichat.dialects.disconnects import codes
from trichat.dialects.frames import conversations as frames
from trichat.dialects.keys import BAD, REUSED, with_key
from trichat.dialects.port import Decoded, Dialect, Push, Reply

_UNAUTHORIZED = 4001
MEMBERS_SHOWN = 200  # participants of a conversation in a list (conversations-10)


# -- requests


@frozen
class ChatMessage:
    """Say something in a conversation (conversations-4)."""

    conversation_id: int
    content: str = field(metadata=bound(minLength=1))


@frozen
class ChatTyping:
    """Typing to another user begins or stops (conversations-6)."""

    receiver_id: int
    is_typing: bool


@frozen
class ChatRead:
    """All messages up to now are read, or up to one of them (conversations-7)."""

    conversation_id: int
    up_to: int | None = field(default=None, metadata=bound(minimum=1))


@frozen
class ChatDelivered:
    """This client has the message (conversations-13)."""

    message_id: int


@frozen
class ChatSearchUser:
    """Users whose name holds the keyword (conversations-8)."""

    keyword: str


@frozen
class ChatStartConversation:
    """The conversation with a user, made if need be (conversations-9). user_id: its other name."""

    receiver_id: int | None = None
    user_id: int | None = None


@frozen
class ChatGetConversations:
    """One's own conversations (conversations-10)."""


@frozen
class ChatGetMessages:
    """A conversation's messages (conversations-11): the newest, or those before an id."""

    conversation_id: int
    limit: int | None = field(default=None, metadata=bound(minimum=1))
    before_id: int | None = None


def _failure(text: frames.Refusal) -> Reply:
    frame: frames.Failure = {"type": "error", "message": text}
    return Reply(encode(frame), text)


def _misfit(type_: str) -> Reply:
    text = f"Invalid {type_}{frames.MISFIT}"
    frame: frames.Failure = {"type": "error", "message": text}
    return Reply(encode(frame), text)


_BAD_KEY = _failure(BAD)


def _start(data: ChatStartConversation) -> Decoded:
    user_id = data.receiver_id if data.receiver_id is not None else data.user_id
    if user_id is None:
        return _failure("Invalid chat.start_conversation: receiver_id is required")
    return asks.OpenDirect(user_id)


def _get_messages(data: ChatGetMessages) -> Decoded:
    if data.limit is not None and data.limit < 1:
        return _failure("Invalid chat.get_messages: limit is at least 1")
    return asks.ReadHistory(data.conversation_id, data.limit, data.before_id)


def _read_up_to(data: ChatRead) -> Decoded:
    if data.up_to is not None and data.up_to < 1:
        return _failure("Invalid chat.read: up_to is at least 1")
    up_to = None if data.up_to is None else min(data.up_to, 2**53)
    return asks.ToRoom(data.conversation_id, MarkRead(up_to))


REQUESTS: Mapping[str, tuple[type[AttrsInstance], Callable[[Any], Decoded]]] = {
    "chat.message": (
        ChatMessage,
        lambda data: asks.ToRoom(data.conversation_id, Say(data.content)),
    ),
    "chat.typing": (ChatTyping, lambda data: asks.TypeTo(data.receiver_id, data.is_typing)),
    "chat.read": (ChatRead, _read_up_to),
    "chat.delivered": (ChatDelivered, lambda data: asks.Acknowledge(data.message_id)),
    "chat.search_user": (ChatSearchUser, lambda data: asks.SearchUsers(data.keyword)),
    "chat.start_conversation": (ChatStartConversation, _start),
    "chat.get_conversations": (
        ChatGetConversations,
        lambda data: asks.ListConversations(MEMBERS_SHOWN),
    ),
    "chat.get_messages": (ChatGetMessages, _get_messages),
}

# One and the same for a room that is not there and one that the asker may not see.
_ERRORS: Mapping[type[r.Refusal], frames.Refusal] = {
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


class Conversations(Dialect):
    """text: the longest message in code points. every: whether all rooms that a user is a member
    of are conversations; by default those of two are, as clients of this API take it. keyed:
    whether sends may bear a key.
    """

    name = "conversations"
    codes = codes(credential=_UNAUTHORIZED)

    def __init__(self, text: int, *, every: bool = False, keyed: bool = False) -> None:
        self._text = text
        self._keyed = keyed
        self.kinds = EVERY_KIND if every else frozenset({Kind.DIRECT})

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return _failure("Invalid JSON")
        if not isinstance(frame, dict):
            return _failure("A message is a JSON object")
        type_ = frame.get("type")
        request = REQUESTS.get(type_) if isinstance(type_, str) else None
        if request is None or not isinstance(type_, str):
            return _failure("Unknown message type")
        shape, make = request
        said = structure(frame, shape)
        if said is None:
            return _misfit(type_)
        if isinstance(said, ChatMessage):
            invalid = check_text(said.content, self._text)
            if invalid:
                return _failure(_CONTENT[invalid.why])
        decoded = make(said)
        return with_key(decoded, frame, _BAD_KEY) if self._keyed else decoded

    def decode_binary(self, data: bytes) -> Decoded:
        return _failure("Text frames only")

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match ask, answer:
            case _, a.Found(users=users):
                found: frames.SearchResults = {
                    "type": "chat.search_results",
                    "results": [_person(user) for user in users],
                }
                return (encode(found),)
            case _, a.Direct(room=room, members=members):
                started: frames.ConversationStarted = {
                    "type": "chat.conversation_started",
                    "conversation": {
                        "id": room.id,
                        "uuid": room.uuid,
                        "kind": room.kind.value,
                        "name": None,
                        "participants": [_person(user) for user in members],
                    },
                }
                return (encode(started),)
            case _, a.Conversations(overviews=overviews):
                listed: frames.Conversations = {
                    "type": "chat.conversations",
                    "conversations": [_overview(overview, me) for overview in overviews],
                }
                return (encode(listed),)
            case _, a.History(messages=messages):
                history: frames.Messages = {
                    "type": "chat.messages",
                    "messages": [_message_object(message, me) for message in messages],
                }
                return (encode(history),)
            case asks.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
                sent: frames.MessageSent = {
                    "type": "chat.message_sent",
                    "client_key": key,
                    "message_id": said.message.id,
                    "timestamp": millis(said.at),
                }
                return (encode(sent),)
            case _, a.Place(cursor=cursor):
                place: frames.Cursor = {"type": "chat.cursor", "cursor": cursor}
                return (encode(place),)
            case _, a.Gap(rooms=rooms, unknown=unknown):
                gap: frames.Gap = {
                    "type": "chat.gap",
                    "conversation_ids": [room.id for room in rooms],
                    "unknown": list(unknown),
                }
                return (encode(gap),)
            case _, r.Refusal():
                return (self.refuse(ask, answer, at).payload,)
        return ()

    def refuse(self, ask: asks.Ask | None, refusal: r.Refusal, at: int) -> Reply:
        match refusal:
            case r.Invalid(why=why):
                return _failure(_CONTENT.get(why, "Invalid request"))
        return _failure(_ERRORS.get(type(refusal), "The request was refused"))

    def error(self, payload: bytes) -> str | None:
        return word_at(payload, "message")

    def push(self, event: Event) -> Sequence[Push]:
        match event:
            case Said(message=message):
                frame: frames.Message = {
                    "type": "chat.message",
                    "message": _message_object(message),
                }
                return (Push(encode(frame)),)
            case TypedTo(user=user, receiver_id=receiver_id, on=on):
                return (_typing(user, receiver_id, on),)
            case ReadUpTo(room=room, user=user, newly=newly):
                return (_read(room, user), *_seen(newly))
            case DeliveredTo(message=message, newly=True):
                return (_status(message.id, message.author.id, "delivered"),)
        return ()


_PROGRESS: Mapping[Progress, Literal["sent", "delivered", "seen"]] = {
    Progress.SENT: "sent",
    Progress.DELIVERED: "delivered",
    Progress.SEEN: "seen",
}
_CONTENT: Mapping[str, frames.Refusal] = {
    "blank": "The message is empty",
    "long": "The message is too long",
    "unclean": "The message holds characters that cannot be stored",
}


def _typing(user: User, receiver_id: int, on: bool) -> Push:
    frame: frames.Typing = {"type": "chat.typing", "sender_id": user.id, "is_typing": on}
    return Push(encode(frame), only=frozenset({receiver_id}), passing=True)


def _read(room: Room, user: User) -> Push:
    frame: frames.Read = {
        "type": "chat.read",
        "conversation_id": room.id,
        "reader_id": user.id,
    }
    return Push(encode(frame), without=user.id)


def _seen(newly: Sequence[tuple[int, int]]) -> list[Push]:
    return [_status(message_id, author_id, "seen") for message_id, author_id in newly]


def _status(message_id: int, author_id: int, status: Literal["delivered", "seen"]) -> Push:
    frame: frames.MessageStatus = {
        "type": "chat.message_status",
        "message_id": message_id,
        "status": status,
    }
    return Push(encode(frame), only=frozenset({author_id}), anywhere=True)


def _person(user: User) -> frames.Person:
    return {"id": user.id, "username": user.username}


def _message_object(message: Message, reader: User | None = None) -> frames.MessageObject:
    """reader: whom it is shown to; they are told how far their own messages have come."""
    own = reader is not None and message.author.id == reader.id
    status: frames.Status = {"status": _PROGRESS[message.progress]} if own else {}
    return {
        **status,
        "id": message.id,
        "conversation_id": message.room.id,
        "sender": _person(message.author),
        "content": message.text,
        "timestamp": millis(message.created_at),
        "is_system": message.system,
        "attachment": None,
    }


def _overview(overview: Overview, me: User) -> frames.Conversation:
    room = overview.room
    return {
        "id": room.id,
        "uuid": room.uuid,
        "kind": room.kind.value,
        "name": None if room.kind is Kind.DIRECT else room.title,
        "participants": [
            {"user__id": user.id, "user__username": user.username} for user in overview.members
        ],
        "last_message": _message_object(overview.last, me) if overview.last else None,
        "has_unread": overview.has_unread,
    }
