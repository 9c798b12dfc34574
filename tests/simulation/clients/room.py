"""room: one room per connection, with a list of users and history at the beginning."""

from typing import Any

from tests.simulation.clients.base import Bad, Client
from tests.simulation.clients.surroundings import Place


class RoomClient(Client):
    dialect = "room"
    puts_out = (4001,)

    def target(self) -> tuple[str, dict[str, str]]:
        return f"/ws/chat/{self.home.uuid}/?token={self.token}{self.resume}", {}

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        self.send({"message": text, **key})

    def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "room_users_list", "users": users}:
                view = self.follow(self.home.uuid)
                view.whole = True
                view.present = {user["id"]: True for user in users}
                # its own user_join, if there is one, is still to come
                view.present.pop(self.person.user.uuid, None)
            case {"type": "chat_message", "message": text}:
                if self.home.uuid not in self.views:
                    self.world.record.blame(
                        "the order of coming in", f"{self.name} hears a message before the list"
                    )
                self.saw(self.home.uuid, text)
            case {"type": "user_join", "user_id": user}:
                self.came(self.home.uuid, user, here=True)
            case {"type": "user_leave", "user_id": user}:
                self.came(self.home.uuid, user, here=False)
            case {"type": "gap"}:
                self.gap(self.home.uuid)
            case {"type": "message_sent", "client_key": key}:
                self.sent(key)
            case {"error": error}:
                self.failed(refused=error == "The message could not be sent")

    def garbage(self) -> list[Bad]:
        return [("{", None), ('{"message": 7}', None), (b"bin", None)]
