"""lobby: enters one room at a time, by a request."""

from typing import Any

from tests.simulation.clients.base import Bad, Client
from tests.simulation.clients.surroundings import Place
from tests.simulation.record import Said

SYSTEM = {"p0", "p1", "p2"}  # an administrator, and the owners of the rooms


class LobbyClient(Client):
    dialect = "lobby"

    def target(self) -> tuple[str, dict[str, str]]:
        return f"/ws/chat?{self.resume}", {"authorization": f"Bearer {self.token}"}

    def begin(self) -> None:
        self._join(self.home)

    def _join(self, place: Place) -> None:
        self.requests.append("join")
        self.send({"type": "join_room", "data": {"room_id": place.uuid}})

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        data = {"type": "text", "content": text, "room_id": place.uuid, **key}
        self.send({"type": "send_message", "data": data})

    def fidget(self) -> None:
        if "join" in self.requests:  # what it says again would come when it is elsewhere
            return
        random = self.world.random
        me = self.person.user.uuid
        match random.randrange(4):
            case 0:
                self._join(
                    random.choice(
                        [
                            place
                            for place in self.world.places
                            if not place.direct and (not place.private or me in place.members)
                        ]
                    )
                )
            case 1:
                self.send({"type": "leave_room"})
            case 2:
                self._speak_as_system()
            case 3:
                self.ask_for_much()

    def ask_for_much(self) -> None:
        self.requests.append("list")
        self.send({"type": "list_rooms", "data": {}})

    def _speak_as_system(self) -> None:
        """Which only an owner and an administrator may."""
        places = self.places()
        if places:
            text = self.world.new_text()
            said = Said(text, places[0].uuid, self.person.user.uuid, self.world.agenda.now)
            self.world.record.said[text] = said
            self.requests.append(text)
            data = {"type": "system", "content": text, "room_id": places[0].uuid}
            self.send({"type": "send_message", "data": data})

    def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "join", "room_id": room, "user_uuid": user}:
                self._joined(room, user)
            case {"type": "leave", "room_id": room, "user_uuid": user}:
                self._left(room, user)
            case {"type": "text" | "system" as kind, "room_id": room, "content": text}:
                if kind == "system" and frame["user_email"][:2] not in SYSTEM:
                    self.world.record.blame(
                        "the system's words are an owner's", f"{self.name} hears {frame}"
                    )
                if room not in self.views:
                    self.world.record.blame(
                        "only what is followed", f"{self.name} hears of {room}, where it is not"
                    )
                self.saw(room, text)
            case {"type": "gap", "data": {"room_ids": rooms}}:
                self.gap(*rooms)
            case {"type": "message_sent", "data": {"client_key": key}}:
                self.sent(key)
            case {"type": "rooms_list", "data": rooms}:
                self.answered("list")
                self._listed([room["id"] for room in rooms])
            case {"type": "error"}:
                self.failed(refused=True)

    def _listed(self, rooms: list[str]) -> None:
        """Every room that may be entered, once."""
        me, wanders = self.person.user.uuid, self.person.wanders
        due = {
            place.uuid
            for place in self.world.places
            if not place.direct and (not place.private or (me in place.members and not wanders))
        }
        if len(set(rooms)) < len(rooms) or not due <= set(rooms):
            self.world.record.blame("a list is whole", f"{self.name} is told of {rooms}")

    def _joined(self, room: str, user: str) -> None:
        if user == self.person.user.uuid and room not in self.views:
            self.answered("join")
            self.follow(room)
            return
        self.came(room, user, here=True)

    def _left(self, room: str, user: str) -> None:
        if user == self.person.user.uuid:
            self.unfollow(room)
            return
        self.came(room, user, here=False)

    def garbage(self) -> list[Bad]:
        return [("{", None), ("[]", None), (b"bin", None), ('{"type":"join_room","data":{}}', None)]
