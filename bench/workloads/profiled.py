"""Where trichat's own time goes: a sampling profiler beside the server."""

import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from bench.campaign import Bench
from bench.load import Load
from bench.results import Row
from bench.running import Running
from bench.trichat import SQLITE
from bench.workloads import durable, everybody, fanout, growth, idle

# Of each load, and how often the profiler looks meanwhile, per second.
SECONDS = 4
RATE = 400

# Which of their loads.
D, G = "D100 each 16", "G 100 rooms of 3"

# Where a thread of the store waits for work, which the profiler takes for work.
WAITING = "Threads._work (trichat/store/sqlite/threads.py)"


def of_fanout(bench: Bench, turn: int) -> None:
    """A100 W1."""
    _of_talk(bench, turn, "A", Load("A100 W1", fanout.HUNDRED))


def of_everybody(bench: Bench, turn: int) -> None:
    """B."""
    _of_talk(bench, turn, "B", Load("B", everybody.ROOMS, window=32))


def of_durable(bench: Bench, turn: int) -> None:
    """D with 100 senders."""
    _of_talk(bench, turn, "D", next(x for x in durable.loads(bench.profile) if x.row == D))


def of_rooms(bench: Bench, turn: int) -> None:
    """G with 100 rooms, where a message is a batch by itself."""
    _of_talk(bench, turn, "G", next(x for x in growth.loads(bench.profile) if x.row == G))


def of_handshakes(bench: Bench, turn: int) -> None:
    """C: while all come."""
    (load,) = idle.loads(bench.profile)
    with _started(bench, load) as (running, stacks):
        with _sampled(bench, running, stacks):
            bench.measure(running, evolve(load, settle=0, seconds=0.1))
        _add(bench, turn, "C", "C", stacks)


def _of_talk(bench: Bench, turn: int, letter: str, load: Load) -> None:
    with _started(bench, load) as (running, stacks):
        talk = bench.client.start(
            bench.plan(running, load.audience),
            port=running.port, group=running.group, signalled=True,
            mode=load.mode, window=load.window,
        )  # fmt: skip
        try:
            talk.await_line("talking")
            with _sampled(bench, running, stacks):
                pass
        finally:
            talk.process.kill()
            talk.process.wait()
        _add(bench, turn, letter, load.row, stacks)


@contextmanager
def _started(bench: Bench, load: Load) -> Iterator[tuple[Running, Path]]:
    """A server, and where its stacks go."""
    with (
        bench.fresh() as place,
        SQLITE.start(place, [load.audience], bench.server_cpu) as running,
    ):
        yield running, place.work / "stacks.txt"


@contextmanager
def _sampled(bench: Bench, running: Running, stacks: Path) -> Iterator[None]:
    """For SECONDS at least, from the first sample on. Raises OSError when it cannot."""
    argv = [str(bench.place.venv / "bin" / "py-spy"), "record", "--pid", str(running.group)]
    argv += ["--format", "raw", "--function", "--rate", str(RATE), "--duration", str(SECONDS)]
    argv += ["--output", str(stacks)]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdout=pipe, stderr=subprocess.STDOUT, text=True) as profiler:
        assert profiler.stdout is not None
        begun = profiler.stdout.readline()  # it says so
        yield
        rest = profiler.stdout.read()
    if profiler.returncode:
        raise OSError(f"{begun}{rest}".strip()[-300:])


def _add(bench: Bench, turn: int, letter: str, row: str, stacks: Path) -> None:
    shares = of_self(stacks.read_text())
    most = max(shares, key=shares.__getitem__)
    bench.add(
        Row(letter, f"profile {row}", SQLITE.key, turn, values=shares),
        f"{shares[most]:.0f} % in {most}",
    )


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
