"""In the calm somebody goes away with all that is theirs, and comes back: others are notified."""

from typing import TYPE_CHECKING

from attrs import define

from tests.simulation import trouble
from tests.simulation.clients.channels import ChannelsClient

if TYPE_CHECKING:
    from tests.simulation.world import World

# Seconds from the calm on: when they go, when they must be gone for the server too, and come back.
GOES, GONE, BACK = 2.2, 3.5, 4.0
# Seconds for which they have been there, so that nobody is still to be told that they came.
SETTLED = 3.0


@define(eq=False, init=False)
class Outing:
    """user: who; "" where it told nothing, as a connection of theirs was still held."""

    world: "World"
    user: str
    left: float

    def __init__(self, world: "World") -> None:
        self.world, self.user, self.left = world, "", 0.0
        world.agenda.after(GOES, self._go)
        world.agenda.after(GONE, self._is_gone)
        world.agenda.after(BACK, self._come_back)

    @property
    def _hall(self) -> frozenset[str]:
        return self.world.places[0].members - self.world.record.suspended.keys()

    def _go(self) -> None:
        world = self.world
        there = sorted(
            {
                client.person.user.uuid
                for client in world.clients
                if client.open
                and client.visit is not None
                and client.visit.let_in < world.agenda.now - SETTLED
                and not client.visit.troubled  # it may be ended for that any moment
                and not client.person.wanders
            }
            & self._hall
        )
        if there:
            self.user, self.left = world.random.choice(there), world.agenda.now
            world.trace.add("world", f"{self.user} goes out")
        for client in world.clients:
            if client.person.user.uuid == self.user:
                client.away = True
                trouble.cut(client, within=False)

    def _is_gone(self) -> None:
        if any(visit.user == self.user and visit.held() for visit in self.world.record.visits):
            self.user = ""

    def _come_back(self) -> None:
        for client in self.world.clients:
            if client.away:
                client.away = False
                client.connect()

    def look(self) -> None:
        """What was told of them since they went."""
        world = self.world
        is_back = any(
            client.open and client.person.user.uuid == self.user for client in world.clients
        )
        for client in world.clients:
            visit = client.visit
            if (
                not self.user
                or not isinstance(client, ChannelsClient)
                or not client.open
                or visit is None
                or visit.troubled
                or visit.let_in > self.left - 2.0
                or client.person.wanders
                or client.person.user.uuid not in self._hall - {self.user}
            ):
                continue
            told = [on for at, user, on in client.edges if user == self.user and at > self.left]
            due = [False, True][: 1 + is_back]
            if told[-len(due) :] != due:  # an edge of before may be told late
                world.record.blame(
                    "presence as it was told",
                    f"{client.name} was told {told} of {self.user}, who went at {self.left:.3f}"
                    f"{' and came back' if is_back else ''}",
                )
