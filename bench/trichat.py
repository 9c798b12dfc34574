"""trichat as its users start it: `trichat serve` with a file of settings."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from attrs import frozen

from bench import dialects, seeding
from bench.audience import Audience
from bench.peer import Command, Place, Seat, Speech
from bench.running import Running, serving
from bench.seeding import Stock, World
from trichat.auth.tokens import Tokens

ROOT = Path(__file__).parent.parent

# Of servers that live for seconds, on loopback.
SECRET = "bench-2f6e1c0b9d8a7a65-4433-9f27"

CONFIG = f"""\
[server]
backlog = 4096
[auth]
secret = "{SECRET}"
token_lifetime = "24h"
[limits]
connections = 20000
frames_per_second = 1000000
[lobby]
max_messages_per_min = 1000000000
default_max_users = 1000
[log]
level = "warning"
"""

MEMORY = """\
[storage]
memory = true
"""


@frozen
class Trichat:
    """A subject beside the peers. What it stores decides the row: SQLite or memory."""

    key: str
    title: str
    stores: bool
    config: str = CONFIG
    language: str = "Python, Trio"
    note: str = "authenticates, orders and stores every message"

    def missing(self) -> str:
        """Why it cannot be measured; empty if it can."""
        return ""

    def version(self, place: Place) -> str:
        """Of the interpreter: trichat is what stands in this repository."""
        return f"this repository, Python {sys.version.split()[0]}"

    @contextmanager
    def start(
        self,
        place: Place,
        audiences: Sequence[Audience],
        cpu: int,
        stock: Stock = Stock(),  # noqa: B008
    ) -> Iterator[Running]:
        """Serve with these audiences seeded. Raises ServerError."""
        data = place.work / "data"
        data.mkdir()
        source = seeding.seeded(place.built / "seeds", audiences, stock)
        seeding.copy(source, data / "trichat.db")
        config = place.work / "trichat.toml"
        config.write_text(self.config)
        world = seeding.read(source, audiences)
        command = self._command(config, data, place.port)
        speech = speeches(world, audiences)
        with serving([command], [place.port], speech, cpu=cpu, work=place.work) as running:
            yield running

    def _command(self, config: Path, data: Path, port: int) -> Command:
        argv = [sys.executable, "-m", "trichat", "serve", "--config", str(config)]
        argv += ["--data", str(data), "--port", str(port)]
        return Command(argv, {"PYTHONPATH": str(ROOT / "src")})


SQLITE = Trichat("trichat", "trichat, SQLite", stores=True)
MEMORY_STORE = Trichat(
    "trichat-memory",
    "trichat, memory",
    stores=False,
    config=CONFIG + MEMORY,
    note="authenticates and orders every message",
)


def speeches(world: World, audiences: Sequence[Audience]) -> Callable[[str, Seat], Speech]:
    """How each seat talks, in its dialect, with a token of its own."""
    by_key = {audience.key: audience for audience in audiences}
    tokens = Tokens(SECRET.encode(), lifetime=86_400)

    @cache
    def token(user: int) -> str:
        person = world.people[user]
        return tokens.issue(person.uuid, person.id, person.name)

    def speech(key: str, seat: Seat) -> Speech:
        room = world.rooms[key][seat.room]
        dialect = by_key[key].dialect(seat)
        return dialects.SPEECHES[dialect](room, token(seat.user))

    return speech
