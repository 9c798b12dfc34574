"""`python -m bench.peers.smoke [KEY …]`: does each peer do what the benchmark asks of it?

Two clients in a room and one next door: each of the two hears what either says, once, unchanged and
in order, and next door hears nothing. A peer that this machine cannot have is named, with the
reason; what Debian could bring is named in one line. It ends with 1 if a peer that is there fails.
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.install import Missing, build
from bench.peer import Peer, Place, Seat
from bench.peers import PEERS
from bench.peers.visitor import Visitor
from bench.running import ServerError, free_port, serving

BENCH = Path(__file__).parent.parent
CACHE = BENCH / ".cache"
ROUNDS = 5


def main(keys: Sequence[str]) -> int:
    """How the process ends."""
    unknown = set(keys) - {peer.key for peer in PEERS}
    if unknown:
        print("no such peer:", *sorted(unknown))
        return 2
    failed, packages = False, set[str]()
    for peer in PEERS:
        if keys and peer.key not in keys:
            continue
        with TemporaryDirectory(prefix="peer-") as work:
            place = _place(Path(work))
            try:
                build(peer, place)
                check(peer, place)
            except Missing as reason:
                print(f"{peer.key}: missing: {reason}")
                packages.update(peer.debian if shutil.which("apt-get") else ())
            except (ServerError, OSError, AssertionError) as error:
                print(f"{peer.key}: FAILED: {type(error).__name__}: {error}")
                failed = True
            else:
                print(f"{peer.key}: well")
    if packages:
        print("apt-get install", *sorted(packages))
    return int(failed)


def _place(work: Path) -> Place:
    place = Place(
        peers=BENCH / "peers",
        venv=BENCH / ".venv",
        debian=CACHE / "debian",
        built=CACHE / "built",
        work=work,
        port=free_port(),
        side_port=free_port(),
    )
    place.built.mkdir(parents=True, exist_ok=True)
    return place


def check(peer: Peer, place: Place) -> None:
    """Raises AssertionError if it is not as it should be, OSError if a client waits in vain."""
    commands = peer.serve(place)
    ports = [*[place.side_port] * (len(commands) - 1), place.port]
    with serving(commands, ports, lambda key, seat: peer.speech, cpu=0, work=place.work):
        seats = [Seat(user=0, room=0), Seat(user=1, room=0), Seat(user=2, room=1)]
        visitors = [Visitor(place.port, peer.speech, seat) for seat in seats]
        here, there, next_door = visitors
        said = [f"<{place.port} {turn} grüßt>".encode() for turn in range(ROUNDS)]
        for turn, text in enumerate(said):
            visitors[turn % 2].say(text)
            for visitor in (here, there):
                visitor.hear(text)
        # Next door comes last: had they heard any of it, it would stand before their own.
        own = b"<next door>"
        next_door.say(own)
        next_door.hear(own)
        for visitor in (here, there):
            assert [visitor.heard.count(text) for text in said] == [1] * ROUNDS, "said once"
            at = [visitor.heard.index(text) for text in said]
            assert at == sorted(at), "in order"
            assert own not in visitor.heard, "heard through the wall"
        assert not any(text in next_door.heard for text in said), "heard through the wall"
        for visitor in visitors:
            visitor.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
