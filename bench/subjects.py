"""What is measured: trichat, and the peers behind the same door."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from attrs import frozen

from bench.audience import Audience
from bench.before import EARLIER
from bench.install import Missing, build, package_version
from bench.peer import Peer, Place
from bench.peers import PEERS
from bench.running import Running, serving
from bench.trichat import MEMORY_STORE, SQLITE


class Subject(Protocol):
    """A server that can be started again and again."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def stores(self) -> bool: ...
    @property
    def note(self) -> str: ...

    def missing(self) -> str:
        """Why it cannot be measured; empty if it can."""

    def version(self, place: Place) -> str:
        """What it is made of."""

    def start(
        self, place: Place, audiences: Sequence[Audience], cpu: int
    ) -> AbstractContextManager[Running]:
        """Serve these audiences. Raises ServerError."""


@frozen
class Measured:
    """A peer that is there, or the reason why it is not."""

    peer: Peer
    reason: str

    @property
    def key(self) -> str:
        return self.peer.key

    @property
    def title(self) -> str:
        return self.peer.title

    @property
    def language(self) -> str:
        return self.peer.language

    @property
    def stores(self) -> bool:
        return self.peer.stores

    @property
    def note(self) -> str:
        return self.peer.note

    def missing(self) -> str:
        return self.reason

    def version(self, place: Place) -> str:
        """Its packages and what its programs say of themselves."""
        said = [f"{name} {package_version(place, name)}" for name in self.peer.pip]
        for command in self.peer.version(place):
            answer = subprocess.run(
                list(command.argv), env={**command.env}, capture_output=True, text=True, check=False
            )
            said.append(next(iter((answer.stdout or answer.stderr).splitlines()), "?"))
        return ", ".join(said)

    @contextmanager
    def start(self, place: Place, audiences: Sequence[Audience], cpu: int) -> Iterator[Running]:
        commands = self.peer.serve(place)
        ports = [*[place.side_port] * (len(commands) - 1), place.port]
        with serving(
            commands, ports, lambda key, seat: self.peer.speech, cpu=cpu, work=place.work
        ) as running:
            yield running


def subjects(place: Place, only: Sequence[str], without: Sequence[str]) -> list[Subject]:
    """trichat first; each peer installed and built, or known to be missing.

    Raises KeyError for a name that nobody has.
    """
    known: Mapping[str, object] = {
        **{subject.key: subject for subject in (SQLITE, MEMORY_STORE, *EARLIER)},
        **{peer.key: peer for peer in PEERS},
    }
    for key in [*only, *without]:
        known[key]
    wanted = [key for key in known if (not only or key in only) and key not in without]
    if only:  # ratios are to trichat
        wanted = list(dict.fromkeys(["trichat", "trichat-memory", *wanted]))
        wanted = [key for key in wanted if key not in without]
    own: Sequence[Subject] = (SQLITE, MEMORY_STORE, *EARLIER)
    found: list[Subject] = [subject for subject in own if subject.key in wanted]
    for peer in PEERS:
        if peer.key in wanted:
            found.append(_prepared(peer, place))
    return found


def _prepared(peer: Peer, place: Place) -> Measured:
    try:
        build(peer, place)
    except Missing as reason:
        return Measured(peer, str(reason))
    return Measured(peer, "")
