"""The chats dialect with keys."""

from collections.abc import Sequence

from trichat.core import answers as a
from trichat.core import asks
from trichat.core.commands import Say
from trichat.core.events import Said
from trichat.core.model import User
from trichat.core.refusals import KeyReused
from trichat.dialects import chats as plain
from trichat.dialects.codec import encode, millis
from trichat.dialects.frames import chats as frames
from trichat.dialects.port import Decoded, Reply
from trichat.dialects.resuming.keys import BAD, REUSED, keyed


class Chats(plain.Chats):
    """What was missed is told; a send with a key is answered by a frame of its own."""

    def decode(self, data: str) -> Decoded:
        return keyed(super().decode(data), data, _BAD)

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match ask, answer:
            case asks.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
                sent: frames.SentWithKey = {
                    "action": "message_response",
                    "status": "success",
                    "client_key": key,
                    "id": said.message.uuid,
                    "timestamp": millis(said.at),
                }
                return (encode(sent),)
            case _, a.Place(cursor=cursor):
                place: frames.Cursor = {"action": "cursor", "cursor": cursor}
                return (encode(place),)
            case _, a.Gap(rooms=rooms):
                gap: frames.Gap = {"action": "gap", "chat_ids": [room.uuid for room in rooms]}
                return (encode(gap),)
            case _, KeyReused():
                return (_REUSED,)
        return super().answer(ask, answer, me, at)


_BAD = Reply(plain.not_sent(BAD))
_REUSED = plain.not_sent(REUSED)
