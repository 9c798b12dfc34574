"""channels: hears over its socket, speaks over REST."""

from typing import Any

from tests.simulation.clients import changes
from tests.simulation.clients.base import Bad, Client
from tests.simulation.clients.surroundings import Place
from tests.simulation.record import deleted, edited, reaction
from trichat.core.model import User
from trichat.core.refusals import Failed, Refusal
from trichat.runtime.server import Runtime
from trichat.web.rest.messages import Messages, NewMessage


class ChannelsClient(Client):
    dialect = "channels"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.online: dict[str, bool] = {}
        self.edges: list[tuple[float, str, bool]] = []  # when who came online or went, as told
        self.typists: set[tuple[str, str]] = set()  # channels and users

    def padding(self) -> str:
        """Now and then so much that the frame is longer than what may wait of others."""
        return changes.long(self.world.random) or super().padding()

    def target(self) -> tuple[str, dict[str, str]]:
        return f"/ws?token={self.token}{self.resume}", {}

    def say(self, place: Place, text: str, key: dict[str, str]) -> None:
        record, name = self.world.record, text.partition(" ")[0]
        wanted = key.get("client_key")

        async def post(runtime: Runtime, me: User) -> Any:
            return await Messages(runtime).say(me, NewMessage(text, place.uuid), wanted)

        def answered(answer: Any) -> None:
            self.answered(name)
            if isinstance(answer, Failed):
                self.refused(name)
            self._unsure.pop(name, None)
            if not isinstance(answer, Refusal):
                record.acknowledge(name)
                record.names[answer["id"]] = name

        self.world.trace.add(self.name, f"posts {name} in {place.name}")
        self.world.rest(self.person, post, answered)

    def fidget(self) -> None:
        random, places = self.world.random, self.places()
        if not places:
            return
        if random.random() < 0.6:
            changes.change(self)
            return
        if random.random() < 0.3:
            self.ask_for_much()
            return
        room = random.choice(places).uuid
        frames: list[dict[str, Any]] = [
            {"type": "typing_indicator", "channel_id": room, "is_typing": random.random() < 0.5},
            {"type": "ping"},
            {"type": "join_channel", "channel_id": room},
        ]
        frame = random.choice(frames)
        if frame["type"] == "join_channel" and self.visit is not None:
            self.visit.entered.add(room)
        self.send(frame)

    def ask_for_much(self) -> None:
        for place in self.places()[:3]:
            self.requests.append("online")
            self.send({"type": "get_online_users", "channel_id": place.uuid})

    def heard(self, frame: Any) -> None:
        match frame:
            case {"type": "online_users", "users": users}:
                self._online(users)
            case {"type": "error", "error_code": _} if self.person.wanders:
                self.answered("online")
            case {"type": "connection_established"}:
                self.online, self.edges, self.typists = {}, [], set()
                me = self.person.user.uuid
                for place in self.world.places:
                    if me in place.members and not place.direct and not self.person.wanders:
                        self.follow(place.uuid)
            case {"type": "new_message", "data": {"channelId": room, "content": text}}:
                self.saw(room, text)
            case {"type": "message_edited", "data": {"id": message, "channelId": room}}:
                self.learned(room, edited(message))
            case {"type": "message_deleted", "message_id": message, "channel_id": room}:
                self.learned(room, deleted(message))
            case {"type": "message_reaction", "data": {"emoji": emoji, "action": action}}:
                what = reaction(emoji, comes=action == "add")
                self.learned(self.world.record.changes[what].room, what)
            case {"type": "gap", "channel_ids": rooms}:
                self.unknown(frame)
                self.gap(*rooms)
            case {"type": "user_status", "user_id": user, "status": status}:
                self._status(user, status == "online")
            case {"type": "user_left" | "user_joined", "user_id": user, "channel_id": room}:
                if any(place.uuid == room for place in self.world.places):
                    self.online.pop(user, None)  # with no room in common there are no edges
            case {"type": "typing_indicator", "channel_id": room, "user_id": user, "is_typing": on}:
                (self.typists.add if on else self.typists.discard)((room, user))

    def _online(self, users: list[str]) -> None:
        """Everyone once, and who asks among them."""
        self.answered("online")
        is_there = self.person.wanders or self.person.user.uuid in users
        if len(set(users)) < len(users) or not is_there:
            self.world.record.blame("a list is whole", f"{self.name} is told of {users} online")

    def _status(self, user: str, online: bool) -> None:
        """Each telling is an edge."""
        known = self.online.get(user)
        if known is online and self.visit is not None and not self.visit.troubled:
            self.world.record.blame(
                "an edge per user", f"{self.name} hears twice that {user} is online={online}"
            )
        self.online[user] = online
        self.edges.append((self.world.agenda.now, user, online))

    def garbage(self) -> list[Bad]:
        return [("{", None), ('{"type":"new_message"}', None)]
