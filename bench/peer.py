"""What the harness must know of a program that it measures."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs
from attrs import frozen


@frozen
class Place:
    """Where a peer is built and run."""

    # Its folder: bench/peers.
    peers: Path
    # The virtual environment with bench/requirements.txt.
    venv: Path
    # Debian's packages, unpacked as under /.
    debian: Path
    # Kept between runs: what was built.
    built: Path
    # An empty folder for one start of the server.
    work: Path
    # Where the server listens, on 127.0.0.1.
    port: int
    # For a program beside it, such as Redis.
    side_port: int

    @property
    def python(self) -> str:
        """The interpreter that has the Python peers' packages."""
        return str(self.venv / "bin/python")

    def program(self, name: str) -> str:
        """The machine's own, else that of the unpacked packages. Raises FileNotFoundError."""
        path = [self.debian / folder for folder in ("usr/sbin", "usr/bin", "usr/local/bin")]
        own = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
        found = own or shutil.which(name, path=":".join(map(str, [self.venv / "bin", *path])))
        if found is None:
            raise FileNotFoundError(name)
        return found


@frozen
class Command:
    """A process: its arguments, and what it finds in its environment beside PATH and HOME."""

    argv: Sequence[str]
    env: Mapping[str, str] = attrs.field(factory=dict)
    # None is the place's `work`.
    cwd: Path | None = None


@frozen
class Seat:
    """One connection of the load, by numbers from 0."""

    user: int
    room: int


def _path(seat: Seat) -> str:
    return f"/ws/{seat.room:04d}"


def _silence(seat: Seat) -> Sequence[bytes]:
    return ()


def _as_it_is(seat: Seat, payload: bytes) -> bytes:
    return payload


@frozen
class Speech:
    """How a client talks to a server. What is left out suits the programs of our own."""

    # Target of the upgrade request.
    path: Callable[[Seat], str] = _path
    # Further header lines of the request.
    headers: Callable[[Seat], Mapping[str, str]] = lambda seat: {}
    # Asked for in the request; empty for none.
    subprotocol: str = ""
    # Whether the client's frames are binary.
    binary: bool = False
    # Frames that the client sends once it is connected.
    hello: Callable[[Seat], Sequence[bytes]] = _silence
    # Frames that must have come before the connection counts as ready, and what each of them holds.
    awaited: int = 0
    word: bytes = b""
    # What a frame holds that answers a message of one's own; empty where there are no answers.
    answer: bytes = b""
    # The frame that carries `payload`, and holds it unchanged: a marker stands in it.
    message: Callable[[Seat, bytes], bytes] = _as_it_is


def _nothing(place: Place) -> Sequence[Command]:
    return ()


@frozen
class Peer:
    """A program to be measured."""

    # As in --only.
    key: str
    # As in the report.
    title: str
    language: str
    # Processes of the server, all in one group that is measured as a whole. The last one listens
    # on `place.port`; each one before it on `place.side_port`. They end on SIGTERM.
    serve: Callable[[Place], Sequence[Command]]
    # Whether a message is on disk before it is forwarded.
    stores: bool = False
    # Run once, before anything is measured. A failure makes the peer a missing one.
    build: Callable[[Place], Sequence[Command]] = _nothing
    # First lines of output that tell versions.
    version: Callable[[Place], Sequence[Command]] = _nothing
    # Packages of bench/requirements.txt whose versions the report names.
    pip: tuple[str, ...] = ()
    # Programs that must be there, and the Debian packages, all of them, that bring them.
    programs: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()
    speech: Speech = Speech()
    # A line for the report: what it does and does not do.
    note: str = ""
