"""The room dialect: `/ws/chat/<room_name>/`, one room per connection (room-1 to room-12)."""

from collections.abc import Sequence
from typing import Final

from trichat.core import answers as a
from trichat.core import requests
from trichat.core.commands import Say
from trichat.core.events import Entered, Event, Exited, Said
from trichat.core.model import Message, Room, User
from trichat.core.policy import NOT_DIRECT
from trichat.core.refusals import Failed, Invalid, KeyReused, RateLimited, Refusal, RoomFull
from trichat.core.text import check_text
from trichat.dialects.codec import NotJsonError, decode, encode, seconds, structure
from trichat.dialects.disconnects import OF_ROOMS, DisconnectReason, codes
from trichat.dialects.keys import REUSED, with_key
from trichat.dialects.port import Decoded, Dialect, Push, Reply
from trichat.dialects.room import frames
from trichat.dialects.room.refusals import BAD_KEY, INVALID, failure
from trichat.dialects.room.requests import SendMessage

_UNAUTHORIZED = 4001

# Frames of the conversations API begin so: a client that speaks it dials `/ws/chat/<n>/` with them.
_CONVERSATIONS = "chat."
ELSEWHERE: Final = "This address is a room's: frames of conversations go to /ws/chat/"


class RoomDialect(Dialect):
    """text: the longest message in code points. keyed: whether sends may bear a key."""

    name = "room"
    kinds = NOT_DIRECT
    single = True
    strikes = 10
    codes = codes(OF_ROOMS, credential=_UNAUTHORIZED)

    def __init__(self, text: int, *, keyed: bool = False) -> None:
        self._text = text
        self._keyed = keyed

    def decode(self, data: str) -> Decoded:
        try:
            frame = decode(data)
        except NotJsonError:
            return failure("Invalid JSON", strike=True)
        if not isinstance(frame, dict):
            return failure("A message is a JSON object", strike=True)
        kind = frame.get("type")
        if isinstance(kind, str) and kind.startswith(_CONVERSATIONS):
            return failure(ELSEWHERE)
        said = structure(frame, SendMessage)
        invalid = check_text(said and said.message, self._text)
        if said is None or invalid is not None:
            return failure(INVALID[invalid.why if invalid else "blank"])
        send = requests.ToRoom(None, Say(said.message, visiting=True), here=True)
        return with_key(send, frame, BAD_KEY) if self._keyed else send

    def decode_binary(self, data: bytes) -> Decoded:
        return failure("Text frames only", strike=True)

    def come_in(self, present: Sequence[User]) -> bytes | None:
        frame: frames.RoomUsersList = {
            "type": "room_users_list",
            "users": [{"id": user.uuid, "username": user.username} for user in present],
        }
        return encode(frame)

    def answer(
        self, request: requests.Request, answer: a.Answer, me: User, at: int
    ) -> Sequence[bytes]:
        match request, answer:
            case _, a.History(messages=messages):
                return [_chat_message(message) for message in messages]
            case requests.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
                sent: frames.MessageSent = {
                    "type": "message_sent",
                    "client_key": key,
                    "id": said.message.uuid,
                    "timestamp": seconds(said.at),
                }
                return (encode(sent),)
            case _, a.Place(cursor=cursor):
                place: frames.Cursor = {"type": "cursor", "cursor": cursor}
                return (encode(place),)
            case _, a.Gap():
                gap: frames.Gap = {"type": "gap"}
                return (encode(gap),)
        return ()

    def refuse(self, request: requests.Request | None, refusal: Refusal, at: int) -> Reply:
        match refusal:
            case Invalid(why=why):
                return failure(INVALID.get(why, INVALID["blank"]))
            case RoomFull():
                return failure("room is full")
            case RateLimited():
                return failure("Too many messages, try again later")
            case KeyReused():
                return failure(REUSED)
            case Failed():
                return failure("The message could not be sent")
        return failure("You may not send to this room")

    def push(self, event: Event) -> Sequence[Push]:
        match event:
            case Said(message=message):
                return (Push(_chat_message(message)),)
            case Entered(user=user):
                join: frames.UserJoin = {
                    "type": "user_join",
                    "user_id": user.uuid,
                    "username": user.username,
                }
                return (Push(encode(join), ephemeral=True),)
            case Exited(user=user):
                leave: frames.UserLeave = {
                    "type": "user_leave",
                    "user_id": user.uuid,
                    "username": user.username,
                }
                return (Push(encode(leave), ephemeral=True),)
        return ()

    def put_out(self, room: Room, user: User, at: int) -> bytes | DisconnectReason | None:
        return DisconnectReason.NOT_ADMITTED


def _chat_message(message: Message) -> bytes:
    frame: frames.ChatMessage = {
        "type": "chat_message",
        "message": message.text,
        "sender_username": message.author.username,
        "sender_id": message.author.uuid,
        "timestamp": seconds(message.created_at),
    }
    return encode(frame)
