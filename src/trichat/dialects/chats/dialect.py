"""The chats dialect: `/chats/ws`, actions, UUIDs (chats-1 to chats-16)."""

from collections.abc import Iterable, Sequence

from trichat.core import answers as a
from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.events import Event, Said
from trichat.core.model import User
from trichat.core.policy import EVERY_KIND
from trichat.core.refusals import KeyReused, NoSuchRoom, NotAdmitted, NotMember, Refusal
from trichat.core.text import check_text
from trichat.dialects.chats import frames
from trichat.dialects.chats.refusals import (
    BAD_KEY,
    MISSING_ID,
    NO_ACCESS,
    NOT_SENT,
    error,
    not_sent,
    why_not_sent,
)
from trichat.dialects.chats.requests import REQUESTS, SendMessage, Subscribe
from trichat.dialects.codec import NotJsonError, decode, encode, millis, structure
from trichat.dialects.disconnects import OF_FORMS, DisconnectReason, codes
from trichat.dialects.keys import REUSED, with_key
from trichat.dialects.port import Close, Decoded, Dialect, Push, Reply

_SENT_FRAME: frames.Sent = {"action": "message_response", "status": "success"}
_SENT = encode(_SENT_FRAME)


class Chats(Dialect):
    """text: the longest message in code points. keyed: whether sends may bear a key."""

    name = "chats"
    kinds = EVERY_KIND
    codes = codes(OF_FORMS)

    def __init__(self, text: int, *, keyed: bool = False) -> None:
        self._text = text
        self._keyed = keyed

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return Close(DisconnectReason.NOT_JSON)
        if not isinstance(frame, dict):
            return Close(DisconnectReason.NOT_AN_OBJECT)
        action = frame.get("action")
        shape = REQUESTS.get(action) if isinstance(action, str) else None
        if shape is None:
            return error("Unknown action")
        said = structure(frame, shape)
        match said:
            case SendMessage(chat_id=chat_id, text=text) if chat_id:
                flaw = check_text(text, self._text)
                if flaw is None or flaw.why != "blank":
                    # Access is checked before length (chats-9): what is wrong with the text waits.
                    send = requests.ToRoom(chat_id, Say(text, flaw=flaw))
                    return with_key(send, frame, BAD_KEY) if self._keyed else send
            case Subscribe(chat_ids=chat_ids):
                return requests.Subscribe(tuple(chat_ids))
        if shape is Subscribe:
            return error(MISSING_ID)
        return not_sent(why_not_sent(frame))

    def decode_binary(self, data: bytes) -> Decoded:
        return Close(DisconnectReason.NOT_TEXT)

    def answer(
        self, request: requests.Request, answer: a.Answer, me: User, at: int
    ) -> Sequence[bytes]:
        match answer:
            case a.Subscribed(results=results):
                return (_subscribed(results),)
            case a.Done(events=events):
                return (_sent(request, events),)
            case a.Place(cursor=cursor):
                place: frames.Cursor = {"action": "cursor", "cursor": cursor}
                return (encode(place),)
            case a.Gap(rooms=rooms):
                gap: frames.Gap = {"action": "gap", "chat_ids": [room.uuid for room in rooms]}
                return (encode(gap),)
        raise TypeError(type(answer).__name__)

    def refuse(self, request: requests.Request | None, refusal: Refusal, at: int) -> Reply:
        if isinstance(request, requests.Subscribe):
            return Reply(_subscribed((ref, False) for ref in request.rooms))
        match refusal:
            case NoSuchRoom() | NotAdmitted() | NotMember():
                return not_sent(NO_ACCESS)
            case KeyReused():
                return not_sent(REUSED)
        return not_sent(NOT_SENT)

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


def _subscribed(results: Iterable[tuple[object, bool]]) -> bytes:
    items = [_result(chat_id, follows) for chat_id, follows in results]
    frame: frames.Subscribed = {"action": "subscribe_response", "results": items}
    return encode(frame)


def _result(chat_id: object, follows: bool) -> frames.Result:
    if follows:
        return {"chat_id": chat_id, "status": "success"}
    return {"chat_id": chat_id, "status": "error", "error": NO_ACCESS}


def _sent(request: requests.Request, events: Sequence[Event]) -> bytes:
    match request, events:
        case requests.ToRoom(command=Say(key=str() as key)), (Said() as said,):
            frame: frames.SentWithKey = {
                "action": "message_response",
                "status": "success",
                "client_key": key,
                "id": said.message.uuid,
                "timestamp": millis(said.at),
            }
            return encode(frame)
    return _SENT
