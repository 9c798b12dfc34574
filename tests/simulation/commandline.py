"""Play seeds: many on all cores, or one with its trace.

    python -m tests.simulation --seeds 10000 [--first 0]
    python -m tests.simulation --seed 17

The first seed that fails is told with its trace, and how to play it again.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context

from tests.simulation.play import Played, play

HASHSEED = "0"  # texts in sets must come in the same order in every process
LAST_LINES = 200  # of a trace, where the whole was not asked for


def _fix_hashing() -> None:
    """Begin anew in a process where texts are hashed as in every other."""
    if os.environ.get("PYTHONHASHSEED") != HASHSEED:
        os.environ["PYTHONHASHSEED"] = HASHSEED
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]])


def main() -> int:
    """The exit code: 0 when every invariant held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone, with its whole trace")
    parser.add_argument("--digest", action="store_true", help="only a digest of each trace")
    parser.add_argument("--go-on", action="store_true", help="do not stop at one that fails")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    _fix_hashing()
    if args.seed is not None:
        played = play(args.seed, told=True)
        print(played.trace)
        _tell(played, again=False)
        return 1 if played.flaws else 0
    return _play_many(range(args.first, args.first + args.seeds), args)


def _play_many(seeds: range, args: argparse.Namespace) -> int:
    began = time.monotonic()
    failed: list[Played] = []
    messages = visits = played_so_far = 0
    cores = 0.0
    for played in _played(seeds, args.jobs, told=args.digest):
        played_so_far += 1
        messages += played.messages
        visits += played.visits
        cores += played.seconds
        if args.digest:
            print(played.seed, played.digest)
        if played.flaws:
            failed.append(played)
        _progress(played_so_far, len(seeds), len(failed), began)
        if failed and not args.go_on:
            break
    print(file=sys.stderr)
    for played in failed:
        _tell(played, again=True, trace=not args.go_on)
    seconds = time.monotonic() - began
    print(
        f"{played_so_far} seeds played ({visits} connections, {messages} messages) in"
        f" {seconds:.0f} s, {cores / played_so_far:.3f} s of a core each:"
        f" {len(failed)} failed"
    )
    return 1 if failed else 0


def _played(seeds: range, jobs: int, *, told: bool) -> Iterator[Played]:
    """In order, whoever plays them."""
    one = partial(play, told=told)
    if jobs == 1:
        yield from map(one, seeds)
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(one, seeds, chunksize=2)


def _progress(done: int, total: int, failed: int, began: float) -> None:
    if not sys.stderr.isatty() and done != total and done % 100:
        return
    bar = "#" * (30 * done // total)
    seconds = time.monotonic() - began
    left = seconds / done * (total - done)
    end = "" if sys.stderr.isatty() else "\n"
    print(
        f"\r[{bar:30}] {done}/{total} seeds, {failed} failed, {left:.0f} s left ",
        end=end,
        file=sys.stderr,
        flush=True,
    )


def _tell(played: Played, *, again: bool, trace: bool = True) -> None:
    if not played.flaws:
        print(f"seed {played.seed}: all is well, trace {played.digest[:16]}")
        return
    if again and trace:
        print("\n".join(played.trace.splitlines()[-LAST_LINES:]))
    print(f"seed {played.seed} FAILED:")
    for flaw in played.flaws:
        print(f"  {flaw}")
    if again:
        print(f"  play it again: make simulate ARGS='--seed {played.seed}'")
