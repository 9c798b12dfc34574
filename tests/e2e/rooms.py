"""A room for the programs in examples/, and what they print of it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from attrs import frozen

from tests.e2e.programs import EXAMPLES, Program, interpreter, running
from tests.e2e.users import Person, Users
from tests.rooms import NamedRoom

# A backoff that tests can wait for.
SOON = ("--base", "0.05", "--cap", "0.2")


@frozen
class ProgramsRoom(NamedRoom):
    """address: where the programs find the server."""

    address: str

    def program(
        self,
        dialect: str,
        suffix: str,
        by: Person,
        *options: str,
        room: tuple[str, ...] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[Program]:
        """An example at its terminal. room: the words that name it."""
        named = {"room": self.name, "conversations": str(self.number)}.get(dialect, self.uuid)
        words = [*interpreter(suffix), str(EXAMPLES / f"{dialect}{suffix}")]
        words += [self.address, by.token, *((named,) if room is None else room)]
        return running(*words, *SOON, *options, env=env, terminal=True)


async def open_programs_room(users: Users, *people: Person, private: bool = False) -> ProgramsRoom:
    """One whose members are these people."""
    uuid = await users.channel("hall", *people, private=private)
    return ProgramsRoom(uuid, await users.number(people[0]), "hall", users.address)


def chatter(program: Program) -> list[tuple[str, str]]:
    """Who said what, of all that the program has printed; the lobby shows addresses."""
    lines = [line for line in program.said if not line.startswith("* ")]
    pairs = [line.partition(": ") for line in lines]
    return [(who.removesuffix("@example.com"), text) for who, _, text in pairs]
