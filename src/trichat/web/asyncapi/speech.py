"""Each dialect says this of itself; the document has them in this order."""

from collections.abc import Mapping
from typing import Final

from trichat.dialects.channels import Channels
from trichat.dialects.channels.description import SPEECH as CHANNELS
from trichat.dialects.chats import Chats
from trichat.dialects.chats.description import SPEECH as CHATS
from trichat.dialects.conversations import Conversations
from trichat.dialects.conversations.description import SPEECH as CONVERSATIONS
from trichat.dialects.description import Operation, Speech
from trichat.dialects.lobby import Lobby
from trichat.dialects.lobby.description import SPEECH as LOBBY
from trichat.dialects.room import RoomDialect
from trichat.dialects.room.description import SPEECH as ROOM

SPEECHES: Final[Mapping[str, Speech]] = {
    Chats.name: CHATS,
    RoomDialect.name: ROOM,
    Lobby.name: LOBBY,
    Channels.name: CHANNELS,
    Conversations.name: CONVERSATIONS,
}

PUSH: Final = Operation(
    "Receive what happens",
    "The server sends these messages by itself: on connecting, as things happen, and before it"
    " closes the connection. Some also answer a frame that is not a request.",
)
