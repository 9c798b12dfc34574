"""The chats dialect: `/chats/ws`, actions, UUIDs (chats-1 to chats-16)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import AttrsInstance, field, frozen

from trichat.core import answers as a
from trichat.core import asks
from trichat.core.commands import Say
from trichat.core.events import Event, Said
from trichat.core.model import Kind, Room, User
from trichat.core.policy import EVERY_KIND
from trichat.core.refusals import NoSuchRoom, NotAdmitted, NotMember, Refusal
from trichat.core.text import check_text, is_blank
from trichat.dialects.codec import NotJsonError, bound, decode, encode, structure, word_at
from trichat.dialects.disconnects import OF_FORMS, Farewell, codes
from trichat.dialects.frames import chats as frames
from trichat.dialects.port import Decoded, Hangup, Push, Reply

# -- requests


@frozen
class Subscribe:
    """Follow these chats, with this socket, until it closes."""

    chat_ids: list[Any]


@frozen
class SendMessage:
    """Say something in a chat one has access to; subscribing first is not required."""

    chat_id: str = field(metadata=bound(minLength=1))
    text: str = field(metadata=bound(minLength=1))


REQUESTS: Mapping[str, type[AttrsInstance]] = {"subscribe": Subscribe, "message": SendMessage}

_NO_ACCESS: Final = "no access"
_NOT_SENT: Final = "Couldn't send message"
_MISSING_ID: Final = "Missing chat_id"
_SENT_FRAME: frames.Sent = {"action": "message_response", "status": "success"}
_SENT = encode(_SENT_FRAME)


class Chats:
    """text: the longest message in code points."""

    name = "chats"
    kinds: frozenset[Kind] = EVERY_KIND
    follows = False
    single = False
    strikes = None
    codes: Mapping[Farewell, int] = codes(OF_FORMS)

    def __init__(self, text: int) -> None:
        self._text = text

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return Hangup(Farewell.NOT_JSON)
        if not isinstance(frame, dict):
            return Hangup(Farewell.NOT_AN_OBJECT)
        action = frame.get("action")
        shape = REQUESTS.get(action) if isinstance(action, str) else None
        if shape is None:
            return Reply(_error("Unknown action"))
        said = structure(frame, shape)
        match said:
            case Subscribe(chat_ids=chat_ids):
                return asks.Subscribe(tuple(chat_ids))
            case SendMessage(chat_id=chat_id, text=text) if chat_id and not is_blank(text):
                # Access is checked before length (chats-9): what is wrong with the text waits.
                return asks.ToRoom(chat_id, Say(text, flaw=check_text(text, self._text)))
        if shape is Subscribe:
            return Reply(_error(_MISSING_ID))
        return Reply(not_sent(_why_not_sent(frame)))

    def decode_binary(self, data: bytes) -> Decoded:
        return Hangup(Farewell.NOT_TEXT)

    def greet(self, user: User, at: int) -> bytes | None:
        return None

    def come_in(self, present: Sequence[User]) -> bytes | None:
        return None

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match answer:
            case a.Subscribed(results=results):
                return (_subscribed(results),)
            case a.Done():
                return (_SENT,)
            case NoSuchRoom() | NotAdmitted() | NotMember():
                return (not_sent(_NO_ACCESS),)
            case Refusal():
                return (not_sent(_NOT_SENT),)
        raise TypeError(type(answer).__name__)

    def error(self, payload: bytes) -> str | None:
        return word_at(payload, "error")

    def failed(self, ask: asks.Ask | None, at: int) -> bytes:
        if isinstance(ask, asks.Subscribe):
            return _subscribed((ref, False) for ref in ask.rooms)
        return not_sent(_NOT_SENT)

    def push(self, event: Event) -> Sequence[Push]:
        if not isinstance(event, Said):
            return ()
        message = event.message
        frame: frames.Pushed = {
            "from": message.author.username,
            "message": message.text,
            "chat_id": message.room.uuid,
        }
        return (Push(encode(frame)),)

    def put_out(self, room: Room, user: User, at: int) -> bytes | Farewell | None:
        return None

    def part(self, farewell: Farewell, reason: str, at: int) -> bytes | None:
        return None


def _why_not_sent(frame: dict[str, Any]) -> frames.SendRefusal:
    """In the order of chats-9."""
    chat_id, text = frame.get("chat_id"), frame.get("text")
    if chat_id is None or chat_id == "":
        return _MISSING_ID
    if not isinstance(text, str) or is_blank(text):
        return "Message cannot be empty"
    return _NO_ACCESS


def _subscribed(results: Iterable[tuple[object, bool]]) -> bytes:
    items = [_result(chat_id, follows) for chat_id, follows in results]
    frame: frames.Subscribed = {"action": "subscribe_response", "results": items}
    return encode(frame)


def _result(chat_id: object, follows: bool) -> frames.Result:
    if follows:
        return {"chat_id": chat_id, "status": "success"}
    return {"chat_id": chat_id, "status": "error", "error": _NO_ACCESS}


def _error(text: frames.RequestRefusal) -> bytes:
    frame: frames.Failure = {"error": text, "status": "error"}
    return encode(frame)


def not_sent(text: frames.SendRefusal) -> bytes:
    """The answer to a message that was not sent."""
    frame: frames.NotSent = {"action": "message_response", "status": "error", "error": text}
    return encode(frame)
