"""`python -m bench`: measure, then write the report."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve

from bench import client, machine, results
from bench.before import LATELY
from bench.campaign import Bench, Solo, measure_fdatasync, run_solo
from bench.client import Client
from bench.load import Profile
from bench.peer import Place
from bench.progress import Course
from bench.report.page import write
from bench.results import Campaign, Measured, Recorder
from bench.rounds import run_rounds
from bench.subjects import Subject, subjects
from bench.trichat import CONFIG, MEMORY, SQLITE
from bench.workloads import SHARED, history, idle, profiled, rude, storm, stuck

HERE = Path(__file__).parent

# Of a letter: what is measured on starts of its own, and how many results it has.
SOLO: Sequence[tuple[str, Solo, int]] = (
    ("A", profiled.of_fanout, 1),
    ("B", profiled.of_everybody, 1),
    ("C", idle.run_pings, 1),
    ("C", profiled.of_handshakes, 1),
    ("D", measure_fdatasync, 1),
    ("D", profiled.of_durable, 1),
    ("F", history.run, 5),
    ("G", history.run_empty, 1),
    ("G", profiled.of_rooms, 1),
    ("H", storm.run, 2),
    ("H", storm.run_before, 2),
    ("R", rude.run, 3),
    ("S", stuck.run, 8),
)

CACHE = HERE / ".cache"
PAGE = HERE.parent / "docs" / "performance.md"
ALL = "ABCDEFGHRS"


def main() -> None:
    """Ends with a line on standard error if something cannot be."""
    options = _options().parse_args()
    if options.report:
        _report(options.report, options)
    else:
        _measure(options)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--workloads", default=ALL, metavar="LETTERS")
    parser.add_argument("--only", default="", metavar="PEERS", help="their keys, with commas")
    parser.add_argument("--without", default="", metavar="PEERS")
    parser.add_argument("--rounds", type=int, help="how often each is measured (3)")
    parser.add_argument("--seconds", type=float, help="that each load is measured for (1)")
    parser.add_argument("--quick", action="store_true", help="one short round, to see it work")
    parser.add_argument("--report", type=Path, metavar="FILE", help="only write the report of FILE")
    parser.add_argument("--page", type=Path, help="of the report (docs/performance.md)")
    return parser


def _profile(options: argparse.Namespace) -> Profile:
    profile = Profile(seconds=0.5, warm=0.2, rounds=1, scale=0.1) if options.quick else Profile()
    if options.rounds:
        profile = evolve(profile, rounds=options.rounds)
    if options.seconds:
        profile = evolve(profile, seconds=options.seconds)
    return profile


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _measure(options: argparse.Namespace) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        sys.exit("two processors are needed: one for the server, one for the client")
    os.sched_setaffinity(0, {cpus[1]})
    profile = _profile(options)
    place = Place(
        peers=HERE / "peers",
        venv=HERE / ".venv",
        debian=CACHE / "debian",
        built=CACHE / "built",
        work=CACHE / "work",
        port=0,
        side_port=0,
    )
    place.built.mkdir(parents=True, exist_ok=True)
    program = place.built / "load"
    client.build(program)
    try:
        found = subjects(place, _names(options.only), _names(options.without))
    except KeyError as error:
        sys.exit(f"there is no peer {error}")
    recorder = Recorder(
        HERE / "results" / f"{time.strftime('%Y%m%d-%H%M%S')}.jsonl",
        Campaign(
            machine.describe(),
            shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
            not (options.quick or options.only or options.without) and options.workloads == ALL,
            profile.rounds,
            profile.seconds,
            f"{CONFIG}\n# and for the row in memory\n{MEMORY}",
            [_measured(subject, place) for subject in found],
        ),
    )
    workloads = [workload for workload in SHARED if workload.letter in options.workloads]
    steps = profile.rounds * sum(
        workload.count
        for workload in workloads
        for subject in found
        if workload.suits(subject.key) and not subject.missing()
    )
    alone = [entry for entry in SOLO if entry[0] in options.workloads and SQLITE in found]
    if LATELY not in found or LATELY.missing():
        alone = [entry for entry in alone if entry[1] is not storm.run_before]
    steps += profile.rounds * sum(count for _, _, count in alone)
    bench = Bench(place, Client(program, cpus[1]), cpus[0], profile, recorder, Course(steps))
    for subject in found:
        if subject.missing():
            bench.course.say(f"missing: {subject.title}: {subject.missing()}")
    run_rounds(bench, found, workloads)
    for turn in range(profile.rounds):
        for letter, solo, _ in alone:
            run_solo(bench, letter, solo, turn)
    _report(recorder.path, options)


def _report(path: Path, options: argparse.Namespace) -> None:
    """A run of less than everything does not overwrite the report of everything."""
    campaign = results.load(path)
    page = options.page or (PAGE if campaign.whole else path.with_name("performance.md"))
    write(campaign, page)
    print(f"{path}\n{page}", file=sys.stderr)


def _measured(subject: Subject, place: Place) -> Measured:
    missing = subject.missing()
    return Measured(
        subject.key,
        subject.title,
        subject.language,
        subject.stores,
        subject.note,
        "" if missing else subject.version(place),
        missing,
    )


main()
