"""The conversations dialect: read a conversation, say what is typed.

python conversations.py http://127.0.0.1:8000 TOKEN (CONVERSATION_ID | --with USER_ID)
"""

from typing import Any

from reconnect import Client, StopError
from rest import call
from terminal import arguments, chat, common

PAGE = 100


class Conversations(Client):
    """Ids of messages rise: what is above the last one shown was missed."""

    path = "/ws/chat/"
    query = {"rooms": "all"}  # noqa: RUF012 - groups too, and not the rooms of two alone
    codes = {4001: "the token is wrong or has expired, or the account is suspended"}  # noqa: RUF012
    recalls = True

    def __init__(self, conversation: int | None, receiver: int | None, *rest: Any) -> None:
        super().__init__(*rest)
        self.conversation, self.receiver = conversation, receiver
        self.me, self.read = "", False
        self.last: int | None = None
        self.missed: list[Any] = []  # of the history
        self.held: list[Any] = []  # pushed before we had it all

    async def greet(self) -> None:
        self.read, self.missed, self.held = False, [], []
        if not self.me:
            self.me = (await call(self.address, self.token, "/auth/me"))["username"]
        if self.conversation is None:
            await self.request("start_conversation", receiver_id=self.receiver)
        else:
            await self.read_back()

    async def request(self, what: str, **fields: object) -> None:
        await self.send({"type": f"chat.{what}", **fields})

    async def read_back(self, **before: int) -> None:
        """The newest messages, or those before an id. (limit and before_id are trichat's own.)"""
        before |= {"limit": 20 if self.last is None else PAGE}
        await self.request("get_messages", conversation_id=self.conversation, **before)

    async def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "chat.conversation_started", "conversation": {"id": int(number)}}:
                self.conversation = number
                await self.read_back()
            case {"type": "chat.messages", "messages": page}:
                await self.caught_up(page)
            case {"type": "chat.message", "message": {"conversation_id": self.conversation}}:
                await self.live(frame["message"])
            case {"type": "error", "message": error}:
                if not self.read:
                    raise StopError(error)
                self.refused(error)

    async def caught_up(self, page: list[Any]) -> None:
        self.missed = page + self.missed
        if self.last is not None and len(page) == PAGE and page[0]["id"] > self.last:
            await self.read_back(before_id=page[0]["id"])
        else:
            for message in self.missed + self.held:
                if self.tell(message):
                    self.recall(message["content"])
            self.last, self.read = self.last or 0, True
            await self.request("read", conversation_id=self.conversation)
            self.ready()

    async def live(self, message: Any) -> None:
        if not self.read:
            self.held.append(message)
        elif not self.tell(message):
            await self.request("read", conversation_id=self.conversation)
        elif message["content"] == self.pending:
            self.sent()

    def tell(self, message: Any) -> bool:
        """Show it, once. Whether it is our own."""
        if message["id"] <= (self.last or 0):
            return False
        self.last = message["id"]
        self.show(f"{message['sender']['username']}: {message['content']}")
        return bool(message["sender"]["username"] == self.me)

    async def say(self, text: str) -> None:
        await self.request("message", conversation_id=self.conversation, content=text)


if __name__ == "__main__":
    parser = arguments(__doc__ or "")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("conversation", type=int, nargs="?", help="its number")
    group.add_argument("--with", type=int, dest="receiver", metavar="USER_ID")
    args = parser.parse_args()
    chat(Conversations(args.conversation, args.receiver, *common(args)), args.listen)
