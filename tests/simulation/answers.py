"""What must hold of long answers: each has all that it was asked for, once and in order."""

from collections.abc import Iterator

from tests.simulation.record import Stretch
from tests.simulation.truth import Truth
from tests.simulation.world import World


def every_history_is_a_stretch_of_the_truth(world: World, truth: Truth) -> Iterator[str]:
    """Deletions amid the reading are the one thing that may be missing, or be there still."""
    gone = {world.record.names[uuid] for uuid in truth.deleted if uuid in world.record.names}
    for read in world.record.stretches:
        if read.loose:
            continue
        who = f"{read.client} read {read.room} at {read.asked:.3f} and"
        if read.most is not None and len(read.names) > read.most:
            yield f"{who} got {len(read.names)} messages of {read.most}"
        said = truth.rooms[read.room].said
        for flaw in _flaws(world, read, [name for name in said if name is not None], gone):
            yield f"{who} {flaw}"


def _flaws(world: World, read: Stretch, living: list[str], gone: set[str]) -> Iterator[str]:
    """living: the names of all that was not deleted, in order."""
    at = {name: number for number, name in enumerate(living)}
    shown = [name for name in read.names if name not in gone]
    unknown = [name for name in shown if name not in at]
    if unknown:
        yield f"got {unknown}, which nobody said there"
        return
    if not shown:
        first = last = len(living)
    else:
        first, last = at[shown[0]], at[shown[-1]] + 1
        if shown != living[first:last]:
            yield f"got {shown} in place of {living[first:last]}"
    if read.before is None:
        missing = [name for name in living[last:] if world.record.asked(name).known < read.asked]
    elif read.before in gone or not shown:
        missing = []
    else:
        missing = living[last : at[read.before]]
    if read.before in read.names:
        yield f"got {read.before}, before which it was to end"
    if missing and shown:
        yield f"did not get {missing} behind {shown[-1]}"
    all_of_them = read.most is None or len(read.names) + len(gone) < read.most
    if all_of_them and shown and first:
        yield f"got nothing before {shown[0]}, as {living[:first]}"
    if not read.names and read.before is None:
        known = [name for name in living if world.record.asked(name).known < read.asked]
        if known:
            yield f"got nothing, and {known} had been said"
