"""The load client: built from bench/client, run on a processor of its own."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import cattrs
from attrs import frozen

HERE = Path(__file__).parent

# Seconds that a run may take beyond what it measures: connecting, and waiting for the slowest.
PATIENCE = 120


class ClientError(Exception):
    """The client gave up; its text says why."""


@frozen
class Times:
    """Milliseconds."""

    count: int
    p50: float
    p90: float
    p99: float
    max: float


NO_TIMES = Times(0, 0, 0, 0, 0)


@frozen
class Outcome:
    """What one run of the client came to. Times are seconds, memory is KiB, unless said."""

    connections: int
    connect_seconds: float
    connect_cpu: float
    rss_before: float
    rss: float
    seconds: float
    cpu: float
    user: float
    system: float
    processes: int
    client_cpu: float
    foreign_cpu: float
    stolen: float
    closed: int
    why: str
    sent: int = 0
    deliveries: int = 0
    frame_bytes: float = 0
    expected: int = 0
    received: int = 0
    disordered: int = 0
    orders: int = 0
    stalled: bool = False
    latency: Times = NO_TIMES
    answers: Times = NO_TIMES
    frames: int = 0
    pings: int = 0
    back_seconds: float = 0
    steady: bool = True

    @property
    def fault(self) -> str:
        """What was not delivered as it should; empty if everything was."""
        faults = {
            f"{self.expected - self.received} of {self.expected} lost": self.received
            < self.expected,
            f"{self.received - self.expected} too many": self.received > self.expected,
            f"{self.disordered} out of order": self.disordered > 0,
            f"{self.orders} members heard another order": self.orders > 0,
            f"{self.closed} connections closed ({self.why})": self.closed > 0,
            "stalled": self.stalled,
            "nothing delivered while it was measured": self.sent > 0 and not self.deliveries,
            "never steady": not self.steady,
        }
        return ", ".join(fault for fault, there in faults.items() if there)

    @property
    def us_per_delivery(self) -> float:
        """Server CPU."""
        return self.cpu * 1e6 / self.deliveries if self.deliveries else float("nan")


def build(target: Path) -> None:
    """Compile it if its source is newer. Raises ClientError."""
    sources = sorted((HERE / "client").glob("*.c"))
    newest = max(path.stat().st_mtime for path in (HERE / "client").iterdir())
    if target.exists() and target.stat().st_mtime > newest:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [os.environ.get("CC", "cc"), "-O2", "-Wall", "-o", str(target), *map(str, sources)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise ClientError(made.stderr)


@frozen
class Client:
    """The program, and the processor that it has to itself."""

    program: Path
    cpu: int

    def start(self, plan: Path, *, port: int, group: int, **options: object) -> "Run":
        """One run; options are those of main.c, with _ for -."""
        given = {"plan": plan, "port": port, "group": group, **options}
        argv = [str(self.program)]
        for name, value in given.items():
            argv.append(f"--{name.replace('_', '-')}")
            argv += [] if value is True else [str(value)]
        process = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.cpu}),
        )
        return Run(process)

    def run(self, plan: Path, *, port: int, group: int, **options: object) -> Outcome:
        """One run, to its end. Raises ClientError."""
        return self.start(plan, port=port, group=group, **options).outcome()


@frozen
class Run:
    """A client at work."""

    process: "subprocess.Popen[str]"

    def await_line(self, line: str) -> None:
        """Until the client says so. Raises ClientError when it ends before."""
        assert self.process.stderr is not None
        for said in self.process.stderr:
            if said.strip() == line:
                return
            if said.strip():
                raise ClientError(said.strip())
        raise ClientError(f"the client ended before its {line}")

    def signal(self) -> None:
        """Begin, and the second time end, what is measured."""
        self.process.send_signal(signal.SIGUSR1)

    def outcome(self, patience: float = PATIENCE) -> Outcome:
        """When it has ended. Raises ClientError."""
        try:
            out, error = self.process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            raise ClientError(f"the client did not end within {patience:.0f} s") from None
        finally:
            self.process.kill()
            self.process.wait()
        if self.process.returncode:
            raise ClientError(error.strip() or f"the client ended with {self.process.returncode}")
        return read(json.loads(out))


def read(found: dict[str, Any]) -> Outcome:
    """From the client's JSON."""
    return cattrs.structure(found, Outcome)
