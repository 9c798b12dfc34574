"""Break what is behind each promise, a little, and see that its tests notice.

    python -m tests.conformance.mutants [--only chats]… [--jobs 2]

Each mutation of mutations/*.toml is made in a copy of src/, never in the working tree, and the
tests of its promise are run against the copy. A promise whose tests still pass is printed: none
may.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation import ROOT, Mutation, copies

TABLES = Path(__file__).with_name("mutations")
PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-p",
    "tests.conformance.plugin",
    "-p",
    "no:cacheprovider",
]
LONGEST = 180.0  # seconds for one mutant; one that hangs its tests is noticed
PATIENCE = "3"  # seconds that a test waits for a frame that no longer comes

NOTICED, SURVIVED, UNFIT = "noticed", "SURVIVED", "UNFIT"


def mutations() -> list[Mutation]:
    """All of the tables."""
    found = []
    for table in sorted(TABLES.glob("*.toml")):
        for entry in tomllib.loads(table.read_text(encoding="utf-8"))["mutation"]:
            found.append(Mutation.read(entry["promise"], entry))
    return found


def tests_of_promises() -> dict[str, list[str]]:
    """promise → the files of its tests. Those of whole processes are slow, and have others beside
    them everywhere.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as listing:
        request = [
            *PYTEST,
            "--collect-only",
            "--promises-to",
            listing.name,
            "--ignore=tests/e2e",
            "tests",
        ]
        subprocess.run(request, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        kept = json.loads(Path(listing.name).read_text())
    files: dict[str, dict[str, None]] = {}
    for nodeid, names in kept.items():
        for name in names:
            files.setdefault(name, {})[nodeid.partition("::")[0]] = None
    return {name: list(found) for name, found in files.items()}


def _title(mutation: Mutation) -> str:
    first = mutation.edits[0].source.strip().splitlines()[0]
    return f"{mutation.name:17} {mutation.file}: {first[:60]}"


def run(mutation: Mutation, files: list[str], source: Path) -> tuple[str, str]:
    """The verdict, and the reason of one that is not NOTICED."""
    with mutation.made(source) as wrong:
        if wrong or not files:
            return UNFIT, wrong or "no tests"
        environ = {
            **os.environ,
            "PYTHONPATH": str(source),
            "TEST_PATIENCE": PATIENCE,
            "TEST_UNDESCRIBED": "1",  # it is for the promise's own tests to notice
        }
        tests = [*PYTEST, "-x", "--tb=short", "--promise", mutation.name, *files]
        try:
            done = subprocess.run(
                tests, cwd=ROOT, env=environ, timeout=LONGEST, capture_output=True, text=True
            )
        except subprocess.TimeoutExpired:
            return NOTICED, ""
    match done.returncode:
        case 0:
            return SURVIVED, ""
        case 1:
            return NOTICED, ""
    return UNFIT, "the tests could not run:\n" + done.stdout[-1500:] + done.stderr[-500:]


def main() -> int:
    """The exit code: 0 when every mutation was noticed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", action="append", help="promises that begin so: lobby, chats-9")
    parser.add_argument("--jobs", type=int, default=2, choices=(1, 2))
    args = parser.parse_args()
    chosen = [
        one
        for one in mutations()
        if not args.only
        or any(one.name == name or one.name.startswith(f"{name}-") for name in args.only)
    ]
    files = tests_of_promises()
    began = time.monotonic()
    with copies(args.jobs) as lent:

        def judge(mutation: Mutation) -> tuple[Mutation, str, str]:
            with lent() as source:
                return mutation, *run(mutation, files.get(mutation.name, []), source)

        with ThreadPoolExecutor(args.jobs) as pool:
            judged = list(_with_progress(pool.map(judge, chosen), len(chosen)))
    return report(judged, time.monotonic() - began)


Judged = tuple[Mutation, str, str]


def _with_progress(judging: Iterator[Judged], total: int) -> Iterator[Judged]:
    counts: Counter[str] = Counter()
    for number, judged in enumerate(judging, start=1):
        mutation, verdict, _ = judged
        counts[verdict] += 1
        told = ", ".join(f"{count} {word}" for word, count in counts.items())
        print(
            f"[{number}/{total}] {told}  {verdict:8} {_title(mutation)}",
            file=sys.stderr,
            flush=True,
        )
        yield judged


def report(judged: list[Judged], seconds: float) -> int:
    """Print what was not noticed, and the counts."""
    counts = Counter(mutation.name.partition("-")[0] for mutation, _, _ in judged)
    for mutation, verdict, reason in judged:
        if verdict != NOTICED:
            print(f"{verdict}: {_title(mutation)}\n    {reason}")
    noticed = sum(verdict == NOTICED for _, verdict, _ in judged)
    each = ", ".join(f"{count} {section}" for section, count in counts.items())
    print(f"{noticed} of {len(judged)} mutations noticed ({each}) in {seconds:.0f} s")
    return 0 if noticed == len(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
