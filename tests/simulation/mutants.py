"""Break the server on purpose and see how many seeds it takes until an invariant notices.

    python -m tests.simulation.mutants [--only 'presence']… [--seeds 300] [--jobs 2]

Each mutation of mutations.toml is made in a copy of src/, never in the working tree, and the seeds
are played against the copy until one fails. `chosen` says how a mutation came into the table: as a
`named` fault that the simulation is there to find, or `blind`, as a line that was taken without a
look at the invariants. What survives is printed, and fails the run but for those with a `why`.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import frozen

from tests.mutation import ROOT, Mutation, copies

TABLE = Path(__file__).with_name("mutations.toml")
LONGEST = 900.0  # seconds for one mutant; one that hangs is noticed
_FAILED = re.compile(r"^seed (\d+) FAILED:\n  (.*)$", re.MULTILINE)


@frozen
class Fault:
    """A mutation with its name. why: the reason that nothing can notice it, where that is so."""

    name: str
    chosen: str
    mutation: Mutation
    why: str = ""


@frozen
class Verdict:
    """seeds: how many it took; None: it survived them. flaw: what was noticed first."""

    fault: Fault
    seeds: int | None
    flaw: str


def faults() -> list[Fault]:
    """All of the table."""
    found = []
    for entry in tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutation"]:
        mutation = Mutation.read(entry["name"], entry)
        found.append(Fault(entry["name"], entry["chosen"], mutation, entry.get("why", "")))
    return found


def judge(fault: Fault, source: Path, seeds: int) -> Verdict:
    """Play seeds against it until one fails."""
    with fault.mutation.made(source) as wrong:
        if wrong:
            return Verdict(fault, None, f"UNFIT: {wrong}")
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(source), str(ROOT)))}
        command = [sys.executable, "-m", "tests.simulation", "--seeds", str(seeds), "--jobs", "1"]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environ, timeout=LONGEST, capture_output=True, text=True
            )
        except subprocess.TimeoutExpired:
            return Verdict(fault, seeds, "it hangs")
    if done.returncode == 0:
        return Verdict(fault, None, "")
    failed = _FAILED.search(done.stdout)
    if failed is None:
        return Verdict(fault, 1, "it cannot run: " + done.stderr[-200:].replace("\n", " "))
    return Verdict(fault, int(failed[1]) + 1, failed[2])


def main() -> int:
    """The exit code: 0 when every mutation was noticed that can be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", action="append", help="names that hold this")
    parser.add_argument("--seeds", type=int, default=300, help="at most so many for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    chosen = [
        fault
        for fault in faults()
        if not args.only or any(part in fault.name for part in args.only)
    ]
    began = time.monotonic()
    with copies(args.jobs) as lent:

        def judged(fault: Fault) -> Verdict:
            with lent() as source:
                return judge(fault, source, args.seeds)

        with ThreadPoolExecutor(args.jobs) as pool:
            verdicts = list(_told(pool.map(judged, chosen), len(chosen)))
    return _report(verdicts, args.seeds, time.monotonic() - began)


def _told(verdicts: Iterator[Verdict], total: int) -> Iterator[Verdict]:
    for number, verdict in enumerate(verdicts, start=1):
        seeds = "SURVIVED" if verdict.seeds is None else f"{verdict.seeds} seeds"
        print(f"[{number}/{total}] {seeds:9} {verdict.fault.name}", file=sys.stderr, flush=True)
        yield verdict


def _report(verdicts: list[Verdict], seeds: int, seconds: float) -> int:
    for verdict in verdicts:
        needed = "survived" if verdict.seeds is None else str(verdict.seeds)
        fault = verdict.fault
        print(f"{needed:>9}  {fault.chosen:6} {fault.name}")
        print(f"{'':18}{(verdict.flaw or fault.why)[:160]}")
    survived = [verdict for verdict in verdicts if verdict.seeds is None]
    print(
        f"{len(verdicts) - len(survived)} of {len(verdicts)} mutants noticed within {seeds} seeds"
        f" in {seconds:.0f} s"
    )
    return 1 if any(not verdict.fault.why for verdict in survived) else 0


if __name__ == "__main__":
    sys.exit(main())
