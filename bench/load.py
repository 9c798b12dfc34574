"""One run of the client, as a workload asks for it."""

from collections.abc import Callable, Generator, Sequence

from attrs import frozen

from bench.audience import SIZE, Audience
from bench.client import Outcome


@frozen
class Profile:
    """How long and how much: the measured seconds of a load, and how often each is repeated."""

    seconds: float = 1.0
    warm: float = 0.3
    rounds: int = 3
    # Share of the connections and rows of the largest workloads.
    scale: float = 1.0


@frozen
class Load:
    """It is measured with every subject that its workload is for."""

    # As in the report: A100 W1.
    row: str
    audience: Audience
    # window, each, rate or idle: what bench/client does.
    mode: str = "window"
    window: int = 1
    rate: float = 0
    size: int = SIZE
    # Seconds before what is measured, where the profile's will not do.
    warm: float | None = None
    settle: float = 0.2
    # The measured seconds, in place of the profile's.
    seconds: float | None = None

    def options(self, profile: Profile) -> dict[str, object]:
        """For the client."""
        return {
            "mode": self.mode,
            "window": self.window,
            "rate": self.rate,
            "settle": self.settle,
            "warm": profile.warm if self.warm is None else self.warm,
            "time": self.seconds or profile.seconds,
        }


# Loads one after another; what came of each is sent back, None where it failed.
Loads = Generator[Load, Outcome | None, None]


@frozen
class Workload:
    """What is asked of every subject, on one start of its server."""

    letter: str
    title: str
    audiences: Callable[[Profile], Sequence[Audience]]
    loads: Callable[[Profile], Loads]
    # Keys of the subjects it is for; empty is all of them.
    only: Sequence[str] = ()
    # Loads in it, for the estimate of time.
    count: int = 1
    # Whether it needs a start of its own: memory that others used is not given back.
    alone: bool = False

    def suits(self, key: str) -> bool:
        return not self.only or key in self.only
