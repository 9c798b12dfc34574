"""Play one seed: the world in its own Trio run, then the invariants."""

import gc
import time
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import trio
from attrs import frozen

from tests.simulation import seams, truth
from tests.simulation.answers import every_history_is_a_stretch_of_the_truth
from tests.simulation.invariants import INVARIANTS
from tests.simulation.rejoining import who_comes_back_misses_nothing
from tests.simulation.world import World

MORE = (every_history_is_a_stretch_of_the_truth, who_comes_back_misses_nothing)
MEMORY = Path("/dev/shm")  # where there is one, files cost nothing
COLLECT = 10  # seeds between two collections
LONGEST = 600.0  # simulated seconds: a run that hangs ends


@frozen
class Played:
    """flaws: what is wrong, each with the invariant's name before it. trace: empty where nobody
    asked and nothing is wrong. seconds: of a core.
    """

    seed: int
    flaws: tuple[str, ...]
    trace: str
    messages: int
    visits: int
    seconds: float

    @property
    def digest(self) -> str:
        """Of the whole trace."""
        return sha256(self.trace.encode()).hexdigest()


def play(seed: int, *, told: bool) -> Played:
    """The same in any process, where texts are hashed alike. told: with its trace anyway."""
    _keep_the_collector_away()
    began = time.process_time()
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as temporary:
        directory = Path(temporary)
        sockets = seams.Sockets()
        world = World(seed, directory, sockets)
        flaws: list[str] = []
        with seams.closed(seed, sockets, lambda: world.agenda.now):
            try:
                trio.run(_bounded, world, flaws, clock=world.agenda)
            except Exception as error:
                flaws.append(f"the run: it raised {error!r}")
        flaws += [f"{invariant}: {what}" for invariant, what in world.record.blamed]
        if world.content:
            found = truth.read(directory / "truth", world.content)
            for invariant in (*INVARIANTS, *MORE):
                name = invariant.__name__.replace("_", " ")
                flaws += [f"{name}: {what}" for what in invariant(world, found)]
    trace = world.trace.text() if told or flaws else ""
    if seed % COLLECT == 0:
        gc.collect()
    return Played(
        seed, tuple(flaws), trace, len(world.record.said), len(world.record.visits),
        time.process_time() - began,
    )  # fmt: skip


@cache
def _keep_the_collector_away() -> None:
    """Python's would choose its moments itself, and end forgotten generators there. What is no
    garbage, as modules, is looked through once.
    """
    gc.disable()
    gc.collect()
    gc.freeze()


async def _bounded(world: World, flaws: list[str]) -> None:
    with trio.move_on_after(LONGEST) as scope:
        world.agenda.still = scope.cancel
        await world.run()
    if world.agenda.now < LONGEST and scope.cancelled_caught:
        flaws.append(f"the run: its time stands still at {world.agenda.now:.3f}")
    elif scope.cancelled_caught:
        flaws.append(f"the run: it has not ended after {LONGEST} s")
