"""The world as a client sees it: people, rooms, and what it can ask for."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from tests.simulation.agenda import Agenda
from tests.simulation.record import Record
from tests.simulation.trace import Trace
from tests.simulation.wire import Wire
from trichat.core.model import User
from trichat.runtime.server import Runtime
from trichat.settings import Settings

if TYPE_CHECKING:
    from tests.simulation.clients.base import Client


@frozen(eq=False)
class Person:
    """A user. wanders: comes and goes as a member."""

    user: User
    token: str
    wanders: bool = False


@frozen(eq=False)
class Place:
    """A room as clients know it. private: for members. members: at the beginning."""

    uuid: str
    id: int
    name: str
    private: bool
    members: frozenset[str]
    direct: bool = False


class Surroundings(Protocol):
    """The world as a client sees it."""

    agenda: Agenda
    random: Random
    settings: Settings
    record: Record
    trace: Trace
    places: list[Place]
    lively: bool  # whether clients still connect by themselves
    thin: bool  # whether the network lets little through

    @property
    def draining(self) -> bool:
        """Whether the server ends."""

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong any more."""

    def short_token(self, person: "Person") -> str:
        """One that ends within SHORT seconds."""

    def own_token(self, person: "Person") -> str:
        """A login by itself."""

    def dial(self, client: "Client", target: str, headers: dict[str, str]) -> Wire | None:
        """None: nobody listens."""

    def rest(
        self,
        person: Person,
        call: Callable[[Runtime, User], Awaitable[Any]],
        answered: Callable[[Any], object],
    ) -> bool:
        """A REST call; whether anybody takes it. answered: with what it answers; never after a
        crash.
        """

    def new_text(self) -> str:
        """A name no other message has."""
