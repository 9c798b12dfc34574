"""The chats dialect in words and examples, for the document of the frames."""

from typing import Final

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.dialects import samples as s
from trichat.dialects.chats import frames, requests
from trichat.dialects.description import KEYED, Exchange, Operation, Speech

SPEECH: Final = Speech(
    about="Subscribe to chats by UUID; send messages as actions.",
    tag="action",
    requests=requests.REQUESTS,
    keyed="message",
    text="text",
    operations={
        "subscribe": Operation(
            "Subscribe to chats",
            "From now on this connection receives the messages of these chats, until it closes. The"
            " response has a result for each id, in the order of the request: a chat that does not"
            " exist, or that the user may not read, is refused by itself.",
        ),
        "message": Operation(
            "Send a message",
            "Stores a message in a chat that the user may write to, and sends it to every"
            " connection that is subscribed to the chat. The sender need not be. The response tells"
            " whether it is stored.",
        ),
    },
    exchanges={
        "subscribe": (
            Exchange(
                {"action": "subscribe", "chat_ids": [s.TEA.uuid, "nowhere"]},
                (a.Subscribed(((s.TEA.uuid, True), ("nowhere", False))),),
            ),
        ),
        "message": (
            Exchange(
                {"action": "message", "chat_id": s.TEA.uuid, "text": s.HELLO.text},
                (a.Done(), r.NotAdmitted(), r.Failed()),
            ),
            Exchange(
                {"action": "message", "chat_id": s.TEA.uuid, "text": s.HELLO.text, **KEYED},
                (s.KEPT, r.KeyReused()),
            ),
        ),
    },
    frames=frames.ALL,
    broken=("{", "[]", '{"action": "dance"}', '{"action": "subscribe"}', '{"action": "message"}'),
)
