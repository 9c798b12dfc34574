"""The channels dialect: its messages are sent over REST, and so are their keys."""

from collections.abc import Sequence

from trichat.core import answers as a
from trichat.core import asks
from trichat.core.model import User
from trichat.dialects import channels as plain
from trichat.dialects.codec import encode, millis
from trichat.dialects.frames import channels as frames


class Channels(plain.Channels):
    """What was missed is told here."""

    def answer(self, ask: asks.Ask, answer: a.Answer, me: User, at: int) -> Sequence[bytes]:
        match answer:
            case a.Place(cursor=cursor):
                place: frames.Cursor = {
                    "type": "cursor",
                    "cursor": cursor,
                    "timestamp": millis(at),
                }
                return (encode(place),)
            case a.Gap(rooms=rooms, unknown=unknown):
                gap: frames.Gap = {
                    "type": "gap",
                    "channel_ids": [room.uuid for room in rooms],
                    "unknown": list(unknown),
                    "timestamp": millis(at),
                }
                return (encode(gap),)
        return super().answer(ask, answer, me, at)
