"""The chats dialect: `/chats/ws`, actions, UUIDs (chats-1 to chats-16)."""

from collections.abc import Mapping, Sequence
from typing import Any

from trichat.core import answers as a
from trichat.core import asks
from trichat.core.commands import Say
from trichat.core.events import Event, Said
from trichat.core.model import Kind, Room, User
from trichat.core.policy import EVERY_KIND
from trichat.core.refusals import NoSuchRoom, NotAdmitted, NotMember, Refusal
from trichat.core.text import check_text, is_blank
from trichat.dialects.codec import NotJsonError, decode, encode, word_at
from trichat.dialects.port import CODES, Decoded, Farewell, Hangup, Push, Reply

NOT_JSON = 1007
NOT_TEXT = 1003

_NO_ACCESS = "no access"
_NOT_SENT = "Couldn't send message"
_SENT = encode({"action": "message_response", "status": "success"})


class Chats:
    """text: the longest message in code points."""

    name = "chats"
    kinds: frozenset[Kind] = EVERY_KIND
    follows = False
    single = False
    strikes = None
    codes: Mapping[Farewell, int] = CODES

    def __init__(self, text: int) -> None:
        self._text = text

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return Hangup(NOT_JSON, "not JSON")
        if not isinstance(frame, dict):
            return Hangup(NOT_JSON, "not an object")
        match frame.get("action"):
            case "subscribe":
                return _subscribe(frame)
            case "message":
                return self._message(frame)
        return Reply(_error("Unknown action"))

    def decode_binary(self, data: bytes) -> Decoded:
        return Hangup(NOT_TEXT, "text frames only")

    def _message(self, frame: dict[str, Any]) -> Decoded:
        chat_id, text = frame.get("chat_id"), frame.get("text")
        if chat_id is None or chat_id == "":
            return Reply(_refused("Missing chat_id"))
        if not isinstance(text, str) or is_blank(text):
            return Reply(_refused("Message cannot be empty"))
        if not isinstance(chat_id, str):
            return Reply(_refused(_NO_ACCESS))
        # Access is checked before length (chats-9), so what is wrong with the text waits for it.
        return asks.ToRoom(chat_id, Say(text, flaw=check_text(text, self._text)))

    def greet(self, user: User, at: int) -> bytes | None:
        return None

    def come_in(self, present: Sequence[User]) -> bytes | None:
        return None

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match answer:
            case a.Subscribed(results=results):
                items = [_result(chat_id, follows) for chat_id, follows in results]
                return (encode({"action": "subscribe_response", "results": items}),)
            case a.Done():
                return (_SENT,)
            case NoSuchRoom() | NotAdmitted() | NotMember():
                return (_refused(_NO_ACCESS),)
            case Refusal():
                return (_refused(_NOT_SENT),)
        raise TypeError(type(answer).__name__)

    def error(self, payload: bytes) -> str | None:
        return word_at(payload, "error")

    def failed(self, ask: asks.Ask | None, at: int) -> bytes:
        return _refused(_NOT_SENT)

    def push(self, event: Event) -> Sequence[Push]:
        if not isinstance(event, Said):
            return ()
        message = event.message
        return (
            Push(
                encode(
                    {
                        "from": message.author.username,
                        "message": message.text,
                        "chat_id": message.room.uuid,
                    }
                )
            ),
        )

    def put_out(self, room: Room, user: User, at: int) -> bytes | Farewell | None:
        return None

    def part(self, farewell: Farewell, reason: str, at: int) -> bytes | None:
        return None


def _subscribe(frame: dict[str, Any]) -> Decoded:
    chat_ids = frame.get("chat_ids")
    if not isinstance(chat_ids, list):
        return Reply(_error("Missing chat_id"))
    return asks.Subscribe(tuple(chat_ids))


def _result(chat_id: object, follows: bool) -> dict[str, object]:
    if follows:
        return {"chat_id": chat_id, "status": "success"}
    return {"chat_id": chat_id, "status": "error", "error": _NO_ACCESS}


def _error(text: str) -> bytes:
    return encode({"error": text, "status": "error"})


def _refused(text: str) -> bytes:
    return encode({"action": "message_response", "status": "error", "error": text})
