"""Rounds: every load goes from subject to subject before the next load begins."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeVar

from attrs import define, evolve

from bench.campaign import Bench, summary
from bench.client import ClientError, Outcome
from bench.load import Load, Loads, Workload
from bench.results import Row
from bench.running import Running, ServerError
from bench.subjects import Subject

Thing = TypeVar("Thing")


def run_rounds(bench: Bench, subjects: Sequence[Subject], workloads: Sequence[Workload]) -> None:
    """Measure them all, as often as the profile says. What needs a start of its own has one; for
    the rest the servers of a round stand beside each other, and only the measured one has work.
    """
    there = [subject for subject in subjects if not subject.missing()]
    together = [workload for workload in workloads if not workload.alone]
    alone = [workload for workload in workloads if workload.alone]
    for number in range(bench.profile.rounds):
        order = _from(there, number)
        if together:
            _run_round(bench, order, together, number)
        for workload in alone:
            for subject in order:
                _run_round(bench, [subject], [workload], number)


def _from(things: Sequence[Thing], start: int) -> list[Thing]:
    """All of them, round about: none has always the same place."""
    at = start % max(len(things), 1)
    return [*things[at:], *things[:at]]


@define
class _Entrant:
    """A subject whose server stands."""

    subject: Subject
    running: Running
    # What to undo at the end of the round.
    stack: ExitStack


def _run_round(
    bench: Bench, subjects: Sequence[Subject], workloads: Sequence[Workload], number: int
) -> None:
    with ExitStack() as stack:
        entrants: list[_Entrant] = []
        for subject in subjects:
            wanted = [workload for workload in workloads if workload.suits(subject.key)]
            if wanted and (entrant := _start(bench, subject, wanted, number)):
                entrants.append(entrant)
                stack.push(entrant.stack)
        for workload in workloads:
            _run_workload(
                bench, [e for e in entrants if workload.suits(e.subject.key)], workload, number
            )
        for entrant in entrants:
            _end(bench, entrant, workloads[-1], number)


def _start(
    bench: Bench, subject: Subject, workloads: Sequence[Workload], number: int
) -> _Entrant | None:
    """Its server, for all of these loads. None, recorded, if it does not start."""
    audiences = [a for workload in workloads for a in workload.audiences(bench.profile)]
    audiences = list({audience.key: audience for audience in audiences}.values())
    with ExitStack() as stack:
        place = stack.enter_context(bench.fresh(subject.key))
        try:
            running = stack.enter_context(subject.start(place, audiences, bench.server_cpu))
        except ServerError as error:
            for workload in workloads:
                _add_fault(bench, subject, workload, number, error, workload.count)
            return None
        return _Entrant(subject, running, stack.pop_all())


def _end(bench: Bench, entrant: _Entrant, workload: Workload, number: int) -> None:
    """Its server ends; one that has ended by itself is recorded."""
    try:
        entrant.stack.close()
    except ServerError as error:
        _add_fault(bench, entrant.subject, workload, number, error, 0)


def _add_fault(
    bench: Bench, subject: Subject, workload: Workload, number: int, error: ServerError, steps: int
) -> None:
    row = Row(workload.letter, workload.letter, subject.key, number, f"server: {error}")
    bench.add(row, "", steps)


def _run_workload(
    bench: Bench, entrants: Sequence[_Entrant], workload: Workload, number: int
) -> None:
    """Each of its loads with one entrant right after the other: the pace of a machine changes
    within a minute, and what is compared should have had the same.
    """
    left: list[tuple[_Entrant, Loads, Outcome | None]] = [
        (entrant, workload.loads(bench.profile), None) for entrant in entrants
    ]
    step = number
    while left:
        following: list[tuple[_Entrant, Loads, Outcome | None]] = []
        for entrant, loads, outcome in _from(left, step):
            try:
                load = loads.send(outcome)
            except StopIteration:
                continue
            outcome = _measure(bench, entrant, workload, load, number)
            following.append((entrant, loads, outcome))
        left = following
        step = 1


def _measure(
    bench: Bench, entrant: _Entrant, workload: Workload, load: Load, number: int
) -> Outcome | None:
    """One load with one entrant, recorded. None if it failed."""
    row = Row(workload.letter, load.row, entrant.subject.key, number)
    try:
        outcome = bench.measure(entrant.running, load)
    except ClientError as error:
        bench.add(evolve(row, fault=str(error)), "")
        return None
    bench.add(evolve(row, outcome=outcome, fault=outcome.fault), summary(outcome))
    return outcome
