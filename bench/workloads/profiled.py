"""Where trichat's own time goes under A100 W1 and B: a sampling profiler beside the server."""

import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bench.audience import Audience
from bench.campaign import Bench
from bench.results import Row
from bench.trichat import SQLITE
from bench.workloads import everybody, fanout

# Of each load, and how often the profiler looks meanwhile, per second.
SECONDS = 4
RATE = 400

# Where a thread of the store waits for work, which the profiler takes for work.
WAITING = "Threads._work (trichat/store/sqlite/threads.py)"


def of_fanout(bench: Bench, turn: int) -> None:
    """A100 W1."""
    _profile(bench, turn, "A", "A100 W1", fanout.HUNDRED, 1)


def of_everybody(bench: Bench, turn: int) -> None:
    """B."""
    _profile(bench, turn, "B", "B", everybody.ROOMS, 32)


def _profile(
    bench: Bench, turn: int, letter: str, row: str, audience: Audience, window: int
) -> None:
    with bench.fresh() as place, SQLITE.start(place, [audience], bench.server_cpu) as running:
        load = bench.client.start(
            bench.plan(running, audience),
            port=running.port, group=running.group, window=window, signalled=True,
        )  # fmt: skip
        stacks = place.work / "stacks.txt"
        try:
            load.await_line("talking")
            _sample(place.venv / "bin" / "py-spy", running.group, stacks)
            shares = of_self(stacks.read_text())
        finally:
            load.process.kill()
            load.process.wait()
        most = max(shares, key=shares.__getitem__)
        bench.add(
            Row(letter, f"profile {row}", SQLITE.key, turn, values=shares),
            f"{shares[most]:.0f} % in {most}",
        )


def _sample(profiler: Path, process: int, stacks: Path) -> None:
    """Raises OSError when it cannot."""
    argv = [str(profiler), "record", "--pid", str(process), "--format", "raw", "--function"]
    argv += ["--rate", str(RATE), "--duration", str(SECONDS), "--output", str(stacks)]
    made = subprocess.run(argv, capture_output=True, text=True, check=False)
    if made.returncode:
        raise OSError(made.stderr.strip()[-300:])


def of_self(stacks: str) -> Mapping[str, float]:
    """Percent of the samples in each function itself, with what it calls in C and the kernel."""
    found: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        found[_name(stack.rpartition(";")[2])] += int(count)
    del found[WAITING]
    total = found.total()
    return {name: 100 * count / total for name, count in found.items()}


def _name(frame: str) -> str:
    """`put (trichat/wire/outbox.py)`, whether it is run from a clone or installed."""
    function, _, place = frame.rpartition(" (")
    path = place.rstrip(")").rpartition(":")[0] or place.rstrip(")")
    for top in ("/src/", "/site-packages/"):
        path = path.rpartition(top)[2]
    return f"{function} ({path})"
