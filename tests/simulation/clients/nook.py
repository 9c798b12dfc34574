"""room, by a name: what nobody has said anything in is forgotten while nobody is there, and made
again by whoever comes; a room that has ended is made by nobody.
"""

from tests.simulation.clients.room import RoomClient
from tests.simulation.clients.surroundings import Person, Place, Surroundings
from tests.simulation.record import View, Visit
from trichat.dialects.disconnects import DisconnectReason

LATE = 2.0  # seconds in which what was tried before the calm is told
STAYS_AWAY = 4.0  # seconds at most: longer than an empty room is kept
SPEAKS = 0.5  # how often it says something when it could


def nook(name: str) -> Place:
    """A room by its name alone."""
    return Place(name, 0, name, private=False, members=frozenset())


class NookClient(RoomClient):
    """Comes and goes, and often says nothing."""

    def __init__(self, world: Surroundings, number: int, person: Person, place: Place) -> None:
        super().__init__(world, number, person, place)
        self.name = f"nook-{number}"

    due = frozenset({DisconnectReason.NOT_STORED.reason})  # why it may be turned away

    def begin(self) -> None:
        assert self.visit is not None
        if self.world.agenda.now < self.world.record.calmed + LATE:
            self.visit.may_end[DisconnectReason.NOT_STORED.code] = (
                "the disk would not have its room"
            )

    def places(self) -> list[Place]:
        return [self.home] if self.home.uuid in self.views else []

    def speak(self) -> None:
        if not self.world.lively or self.world.random.random() < SPEAKS:
            super().speak()

    def fidget(self) -> None:
        """Go away, and come again later."""
        if self.wire is not None and self.visit is not None:
            self.visit.by_us = True
            self.world.trace.add(self.name, "goes away")
            self.wire.reset()

    def _again(self) -> None:
        self.world.agenda.after(self.world.random.uniform(0.1, STAYS_AWAY), self.connect)

    def _closed(self, visit: Visit, code: int, payload: bytes) -> None:
        super()._closed(visit, code, payload)
        if code == DisconnectReason.NO_ROOM.code and visit.reason not in self.due:
            self.world.record.blame(
                "a room by its name", f"{self.name} is told of {self.home.name}: {visit.reason}"
            )


class LateClient(NookClient):
    """Comes to where a room has ended."""

    due = NookClient.due | {DisconnectReason.ROOM_ENDED.reason}

    def begin(self) -> None:
        assert self.visit is not None
        self.visit.may_end[DisconnectReason.ROOM_ENDED.code] = "the room has ended"

    def follow(self, room: str) -> View:
        self.world.record.blame("what has ended is over", f"{self.name} came into {room}")
        return super().follow(room)
