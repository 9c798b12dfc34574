"""What every measurement of a run needs, and how one on starts of its own is recorded."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from attrs import evolve, frozen

from bench.audience import SIZE, Audience, write_plan
from bench.client import Client, ClientError, Outcome
from bench.load import Load, Profile
from bench.machine import fdatasync_times
from bench.peer import Place
from bench.progress import Course
from bench.results import Recorder, Row
from bench.running import Running, ServerError, free_port

_runs = itertools.count(1)


@frozen
class Bench:
    """What every measurement needs."""

    place: Place
    client: Client
    server_cpu: int
    profile: Profile
    recorder: Recorder
    course: Course

    @contextmanager
    def fresh(self, name: str = "alone") -> Iterator[Place]:
        """The place of one start: an empty folder of this name, free ports."""
        work = self.place.work / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            yield evolve(self.place, work=work, port=free_port(), side_port=free_port())
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def measure(self, running: Running, load: Load) -> Outcome:
        """One run of the client. Raises ClientError."""
        plan = self.plan(running, load.audience, load.size)
        return self.client.run(
            plan, port=running.port, group=running.group, **load.options(self.profile)
        )

    def plan(self, running: Running, audience: Audience, size: int = SIZE, name: str = "") -> Path:
        """Written for this start of the server. Its markers are not taken for an earlier run's.
        name: of the plan, where it is for a part of the audience with this key.
        """
        path = self.place.built / f"{name or audience.key}.plan"
        speech = partial(running.speech, audience.key)
        write_plan(path, audience, speech, port=running.port, run=next(_runs), size=size)
        return path

    def add(self, row: Row, said: str, steps: float = 1) -> None:
        """Record it, and tell."""
        self.recorder.add(row)
        self.course.step(f"{row.subject}: {row.row}: {row.fault or said}", steps)


# A measurement on starts of its own, in the round of this number.
Solo = Callable[[Bench, int], None]


def run_solo(bench: Bench, letter: str, solo: Solo, turn: int) -> None:
    """It is trichat's alone; a fault is recorded."""
    try:
        solo(bench, turn)
    except (ServerError, ClientError, OSError, AssertionError) as error:
        fault = f"{type(error).__name__}: {error}"
        bench.add(Row(letter, letter, "trichat", turn, fault), "")


def measure_fdatasync(bench: Bench, turn: int) -> None:
    """Beside what depends on it."""
    times = fdatasync_times(bench.place.built)
    values = {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}
    said = f"p50 {values['p50']:.2f} ms, p99 {values['p99']:.2f} ms"
    bench.add(Row("D", "fdatasync", "machine", turn, values=values), said)


def summary(outcome: Outcome | None) -> str:
    """Of one run, for the line of progress."""
    if outcome is None:
        return ""
    if not outcome.deliveries:
        return (
            f"{outcome.connect_cpu / outcome.connections * 1e3:.2f} ms a handshake,"
            f" {(outcome.rss - outcome.rss_before) / outcome.connections:.0f} KiB each"
        )
    return (
        f"{outcome.us_per_delivery:.2f} µs, p50 {outcome.latency.p50:.2f} ms,"
        f" p99 {outcome.latency.p99:.2f} ms"
        + (f", foreign {outcome.foreign_cpu / outcome.seconds:.0%}" if outcome.seconds else "")
    )
