"""The run: rounds in which every subject takes its turn under the same loads."""

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from attrs import evolve, frozen

from bench.audience import SIZE, Audience, write_plan
from bench.client import Client, ClientError, Outcome
from bench.load import Load, Profile, Workload
from bench.machine import fdatasync_times
from bench.peer import Place
from bench.progress import Course
from bench.results import Recorder, Row
from bench.running import Running, ServerError, free_port
from bench.subjects import Subject

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
    def fresh(self) -> Iterator[Place]:
        """The place of one start: an empty folder, free ports."""
        work = self.place.work
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            yield evolve(self.place, port=free_port(), side_port=free_port())
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


def run_rounds(bench: Bench, subjects: Sequence[Subject], workloads: Sequence[Workload]) -> None:
    """Each round starts with another subject, so that none has always the same neighbour."""
    for turn in range(bench.profile.rounds):
        start = turn % max(len(subjects), 1)
        for subject in [*subjects[start:], *subjects[:start]]:
            if subject.missing():
                continue
            wanted = [workload for workload in workloads if workload.suits(subject.key)]
            together = [workload for workload in wanted if not workload.alone]
            for group in [together, *([workload] for workload in wanted if workload.alone)]:
                if group:
                    _take_turn(bench, subject, group, turn)


def _take_turn(bench: Bench, subject: Subject, workloads: Sequence[Workload], turn: int) -> None:
    """One start of its server, all loads on it."""
    audiences = [a for workload in workloads for a in workload.audiences(bench.profile)]
    audiences = list({audience.key: audience for audience in audiences}.values())
    left = list(workloads)
    try:
        with bench.fresh() as place, subject.start(place, audiences, bench.server_cpu) as running:
            for workload in workloads:
                _run_loads(bench, subject, workload, running, turn)
                left.remove(workload)
    except ServerError as error:
        for workload in left:
            row = Row(workload.letter, workload.letter, subject.key, turn, f"server: {error}")
            bench.add(row, "", workload.count)


def _run_loads(
    bench: Bench, subject: Subject, workload: Workload, running: Running, turn: int
) -> None:
    loads = workload.loads(bench.profile)
    outcome: Outcome | None = None
    try:
        load = next(loads)
        while True:
            row = Row(workload.letter, load.row, subject.key, turn)
            try:
                outcome = bench.measure(running, load)
                row = evolve(row, outcome=outcome, fault=outcome.fault)
            except ClientError as error:
                outcome, row = None, evolve(row, fault=str(error))
            bench.add(row, summary(outcome))
            load = loads.send(outcome)
    except StopIteration:
        return


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
