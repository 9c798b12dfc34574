"""What befalls a client and its connection, and what it does wrong itself."""

from tests.simulation import frames
from tests.simulation.clients.base import Client
from tests.simulation.record import Visit
from tests.simulation.wire import Wire

TIGHT = 256  # bytes that the buffers of who reads nothing hold, now and then
SIGN_OF_LIFE = 0.5  # seconds between two


def befall(client: Client, what: str) -> None:
    """One of chances.TROUBLES that need nobody else."""
    match what:
        case "stall":
            stall(client, client.world.random.uniform(0.5, 5.0))
        case "stall in an answer":
            client.ask_for_much()
            stall(client, client.world.random.uniform(0.5, 5.0))
        case "never reads":
            stall(client, None)
        case "drip":
            drip(client)
        case "vanish":
            vanish(client)
        case "cut" | "cut within":
            cut(client, within=what == "cut within")
        case "close" | "half close":
            hang_up(client, half=what == "half close")
        case "misbehave":
            misbehave(client)
        case "flood":
            for _ in range(client.world.random.randint(10, 60)):
                client.speak()


def stall(client: Client, seconds: float | None) -> None:
    """Read nothing for so long; None: for ever."""
    if client.wire is None or client.visit is None:
        return
    _suffer(client)
    wire, random = client.wire, client.world.random
    tight = seconds is None or random.random() < 0.5
    wire.stall(True, TIGHT if tight else None)
    lives = tight and random.random() < 0.7
    client.world.trace.add(client.name, f"stalls for {seconds}{', and says it lives' * lives}")
    if lives:
        _say_it_lives(client, wire, client.world.agenda.now + (seconds or float("inf")))
    if seconds is not None:
        client.world.agenda.after(seconds, wire.stall, False)


def _say_it_lives(client: Client, wire: Wire, until: float) -> None:
    """Its program hangs, and what keeps the connection alive beside it does not."""
    if client.wire is wire and client.open and client.world.agenda.now < until:
        client.write(frames.PONG, b"")
        client.world.agenda.after(SIGN_OF_LIFE, _say_it_lives, client, wire, until)


def drip(client: Client) -> None:
    """Read so slowly that it never ends, but never quite nothing."""
    if client.wire is None or client.visit is None:
        return
    client.world.trace.add(client.name, "reads a byte now and then")
    _suffer(client)
    client.wire.drip()


def _suffer(client: Client) -> None:
    """From now on it may miss what may be dropped, and be put out."""
    assert client.visit is not None
    client.visit.troubled = client.visit.sick = True
    for code in (1001, 1011, 1013, None):
        client.visit.may_end[code] = "it did not read"


def vanish(client: Client) -> None:
    """The cable is pulled; the client knows after a while."""
    if client.wire is None or client.visit is None:
        return
    client.world.trace.add(client.name, "vanishes")
    client.visit.by_us = True
    client.wire.vanish()
    wire, client.wire = client.wire, None
    client.closing = True
    del wire
    client.world.agenda.after(client.world.random.uniform(0.5, 3.0), _forget, client, client.visit)


def _forget(client: Client, visit: Visit) -> None:
    if client.visit is visit:
        client.ended(reset=True)


def cut(client: Client, *, within: bool) -> None:
    """Reset. within: with a frame half out."""
    if client.wire is None or client.visit is None:
        return
    client.world.trace.add(client.name, f"is cut{' within a frame' if within else ''}")
    client.visit.by_us = True
    if within:
        whole = frames.frame(frames.TEXT, b'{"half":"of it"}', client.world.random)
        client.wire.send(whole[: client.world.random.randint(1, len(whole) - 1)])
        client.world.agenda.after(0.05, client.wire.reset)
    else:
        client.wire.reset()


def hang_up(client: Client, *, half: bool) -> None:
    """Close as a browser does; half: end our direction without a close frame."""
    if not client.open or client.visit is None or client.wire is None:
        return
    client.world.trace.add(client.name, "half closes" if half else "closes")
    client.visit.may_end[1000] = "it closed"
    client.visit.may_end[None] = "it closed"
    client.visit.must_end = True
    if half:
        client.wire.half_close()
    else:
        client.closing = True
        client.write(frames.CLOSE, b"\x03\xe8")


def misbehave(client: Client) -> None:
    """Send what is no request."""
    if not client.open or client.visit is None:
        return
    bad, code = client.world.random.choice(client.garbage())
    if client.world.random.random() < 0.3:
        bad, code = b"", 1007
        client.world.trace.add(client.name, "> text that is no UTF-8")
        client.write(frames.TEXT, b"\xff\xfe")
    else:
        client.requests.append("bad")
        client.send(bad)
    if code is not None:
        client.visit.may_end[code] = "it sent what ends a connection"
        client.visit.must_end = True
