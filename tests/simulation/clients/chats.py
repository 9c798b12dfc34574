"""chats: subscribes to what its person is a member of; answers come in the order of requests."""

from typing import Any

from tests.simulation.clients.base import Bad, Client
from tests.simulation.clients.surroundings import Place


class ChatsClient(Client):
    dialect = "chats"

    def target(self) -> tuple[str, dict[str, str]]:
        return f"/chats/ws?token={self.token}{self.resume}", {}

    def begin(self) -> None:
        me = self.person.user.uuid
        rooms = [place.uuid for place in self.world.places if me in place.members]
        self.requests.append("subscribe")
        self.send({"action": "subscribe", "chat_ids": rooms})

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        self.send({"action": "message", "chat_id": place.uuid, "text": text, **key})

    def heard(self, frame: Any) -> None:
        match frame:
            case {"action": "subscribe_response", "results": results}:
                self.answered("subscribe")
                for result in results:
                    if result["status"] == "success":
                        self.follow(result["chat_id"])
            case {"action": "message_response", "client_key": key}:
                self.sent(key)
            case {"action": "message_response", "status": status}:
                self._answered(status)
            case {"action": "gap", "chat_ids": rooms}:
                self.gap(*rooms)
            case {"from": _, "message": text, "chat_id": room}:
                self._pushed(room, text)

    def _answered(self, status: str) -> None:
        if not self.outstanding:
            self.world.record.blame("one answer", f"{self.name} is answered without a request")
            return
        text = self.outstanding[0]
        if status == "success":
            self.answered(text)
            self.world.record.acknowledge(text)
        else:
            self.requests[:] = self.outstanding
            self.failed(refused=True)

    def _pushed(self, room: str, text: str) -> None:
        name = text.partition(" ")[0]
        if name in self.outstanding and self.is_first_try(name):
            self.world.record.blame("one answer", f"{self.name} hears {name} before its answer")
        if room not in self.views and not self.person.wanders:
            self.world.record.blame(
                "only what is followed", f"{self.name} hears of {room} before it follows"
            )
        self.saw(room, text)

    def garbage(self) -> list[Bad]:
        return [("{", 1007), ("[]", 1007), (b"binary", 1003), ('{"action":"dance"}', None)]
