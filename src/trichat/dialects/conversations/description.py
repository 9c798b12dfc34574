"""The conversations dialect in words and examples, for the document of the frames."""

from typing import Final

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.dialects import samples as s
from trichat.dialects.conversations import frames, requests
from trichat.dialects.description import KEYED, Exchange, Operation, Speech, shapes

_GONE = (r.NotAdmitted(), r.Failed())

SPEECH: Final = Speech(
    about="Chat one to one, and with `?rooms=all` in groups too; rooms and users are integers.",
    requests=shapes(requests.REQUESTS),
    keyed="chat.message",
    text="content",
    operations={
        "chat.message": Operation(
            "Send a message",
            "Stores a message in a conversation of the user, and sends it to every connection of"
            " every participant, the sender's included.",
        ),
        "chat.typing": Operation(
            "Tell whether the user is typing",
            "Another user receives that this one has begun or stopped typing. Nothing is stored.",
        ),
        "chat.read": Operation(
            "Mark messages as read",
            "Marks the messages of a conversation as read: all up to now, or those up to `up_to`."
            " The other participants are notified.",
        ),
        "chat.delivered": Operation(
            "Confirm a delivery",
            "Says that this client has received a message. Its sender is notified.",
        ),
        "chat.search_user": Operation(
            "Search users",
            "Returns users whose name contains the keyword.",
        ),
        "chat.start_conversation": Operation(
            "Start a conversation",
            "Returns the conversation with another user, which is made if there is none yet."
            " `user_id` is another name of `receiver_id`.",
        ),
        "chat.get_conversations": Operation(
            "List conversations",
            "Returns the conversations of the user, those with the newest activity first.",
        ),
        "chat.get_messages": Operation(
            "List messages",
            "Returns messages of a conversation, oldest first: the newest ones, or those before"
            " `before_id`.",
        ),
    },
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
                    **KEYED,
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
    frames=frames.ALL,
)
