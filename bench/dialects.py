"""What a client of each of trichat's dialects says, for the load client."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from bench.peer import Seat, Speech
from bench.seeding import Hall


def _json(frame: Any) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode()


def _message(frame: Callable[[str], Any]) -> Callable[[Seat, bytes], bytes]:
    """The whole frame is as long as the payload would be, if it can be."""
    around = len(_json(frame("")))

    def message(seat: Seat, payload: bytes) -> bytes:
        text = payload[: max(len(payload) - around, 15)]
        return _json(frame(text.decode()))

    return message


def chats(hall: Hall, token: str) -> Speech:
    return Speech(
        path=lambda seat: f"/chats/ws?token={token}",
        hello=lambda seat: (_json({"action": "subscribe", "chat_ids": [hall.uuid]}),),
        awaited=1,
        word=b'"status":"success"',
        answer=b'"message_response"',
        message=_message(lambda text: {"action": "message", "chat_id": hall.uuid, "text": text}),
    )


def room(hall: Hall, token: str) -> Speech:
    return Speech(
        path=lambda seat: f"/ws/chat/{hall.handle}/?token={token}",
        awaited=1,
        word=b'"room_users_list"',
        message=_message(lambda text: {"message": text}),
    )


def lobby(hall: Hall, token: str) -> Speech:
    """A request that is refused tells that the one before it is done."""
    join = {"type": "join_room", "data": {"room_id": hall.uuid}}
    return Speech(
        path=lambda seat: f"/ws/chat?token={token}",
        hello=lambda seat: (_json(join), _json({"type": "?"})),
        awaited=1,
        word=b'"type":"error"',
        message=_message(
            lambda text: {
                "type": "send_message",
                "data": {"type": "text", "content": text, "room_id": hall.uuid},
            }
        ),
    )


def channels(hall: Hall, token: str) -> Speech:
    return Speech(
        path=lambda seat: f"/ws?token={token}",
        awaited=1,
        word=b'"connection_established"',
    )


def conversations(hall: Hall, token: str) -> Speech:
    return Speech(
        path=lambda seat: f"/ws/chat/?rooms=all&token={token}",
        hello=lambda seat: (_json({"type": "chat.search_user", "keyword": ""}),),
        awaited=1,
        word=b'"chat.search_results"',
        message=_message(
            lambda text: {"type": "chat.message", "conversation_id": hall.id, "content": text}
        ),
    )


SPEECHES: Final[Mapping[str, Callable[[Hall, str], Speech]]] = {
    "chats": chats,
    "room": room,
    "lobby": lobby,
    "channels": channels,
    "conversations": conversations,
}
