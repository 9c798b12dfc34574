"""Processes of a server: one group, one processor, ended for certain."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from bench.peer import Command, Seat, Speech

# Seconds in which a server must listen, and in which it must end.
START = 60
END = 5


class ServerError(Exception):
    """It does not start, or ended by itself; the text holds the end of its output."""


@frozen
class Running:
    """A server that listens."""

    port: int
    # Of its processes.
    group: int
    # How each seat of an audience (by its key) talks to it.
    speech: Callable[[str, Seat], Speech]
    # From the start of the process until it listens.
    start_seconds: float = 0

    def rss(self) -> float:
        """KiB, of all processes of the group."""
        page = os.sysconf("SC_PAGE_SIZE") / 1024
        found = 0.0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.group:
                    found += int(fields[21]) * page
        return found

    def peak(self) -> float:
        """KiB, the most that each of them has had so far, together."""
        found = 0.0
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError, StopIteration, ProcessLookupError):
                if os.getpgid(int(status.parent.name)) == self.group:
                    lines = status.read_text().splitlines()
                    found += float(next(x for x in lines if x.startswith("VmHWM")).split()[1])
        return found

    def queued(self) -> float:
        """KiB that the kernel keeps for its clients: written, and not yet taken by them."""
        found = 0
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, _, _, queues, *_ = line.split()
            if int(local.rpartition(":")[2], 16) == self.port:
                found += int(queues.partition(":")[0], 16)
        return found / 1024


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(
    commands: Sequence[Command],
    ports: Sequence[int],
    speech: Callable[[str, Seat], Speech],
    *,
    cpu: int,
    work: Path,
) -> Iterator[Running]:
    """These processes, each on its port. Raises ServerError."""
    output = work / "output.txt"
    group = 0
    begin = time.monotonic()
    processes: list[subprocess.Popen[bytes]] = []
    with output.open("wb") as log:
        try:
            for command, port in zip(commands, ports, strict=True):
                begin = time.monotonic()
                process = _spawn(command, group, cpu, work, log.fileno())
                processes.append(process)
                group = group or process.pid
                _await_port(process, port, output)
            yield Running(ports[-1], group, speech, time.monotonic() - begin)
            for process in processes:
                if process.poll() is not None:
                    raise ServerError(f"ended by itself\n{_end_of(output)}")
        finally:
            _end(processes, group)


def _spawn(
    command: Command, group: int, cpu: int, work: Path, log: int
) -> "subprocess.Popen[bytes]":
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.Popen(
        list(command.argv),
        env={**env, **command.env},
        cwd=command.cwd or work,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        process_group=group,
        preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
    )


def _await_port(process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"ended with {process.returncode}\n{_end_of(output)}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.002)
    raise ServerError(f"does not listen after {START} s\n{_end_of(output)}")


def _end_of(output: Path) -> str:
    return output.read_text(errors="replace")[-2000:]


def _end(processes: Sequence["subprocess.Popen[bytes]"], group: int) -> None:
    """SIGTERM, the last one first, and after a while SIGKILL to the group."""
    for process in reversed(processes):
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END)
    if group:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    for process in processes:
        process.wait()
