"""The chats dialect and what this server adds to it: one is told what one missed, and what is sent
again is stored once. A ticket opens the connection, so no token stands in its address.

python resuming.py http://127.0.0.1:8000 TOKEN CHAT_ID
"""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from chats import Chats
from reconnect import LostError, note
from rest import RefusedError, call
from terminal import arguments, chat, common


class Resuming(Chats):
    """The history is read by who is new, and after a gap."""

    def __init__(self, *rest: Any) -> None:
        super().__init__(*rest)
        self.kept: dict[str, str] = {}  # the cursor: the latest position of each name
        self.key = ""  # of the text that is under way

    async def target(self) -> tuple[str, dict[str, str]]:
        """A ticket is good once, and for some seconds."""
        try:
            made = await call(self.address, self.token, "/auth/ticket", {})
        except RefusedError as error:  # too many wait unused: that passes
            raise LostError(str(error)) from None
        query = {"ticket": made["ticket"], "resume": "~".join(self.kept.values()) or "1"}
        return f"{self.url}?{urlencode(query)}", {}

    async def greet(self) -> None:
        if self.kept:
            await self.subscribe()
        else:
            await super().greet()

    async def heard(self, frame: Any) -> None:
        match frame:
            case {"action": "subscribe_response", "results": [{"status": "success"}]} if self.kept:
                self.ready()  # what was missed comes next, as if it were said now, or a gap
            case {"action": "gap"}:
                note("the server cannot tell what was missed: reading the history")
                await self.catch_up()
            case {"action": "cursor"}:
                pass
            case _:
                await super().heard(frame)
        for position in frame.get("cursor", "").split("~"):  # only now: it was shown
            if position:
                self.kept[position.partition(".")[0]] = position

    async def say(self, text: str) -> None:
        """Whenever the same text goes again, it goes with the same key."""
        self.key = self.key or str(uuid4())
        frame = {"action": "message", "chat_id": self.chat_id, "text": text}
        await self.send({**frame, "client_key": self.key})

    def sent(self) -> None:
        self.key = ""
        super().sent()


if __name__ == "__main__":
    parser = arguments(__doc__ or "")
    parser.add_argument("chat_id", help="the UUID of a chat you are a member of")
    args = parser.parse_args()
    chat(Resuming(args.chat_id, *common(args)), args.listen)
