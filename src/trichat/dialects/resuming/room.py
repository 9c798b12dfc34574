"""The room dialect with keys."""

from collections.abc import Sequence

from trichat.core import answers as a
from trichat.core import asks
from trichat.core.commands import Say
from trichat.core.events import Said
from trichat.core.model import User
from trichat.core.refusals import KeyReused
from trichat.dialects import room as plain
from trichat.dialects.codec import encode, seconds
from trichat.dialects.frames import room as frames
from trichat.dialects.port import Decoded, Reply
from trichat.dialects.resuming.keys import BAD, REUSED, keyed


class RoomDialect(plain.RoomDialect):
    """What was missed is told; a send with a key is answered by a frame of its own."""

    def decode(self, data: str) -> Decoded:
        return keyed(super().decode(data), data, _BAD)

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match ask, answer:
            case asks.ToRoom(command=Say(key=str() as key)), a.Done(events=(Said() as said,)):
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
            case _, KeyReused():
                return (_REUSED,)
        return super().answer(ask, answer, me, at)


_BAD = Reply(plain.failure(BAD))
_REUSED = plain.failure(REUSED)
