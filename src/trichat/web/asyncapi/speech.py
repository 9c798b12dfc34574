"""What is said in each dialect: its requests with examples and what may come of each, its frames.

The classes and tables are the dialects' own; here stand only examples for them.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import AttrsInstance, field, frozen

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.core.text import MAX_KEY
from trichat.dialects import channels, chats, conversations, lobby, room
from trichat.web.asyncapi import samples as s

Schema = dict[str, Any]
Shape = type[AttrsInstance]


@frozen
class Exchange:
    """A request as a client may send it, and answers it may get."""

    request: dict[str, Any]
    answers: tuple[a.Answer, ...] = ()


@frozen
class Speech:
    """One dialect. tag: the key that names a request; "" where there is but one.
    inner: the key that its fields stand under, where they do not stand beside the tag.
    keyed: the request that may bear a key of the client's, where there is one.
    text: its field that is as long as the server's limit says; "" where the dialect has its own.
    broken: texts that are no requests.
    """

    about: str
    requests: Mapping[str, Shape]
    exchanges: Mapping[str, tuple[Exchange, ...]]
    frames: tuple[Any, ...]
    tag: str = "type"
    inner: str = ""
    keyed: str = ""
    text: str = ""
    broken: tuple[str, ...] = field(default=("{", "[]", '{"type": "dance"}'))

    def payload(self, name: str, fields: Schema, longest: int) -> Schema:
        """The schema of a whole request from that of its fields. longest: code points of a
        message, by the server's limit.
        """
        if name == self.keyed:
            own = {**fields["properties"], "client_key": _KEY}
            if self.text:
                own[self.text] = {**own[self.text], "maxLength": longest}
            fields = {**fields, "properties": own}
        if not self.tag:
            return fields
        tagged = {self.tag: {"const": name}}
        if self.inner:
            required = [self.tag, self.inner] if fields.get("required") else [self.tag]
            return {
                "type": "object",
                "properties": {**tagged, self.inner: {**fields, "description": "its fields"}},
                "required": required,
            }
        return {
            **fields,
            "properties": {**tagged, **fields["properties"]},
            "required": [self.tag, *fields.get("required", [])],
        }


_KEY: Final[Schema] = {
    "anyOf": [{"type": "string", "minLength": 1, "maxLength": MAX_KEY}, {"type": "null"}],
    "description": "The client's own name for this send, looked at on connections that ask to"
    " resume: it is stored once, and a retry gets the first answer.",
}


def _shapes(requests: Mapping[str, tuple[Shape, Any]]) -> dict[str, Shape]:
    return {name: shape for name, (shape, _) in requests.items()}


_TEA, _BEN = s.TEA.uuid, s.BEN.uuid
_KEYED: Final = {"client_key": "b1946ac9"}

CHATS: Final = Speech(
    about="Subscribe to chats by UUID; send messages as actions.",
    tag="action",
    requests=chats.requests.REQUESTS,
    keyed="message",
    text="text",
    exchanges={
        "subscribe": (
            Exchange(
                {"action": "subscribe", "chat_ids": [_TEA, "nowhere"]},
                (a.Subscribed(((_TEA, True), ("nowhere", False))),),
            ),
        ),
        "message": (
            Exchange(
                {"action": "message", "chat_id": _TEA, "text": s.HELLO.text},
                (a.Done(), r.NotAdmitted(), r.Failed()),
            ),
            Exchange(
                {"action": "message", "chat_id": _TEA, "text": s.HELLO.text, **_KEYED},
                (s.KEPT, r.KeyReused()),
            ),
        ),
    },
    frames=chats.frames.ALL,
    broken=("{", "[]", '{"action": "dance"}', '{"action": "subscribe"}', '{"action": "message"}'),
)

ROOM: Final = Speech(
    about="One room per connection, named in the path, and made by connecting.",
    tag="",
    keyed="message",
    text="message",
    requests={"message": room.requests.SendMessage},
    exchanges={
        "message": (
            Exchange(
                {"message": s.HELLO.text},
                (a.Done(), r.NotAdmitted(), r.RateLimited(12.0), r.Failed()),
            ),
            Exchange({"message": s.HELLO.text, **_KEYED}, (s.KEPT, r.KeyReused())),
        )
    },
    frames=room.frames.ALL,
    broken=("{", "[]", '{"message": " "}', '{"type": "chat.get_conversations"}'),
)

LOBBY: Final = Speech(
    about="Make, list, join and leave rooms; one current room per connection.",
    inner="data",
    keyed="send_message",
    requests=_shapes(lobby.requests.REQUESTS),
    exchanges={
        "create_room": (
            Exchange(
                {"type": "create_room", "data": {"name": "tea", "type": "public"}},
                (a.Opened(a.RoomView(s.TEA, ())), r.TooManyRooms()),
            ),
            Exchange(
                {
                    "type": "create_room",
                    "data": {"name": "corner", "type": "private", "max_users": 4, "invite": [_BEN]},
                },
                (a.Opened(s.EMPTY), r.NoSuchUser()),
            ),
        ),
        "list_rooms": (
            Exchange({"type": "list_rooms"}, (a.Rooms((s.VIEW, s.EMPTY)),)),
            Exchange({"type": "list_rooms", "data": {"type": "private"}}, (a.Rooms(()),)),
        ),
        "join_room": (
            Exchange(
                {"type": "join_room", "data": {"room_id": _TEA}},
                (
                    a.CameIn(s.ENTERED, told=False),
                    r.NoSuchRoom(),
                    r.NotAdmitted(),
                    r.AlreadyHere(),
                    r.RoomFull(),
                ),
            ),
        ),
        "leave_room": (Exchange({"type": "leave_room"}, (a.WentOut(s.EXITED, told=False),)),),
        "send_message": (
            Exchange(
                {
                    "type": "send_message",
                    "data": {"type": "text", "content": s.HELLO.text, "room_id": _TEA},
                },
                (a.Done(), r.NotHere(), r.NoSuchRoom(), r.RateLimited(12.0)),
            ),
            Exchange(
                {
                    "type": "send_message",
                    "data": {
                        "type": "text",
                        "content": s.HELLO.text,
                        "room_id": _TEA,
                        **_KEYED,
                    },
                },
                (s.KEPT, r.KeyReused()),
            ),
        ),
    },
    frames=lobby.frames.ALL,
)

CHANNELS: Final = Speech(
    about="Messages, reactions and memberships are sent over REST (/openapi.json) and told here.",
    requests=_shapes(channels.requests.REQUESTS),
    exchanges={
        "join_channel": (
            Exchange(
                {"type": "join_channel", "channel_id": _TEA},
                (a.CameIn(s.ENTERED, told=True), r.NotAdmitted(), r.Failed()),
            ),
        ),
        "leave_channel": (
            Exchange(
                {"type": "leave_channel", "channel_id": _TEA},
                (a.WentOut(s.EXITED, told=True), r.Failed()),
            ),
        ),
        "typing_indicator": (
            Exchange(
                {"type": "typing_indicator", "channel_id": _TEA, "is_typing": True},
                (r.NotAdmitted(), r.Failed()),
            ),
        ),
        "get_online_users": (
            Exchange(
                {"type": "get_online_users", "channel_id": _TEA},
                (a.Online(s.TEA, (s.ADA, s.BEN)), r.NotAdmitted(), r.Failed()),
            ),
        ),
        "ping": (Exchange({"type": "ping"}, (a.Done(),)),),
    },
    frames=channels.frames.ALL,
    broken=("{", '{"type": "dance"}', '{"type": "join_channel"}'),
)

_GONE = (r.NotAdmitted(), r.Failed())

CONVERSATIONS: Final = Speech(
    about="Chat one to one, and with `?rooms=all` in groups too; rooms and users are integers.",
    requests=_shapes(conversations.requests.REQUESTS),
    keyed="chat.message",
    text="content",
    exchanges={
        "chat.message": (
            Exchange(
                {"type": "chat.message", "conversation_id": s.TEA.id, "content": s.HELLO.text},
                (a.Done(), r.RateLimited(12.0), *_GONE),
            ),
            Exchange(
                {
                    "type": "chat.message",
                    "conversation_id": s.TEA.id,
                    "content": s.HELLO.text,
                    **_KEYED,
                },
                (s.KEPT, r.KeyReused()),
            ),
        ),
        "chat.typing": (
            Exchange(
                {"type": "chat.typing", "receiver_id": s.BEN.id, "is_typing": True},
                (r.NoSuchUser(),),
            ),
        ),
        "chat.read": (
            Exchange({"type": "chat.read", "conversation_id": s.TEA.id}, (a.Done(), *_GONE)),
            Exchange(
                {"type": "chat.read", "conversation_id": s.TEA.id, "up_to": s.HELLO.id}, (a.Done(),)
            ),
        ),
        "chat.delivered": (
            Exchange({"type": "chat.delivered", "message_id": s.HELLO.id}, (r.NoSuchMessage(),)),
        ),
        "chat.search_user": (
            Exchange({"type": "chat.search_user", "keyword": "be"}, (a.Found((s.BEN,)),)),
        ),
        "chat.start_conversation": (
            Exchange(
                {"type": "chat.start_conversation", "receiver_id": s.BEN.id},
                (a.Direct(s.PAIR, (s.ADA, s.BEN)), r.NoSuchUser(), r.Yourself()),
            ),
        ),
        "chat.get_conversations": (
            Exchange({"type": "chat.get_conversations"}, (a.Conversations(s.OVERVIEWS),)),
        ),
        "chat.get_messages": (
            Exchange(
                {"type": "chat.get_messages", "conversation_id": s.TEA.id},
                (a.History((s.HELLO,)), *_GONE),
            ),
            Exchange(
                {
                    "type": "chat.get_messages",
                    "conversation_id": s.TEA.id,
                    "limit": 20,
                    "before_id": 41,
                },
                (a.History(()),),
            ),
        ),
    },
    frames=conversations.frames.ALL,
)

SPEECHES: Final[Mapping[str, Speech]] = {
    "chats": CHATS,
    "room": ROOM,
    "lobby": LOBBY,
    "channels": CHANNELS,
    "conversations": CONVERSATIONS,
}
