"""The room dialect in words and examples, for the document of the frames."""

from typing import Final

from trichat.core import answers as a
from trichat.core import refusals as r
from trichat.dialects import samples as s
from trichat.dialects.description import KEYED, Exchange, Operation, Speech
from trichat.dialects.room import frames, requests

SPEECH: Final = Speech(
    about="One room per connection, named in the path, and made by connecting.",
    tag="",
    keyed="message",
    text="message",
    requests={"message": requests.SendMessage},
    operations={
        "message": Operation(
            "Send a message",
            "Stores a message in the room of this connection, and sends it to everyone there, the"
            " sender included. A frame of this kind needs no type.",
        ),
    },
    exchanges={
        "message": (
            Exchange(
                {"message": s.HELLO.text},
                (a.Done(), r.NotAdmitted(), r.RateLimited(12.0), r.Failed()),
            ),
            Exchange({"message": s.HELLO.text, **KEYED}, (s.KEPT, r.KeyReused())),
        )
    },
    frames=frames.ALL,
    broken=("{", "[]", '{"message": " "}', '{"type": "chat.get_conversations"}'),
)
