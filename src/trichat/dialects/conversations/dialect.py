"""The conversations dialect: `/ws/chat/`, integers, dotted types (conversations-1 to -13)."""

from collections.abc import Sequence
from typing import Literal

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.events import DeliveredTo, Event, ReadUpTo, Said, TypedTo
from trichat.core.model import Kind, Room, User
from trichat.core.policy import EVERY_KIND
from trichat.core.text import check_text
from trichat.dialects.codec import NotJsonError, decode, encode, millis, structure
from trichat.dialects.conversations import frames
from trichat.dialects.conversations.objects import message_object, overview_object, person
from trichat.dialects.conversations.refusals import BAD_KEY, CONTENT, ERRORS, failure, misfit
from trichat.dialects.conversations.requests import REQUESTS, ChatMessage
from trichat.dialects.disconnects import codes
from trichat.dialects.keys import with_key
from trichat.dialects.port import Decoded, Dialect, Push, Reply

_UNAUTHORIZED = 4001


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
            return failure("Invalid JSON")
        if not isinstance(frame, dict):
            return failure("A message is a JSON object")
        type_ = frame.get("type")
        request = REQUESTS.get(type_) if isinstance(type_, str) else None
        if request is None or not isinstance(type_, str):
            return failure("Unknown message type")
        shape, make = request
        said = structure(frame, shape)
        if said is None:
            return misfit(type_)
        if isinstance(said, ChatMessage):
            invalid = check_text(said.content, self._text)
            if invalid:
                return failure(CONTENT[invalid.why])
        decoded = make(said)
        return with_key(decoded, frame, BAD_KEY) if self._keyed else decoded

    def decode_binary(self, data: bytes) -> Decoded:
        return failure("Text frames only")

    def answer(
        self, request: requests.Request, answer: a.Answer, me: User, at: int
    ) -> Sequence[bytes]:
        match request, answer:
            case _, a.Found(users=users):
                found: frames.SearchResults = {
                    "type": "chat.search_results",
                    "results": [person(user) for user in users],
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
                        "participants": [person(user) for user in members],
                    },
                }
                return (encode(started),)
            case _, a.Conversations(overviews=overviews):
                listed: frames.Conversations = {
                    "type": "chat.conversations",
                    "conversations": [overview_object(overview, me) for overview in overviews],
                }
                return (encode(listed),)
            case _, a.History(messages=messages):
                history: frames.Messages = {
                    "type": "chat.messages",
                    "messages": [message_object(message, me) for message in messages],
                }
                return (encode(history),)
            case requests.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
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
        return ()

    def refuse(self, request: requests.Request | None, refusal: r.Refusal, at: int) -> Reply:
        match refusal:
            case r.Invalid(why=why):
                return failure(CONTENT.get(why, "Invalid request"))
        return failure(ERRORS.get(type(refusal), "The request was refused"))

    def push(self, event: Event) -> Sequence[Push]:
        match event:
            case Said(message=message):
                frame: frames.Message = {
                    "type": "chat.message",
                    "message": message_object(message),
                }
                return (Push(encode(frame)),)
            case TypedTo(user=user, receiver_id=receiver_id, on=on):
                return (_typing(user, receiver_id, on),)
            case ReadUpTo(room=room, user=user, newly=newly):
                return (_read(room, user), *_seen(newly))
            case DeliveredTo(message=message, newly=True):
                return (_status(message.id, message.author.id, "delivered"),)
        return ()


def _typing(user: User, receiver_id: int, on: bool) -> Push:
    frame: frames.Typing = {"type": "chat.typing", "sender_id": user.id, "is_typing": on}
    return Push(encode(frame), only=frozenset({receiver_id}), ephemeral=True)


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
