"""The lobby dialect: join a room, or make one first, say what is typed.

python lobby.py http://127.0.0.1:8000 TOKEN [ROOM_ID] [--create NAME] [--key]
"""

from typing import Any

from reconnect import Client, StopError, note
from terminal import arguments, chat, common

SLOW_DOWN = 5.0  # seconds after 'rate limit exceeded', which counts the last minute


class Lobby(Client):
    """No history: what was said while we were away is not shown. key: the token is an API key."""

    path = "/ws/chat"
    in_header = True

    def __init__(self, room_id: str | None, create: str, key: bool, *rest: Any) -> None:
        super().__init__(*rest)
        self.room_id, self.create, self.key = room_id, create, key
        self.joined = False

    def credential(self) -> dict[str, str]:
        return {"x-api-key": self.token} if self.key else super().credential()

    async def greet(self) -> None:
        self.joined = False
        if self.room_id is None:
            await self.request("create_room", name=self.create, type="public")
        else:
            await self.request("join_room", room_id=self.room_id)

    async def request(self, type_: str, **data: object) -> None:
        await self.send({"type": type_, "data": data})

    async def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "text" | "system", "user_email": author, "content": text}:
                self.show(f"{author}: {text}")
                if text == self.pending:
                    self.sent()
            case {"type": "room_created", "data": room}:
                self.room_id = room["id"]
                note(f"made the room {self.room_id}")
                await self.request("join_room", room_id=self.room_id)
            case {"type": "join" | "leave", "content": content}:
                note(content)
                self.joined = True  # the first one is our own
                self.ready()
            case {"type": "error", "data": {"message": "rate limit exceeded"}} if self.pending:
                self.too_fast(SLOW_DOWN)
            case {"type": "error", "data": {"message": error}}:
                if not self.joined:
                    raise StopError(f"not joined: {error}")
                self.refused(error)

    async def say(self, text: str) -> None:
        await self.request("send_message", type="text", content=text, room_id=self.room_id)


if __name__ == "__main__":
    parser = arguments(__doc__ or "")
    parser.add_argument("room_id", nargs="?", help="the UUID of a room; without it one is made")
    parser.add_argument("--create", default="A room of the example", metavar="NAME")
    parser.add_argument("--key", action="store_true", help="TOKEN is an API key")
    args = parser.parse_args()
    chat(Lobby(args.room_id, args.create, args.key, *common(args)), args.listen)
