"""conversations: follows all its rooms from the start; integer ids."""

from typing import Any

from tests.simulation.clients.base import Bad, Client
from tests.simulation.clients.surroundings import Place


class ConversationsClient(Client):
    dialect = "conversations"
    puts_out = (4001,)

    def target(self) -> tuple[str, dict[str, str]]:
        return f"/ws/chat/?rooms=all&token={self.token}{self.resume}", {}

    def begin(self) -> None:
        self._puzzled = False
        for room in sorted(self._shown):
            self.follow(room)
        self.requests.append("list")
        self.send({"type": "chat.get_conversations"})

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        self.send({"type": "chat.message", "conversation_id": place.id, "content": text, **key})

    def fidget(self) -> None:
        random, places = self.world.random, self.places()
        if not places:
            return
        place = random.choice(places)
        frames = [
            ("", {"type": "chat.read", "conversation_id": place.id}),
            ("messages", {"type": "chat.get_messages", "conversation_id": place.id}),
            ("", {"type": "chat.typing", "receiver_id": place.id, "is_typing": True}),
            ("search", {"type": "chat.search_user", "keyword": "p"}),
        ]
        request, frame = random.choice(frames)
        if request:
            self.requests.append(request)
        else:  # answered only when it fails: whose an error is cannot be told any more
            self._puzzled = True
        self.send(frame)

    def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "chat.conversations", "conversations": listed}:
                self.answered("list")
                for each in listed:
                    room = self._uuid(each["id"])
                    if room is not None and room not in self.views:
                        self.follow(room)
            case {"type": "chat.message", "message": message}:
                room = self._uuid(message["conversation_id"])
                if room is not None:
                    self.saw(room, message["content"])

            case {"type": "chat.gap", "conversation_ids": ids}:
                self.gap(*(room for room in map(self._uuid, ids) if room is not None))
            case {"type": "chat.message_sent", "client_key": key}:
                if not self._puzzled or key.rpartition(" ")[2] in self.outstanding:
                    self.sent(key)
            case {"type": "chat.messages"}:
                self.answered("messages")
            case {"type": "chat.search_results"}:
                self.answered("search")
            case {"type": "error", "message": error}:
                self._error(error)

    def _error(self, error: str) -> None:
        if self._puzzled:
            self.outstanding.clear()
            self._unsure.clear()
            self.requests.clear()
        else:
            self.failed(refused=error == "The request could not be carried out")

    def _uuid(self, room_id: int) -> str | None:
        for place in self.world.places:
            if place.id == room_id:
                return place.uuid
        return None

    def garbage(self) -> list[Bad]:
        return [("{", None), ("[]", None), (b"bin", None)]
