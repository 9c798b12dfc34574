"""The channels dialect: join a channel, read what was missed, post over REST what is typed.

python channels.py http://127.0.0.1:8000 TOKEN CHANNEL_ID
"""

from typing import Any

from reconnect import Client, StopError, note
from rest import History, RefusedError, call
from terminal import arguments, chat, common


class Channels(Client):
    """The socket tells of every channel we are a member of; one is shown."""

    path = "/ws"
    recalls = True

    def __init__(self, channel_id: str, *rest: Any) -> None:
        super().__init__(*rest)
        self.channel_id = channel_id
        self.me = ""
        self.joined = False
        self.history = History(self.address, self.token, channel_id)

    async def greet(self) -> None:
        self.joined = False  # connection_established comes first

    async def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "connection_established", "username": me}:
                self.me = me
                await self.send({"type": "join_channel", "channel_id": self.channel_id})
            case {"type": "channel_joined"}:
                self.joined = True
                await self.catch_up()
                self.ready()
            case {"type": "error", "message": message, "details": details}:
                if not self.joined:
                    raise StopError(f"{message}: {details}")
                note(f"{message}: {details}")
            case {"type": "force_disconnect", "reason": reason}:
                note(reason)
            case {"data": {"channel_id": self.channel_id}} | {"channel_id": self.channel_id}:
                self.event(frame)

    def event(self, frame: Any) -> None:
        match frame:
            case {"type": "new_message", "data": message}:
                if self.joined and self.history.see(message):  # earlier ones are in the history
                    self.tell(message)
            case {"type": "message_edited", "data": message}:
                note(f"{message['user']['username']} now says: {message['content']}")
            case {"type": "message_deleted", "deleted_by": name}:
                note(f"{name} took a message away")
            case {"type": "mention_notification", "data": {"from_username": name}}:
                note(f"{name} mentioned you")
            case {"type": "user_joined", "username": name}:
                note(f"{name} joined")
            case {"type": "user_left", "username": name}:
                note(f"{name} left")

    async def catch_up(self) -> None:
        try:
            unseen = await self.history.unseen()
        except RefusedError as error:
            note(f"{error}: only a member may read back and say something")
            return
        for message in unseen:
            self.tell(message)

    def tell(self, message: Any) -> None:
        """Our own is stored: perhaps we hear so before POST is answered, or instead."""
        author, text = message["user"]["username"], message["content"]
        self.show(f"{author}: {text}")
        if author == self.me and text == self.pending:
            self.sent()

    async def say(self, text: str) -> None:
        body = {"channel_id": self.channel_id, "content": text}
        try:
            await call(self.address, self.token, "/messages/", body)
        except RefusedError as error:
            if error.retry_after:
                self.too_fast(error.retry_after)
            else:
                self.refused(str(error))
        else:
            self.sent()


if __name__ == "__main__":
    parser = arguments(__doc__ or "")
    parser.add_argument("channel_id", help="the UUID of a channel you are a member of")
    args = parser.parse_args()
    chat(Channels(args.channel_id, *common(args)), args.listen)
