"""Play one seed: the world in its own Trio run, then the invariants."""

import gc
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import trio
from attrs import frozen
from trio.testing import MockClock

from tests.simulation import seams, truth
from tests.simulation.invariants import INVARIANTS
from tests.simulation.trace import Trace
from tests.simulation.world import World

MEMORY = Path("/dev/shm")  # where there is one, files cost nothing
COLLECT = 10  # seeds between two collections
MOST_ROUNDS = 20_000  # of the scheduler at one moment
LONGEST = 600.0  # simulated seconds: a run that hangs ends


@frozen
class Played:
    """flaws: what is wrong, each with the invariant's name before it. seconds: of a core."""

    seed: int
    flaws: tuple[str, ...]
    trace: Trace
    messages: int
    visits: int
    seconds: float


def play(seed: int) -> Played:
    """The same in any process, where texts are hashed alike."""
    began = time.process_time()
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as temporary:
        directory = Path(temporary)
        sockets = seams.Sockets()
        world = World(seed, directory, sockets)
        flaws: list[str] = []
        with seams.closed(seed, sockets, _now):
            try:
                trio.run(_bounded, world, flaws, clock=MockClock(autojump_threshold=0))
            except Exception as error:
                flaws.append(f"the run: it raised {error!r}")
        flaws += [f"{invariant}: {what}" for invariant, what in world.record.blamed]
        if world.content:
            told = truth.read(directory / "truth", world.content)
            for invariant in INVARIANTS:
                name = invariant.__name__.replace("_", " ")
                flaws += [f"{name}: {what}" for what in invariant(world, told)]
    _tidy(seed)
    return Played(
        seed, tuple(flaws), world.trace, len(world.record.said), len(world.record.visits),
        time.process_time() - began,
    )  # fmt: skip


def _tidy(seed: int) -> None:
    """Python's collector is off while a seed is played: it would choose its moments itself."""
    if gc.get_freeze_count() == 0:  # modules and what else is no garbage is looked through once
        gc.collect()
        gc.freeze()
    elif seed % COLLECT == 0:
        gc.collect()


def _now() -> float:
    try:
        return trio.current_time()
    except RuntimeError:
        return 0.0


class _Still(trio.abc.Instrument):
    """Whether tasks go round and round while no time passes: then the run is given up."""

    def __init__(self, scope: trio.CancelScope) -> None:
        self._scope = scope
        self.at = 0.0
        self.rounds = 0

    def before_io_wait(self, timeout: float) -> None:
        now = trio.current_time()
        self.rounds = 0 if now > self.at and self.rounds <= MOST_ROUNDS else self.rounds + 1
        self.at = now
        if self.rounds > MOST_ROUNDS:
            self._scope.cancel()


async def _bounded(world: World, flaws: list[str]) -> None:
    with trio.move_on_after(LONGEST) as scope:
        still = _Still(scope)
        trio.lowlevel.add_instrument(still)
        await world.run()
    if still.rounds > MOST_ROUNDS:
        flaws.append(f"the run: its time stands still at {still.at:.3f}")
    elif scope.cancelled_caught:
        flaws.append(f"the run: it has not ended after {LONGEST} s")
