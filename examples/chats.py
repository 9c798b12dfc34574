"""The chats dialect: subscribe to a chat, read what was missed, say what is typed.

python chats.py http://127.0.0.1:8000 TOKEN CHAT_ID
"""

from collections import deque
from typing import Any

from reconnect import Client, StopError, note
from rest import History, RefusedError, call
from terminal import arguments, chat, common

RESYNC = 500  # pushes after which the history is asked where we are


class Chats(Client):
    """Pushes have no id: what was shown of them is matched with the history, in its order."""

    path = "/chats/ws"
    recalls = True

    def __init__(self, chat_id: str, *rest: Any) -> None:
        super().__init__(*rest)
        self.chat_id = chat_id
        self.me = ""
        self.history = History(self.address, self.token, chat_id)
        self.pushed: deque[tuple[str, str]] = deque()  # shown, and not yet found in the history
        self.ahead: deque[tuple[str, str]] = deque()  # of the history; may be pushed yet

    async def greet(self) -> None:
        if not self.me:
            self.me = (await call(self.address, self.token, "/auth/me"))["username"]
        await self.catch_up()  # nothing of this comes as a push
        self.ahead.clear()
        await self.subscribe()

    async def subscribe(self) -> None:
        await self.send({"action": "subscribe", "chat_ids": [self.chat_id]})

    async def heard(self, frame: Any) -> None:
        match frame:
            case {"from": author, "message": text}:
                await self.live(author, text)
            case {"action": "message_response", "status": "success"}:
                self.sent()
            case {"action": "subscribe_response", "results": [{"status": "success"}]}:
                await self.catch_up()  # said while we subscribed
                self.ready()
            case {"action": "subscribe_response"}:
                raise StopError(f"no access to the chat {self.chat_id}")
            case {"error": error}:
                self.refused(error)

    async def live(self, author: str, text: str) -> None:
        said = author, text
        if said in self.ahead:
            while self.ahead.popleft() != said:
                pass
            return
        self.ahead.clear()
        self.pushed.append(said)
        self.show(f"{author}: {text}")
        if len(self.pushed) >= RESYNC:
            await self.catch_up()

    async def catch_up(self) -> None:
        try:
            unseen = await self.history.unseen() if self.recalls else []
        except RefusedError as error:
            note(f"no history of this chat: {error}")
            self.recalls = False
            return
        for message in unseen:
            said = author, text = message["user"]["username"], message["content"]
            if said in self.pushed:
                while self.pushed.popleft() != said:
                    pass
                continue
            self.ahead.append(said)
            self.show(f"{author}: {text}")
            if author == self.me:
                self.recall(text)
        self.pushed.clear()

    async def say(self, text: str) -> None:
        await self.send({"action": "message", "chat_id": self.chat_id, "text": text})


if __name__ == "__main__":
    parser = arguments(__doc__ or "")
    parser.add_argument("chat_id", help="the UUID of a chat you are a member of")
    args = parser.parse_args()
    chat(Chats(args.chat_id, *common(args)), args.listen)
