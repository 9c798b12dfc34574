"""Private rooms that end: two come together, say something, and leave; then nothing is there."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.simulation.clients.nook import LateClient, nook
from tests.simulation.record import Said
from trichat.core.model import User
from trichat.core.refusals import Refusal
from trichat.runtime.server import Runtime
from trichat.web.rest.channels import Channels, NewChannel, WhichUser
from trichat.web.rest.messages import Messages, NewMessage

if TYPE_CHECKING:
    from tests.simulation.world import World

MAKER, OTHER, STRANGER = 1, 2, 0  # of the world's people
PAUSE = 0.3  # seconds between two steps, at most


class Den:
    """One such room. A step that is refused, or never answered as the server ends, is its last."""

    def __init__(self, world: "World", name: str) -> None:
        self._world = world
        self._name = name
        self._uuid = ""
        self._left = 0

    def begin(self) -> None:
        """Its maker makes it."""

        async def make(runtime: Runtime, me: User) -> Any:
            return await Channels(runtime).create(me, NewChannel(self._name, is_private=True))

        self._ask(MAKER, "makes", make, self._made)

    def _ask(
        self,
        who: int,
        what: str,
        call: Callable[[Runtime, User], Awaitable[Any]],
        then: Callable[[Any], None],
    ) -> None:
        world, person = self._world, self._world.people[who]

        def answered(answer: Any) -> None:
            world.trace.add(person.user.username, f"{what} {self._name}: {answer}")
            if not isinstance(answer, Refusal):
                world.agenda.after(world.random.uniform(0, PAUSE), then, answer)

        world.rest(person, call, answered)

    def _made(self, answer: Any) -> None:
        self._uuid = answer["id"]
        other = self._world.people[OTHER].user.uuid

        async def add(runtime: Runtime, me: User) -> Any:
            return await Channels(runtime).add_user(me, self._uuid, WhichUser(other))

        self._ask(MAKER, "adds another to", add, self._together)

    def _together(self, answer: Any) -> None:
        """Both say something, and go at about the same time."""
        for who in (MAKER, OTHER):
            self._say(who)
            self._world.agenda.after(self._world.random.uniform(0, PAUSE), self._leave, who)

    def _say(self, who: int) -> None:
        world, text = self._world, self._world.new_text()
        user = world.people[who].user.uuid
        world.record.said[text] = Said(text, self._uuid, user, world.agenda.now)

        async def say(runtime: Runtime, me: User) -> Any:
            return await Messages(runtime).say(me, NewMessage(text, self._uuid), None)

        def said(answer: Any) -> None:
            world.record.acknowledge(text)

        self._ask(who, f"says {text} in", say, said)

    def _leave(self, who: int) -> None:
        async def leave(runtime: Runtime, me: User) -> Any:
            return await Channels(runtime).leave(me, self._uuid)

        self._ask(who, "leaves", leave, self._gone)

    def _gone(self, answer: Any) -> None:
        self._left += 1
        if self._left == 2:
            self._world.trace.add("world", f"{self._name} has ended")
            self._come_late()
            for who in (MAKER, OTHER, STRANGER):
                self._try_to_speak(who)

    def _come_late(self) -> None:
        self._world.add_client(LateClient, self._world.people[STRANGER], nook(self._name))
        self._world.add_client(LateClient, self._world.people[MAKER], nook(self._name))

    def _try_to_speak(self, who: int) -> None:
        """Their message is none that anybody sent: it must not be stored either."""

        async def say(runtime: Runtime, me: User) -> Any:
            return await Messages(runtime).say(me, NewMessage("too late", self._uuid), None)

        def said(answer: Any) -> None:
            self._world.record.blame("what has ended is over", f"{who} said something there")

        self._ask(who, "speaks late in", say, said)
