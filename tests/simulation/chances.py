"""What a seed decides before anything happens: the settings, the weather, what goes wrong."""

from pathlib import Path
from random import Random

from attrs import frozen

from tests.simulation.clients.base import REPLAYED
from tests.simulation.wire import Weather
from trichat.settings import Heartbeat, Limits, Lobby, Presence, Rooms, Server, Settings, Storage


@frozen
class Chances:
    """seconds: how long the clients are lively. crashes, restarts: when, in seconds. disk: phases
    of trouble, each (when, how long, what). troubles: of clients, each (when, which one, what).
    partings: when somebody logs out. dens: when a private room is made that ends. nooks: rooms that
    are made by connecting. moves: whether the wanderer does so in the calm too.
    thin: so little goes over the network at once that who reads at full speed may be too slow.
    """

    grain: float
    weather: Weather
    thin: bool
    people: int
    clients: int
    pause: float
    seconds: float
    crashes: tuple[tuple[float, str], ...]
    restarts: tuple[float, ...]
    disk: tuple[tuple[float, float, str], ...]
    troubles: tuple[tuple[float, int, str], ...]
    torn: bool
    wanderings: tuple[float, ...]
    barrings: tuple[float, ...]
    partings: tuple[float, ...]
    dens: tuple[float, ...]
    nooks: int
    moves: bool


TROUBLES = (
    "stall", "stall", "never reads", "drip", "vanish", "cut", "cut within", "close", "half close",
    "misbehave", "misbehave", "flood", "second tab", "stall in an answer", "stall in an answer",
)  # fmt: skip
CRASHES = ("now", "before a sync", "after a sync")


def chances(random: Random) -> Chances:
    """Of this seed."""
    seconds = random.uniform(4, 8)
    clients = random.randint(24, 30)
    thin = random.random() < 0.4

    def moment() -> float:
        return random.uniform(1.0, seconds)

    crashes = random.choice((0, 1, 1, 2))
    return Chances(
        grain=random.choice((0.005, 0.02, 0.05)),
        weather=Weather(
            delay=random.choice(((0.001, 0.01), (0.001, 0.05), (0.02, 0.2))),
            split=random.choice((0.0, 0.1, 0.5)),
            room=random.choice((1024, 4096, 16_384)) if thin else 65_536,
        ),
        thin=thin,
        people=8,
        clients=clients,
        pause=random.choice((1.0, 2.0, 4.0)),
        seconds=seconds,
        crashes=tuple((moment(), random.choice(CRASHES)) for _ in range(crashes)),
        restarts=tuple(moment() for _ in range(random.choice((0, 0, 1)))),
        disk=tuple(
            (moment(), random.uniform(0.2, 2.0), random.choice(("slow", "full", "failing", "mute")))
            for _ in range(random.choice((0, 1, 2)))
        ),
        troubles=tuple(
            (moment(), random.randrange(clients), random.choice(TROUBLES))
            for _ in range(random.randint(4, 16))
        ),
        torn=random.random() < 0.5,
        wanderings=tuple(moment() for _ in range(random.randint(0, 6))),
        barrings=(moment(),) if random.random() < 0.3 else (),
        partings=tuple(moment() for _ in range(random.randint(0, 3))),
        dens=tuple(moment() for _ in range(random.randint(0, 2))),
        nooks=random.randint(0, 3),
        moves=random.random() < 0.5,
    )


def settings(random: Random, data: Path, *, thin: bool) -> Settings:
    """Small bounds and short times, so that they are reached."""
    ping = random.choice((1.0, 2.0))
    return Settings(
        server=Server(data=data, drain_deadline=random.choice((0.5, 2.0))),
        limits=Limits(
            outbox_bytes=random.choice((4000, 24_000)) if thin else 100_000,
            pipeline=random.choice((1, 4, 64)),
            frame_bytes=8192,
            admissions=random.choice((10, 25, 500)),
            replay=random.choice((3, REPLAYED)),
        ),
        rooms=Rooms(
            history=random.choice((5, 50)),
            idle_unload=random.choice((0.05, 1.0, 60.0)),
            inbox=random.choice((2, 64, 1024)),
            empty_ttl=random.choice((0.5, 60.0)),
        ),
        lobby=Lobby(
            max_messages_per_min=10_000,
            ping_period=ping,
            pong_wait=ping + 1.5,
            write_timeout=2.0,
        ),
        heartbeat=Heartbeat(ping_period=ping, pong_wait=ping + 1.5, write_timeout=2.0),
        presence=Presence(tick=random.choice((0.02, 0.1))),
        storage=Storage(batch=random.choice((1, 8, 512)), readers=2, reserve=0),
    )


LEASE = 6.0  # seconds after which the server holds nobody for present who vanished
