"""`python -m bench.session_cost`: what each part of an idle session costs.

A server in a process of its own; here are raw sockets. Handshakes are told by how far they come:
the difference of two lines is what lies between them. Memory is told once as the kernel counts it,
and once by where it was allocated (tracemalloc, which slows the server down and so has a run of
its own), with the tasks and the objects that the collector of cycles looks through.
"""

import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import tracemalloc
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import trio
from attrs import evolve, frozen
from hypercorn.trio import serve

from trichat import garbage, worker
from trichat.cli.serving import hypercorn_config
from trichat.composition.server import open_server
from trichat.runtime.clock import new_uuid
from trichat.runtime.server import Runtime
from trichat.settings import Limits, Log, Server, Settings
from trichat.store.users import CreateUser, Registered
from trichat.telemetry import configure_logging

CONNECTIONS = 500  # at once
PATIENCE = 30  # seconds that a server may need to let them in
ROUNDS = 4  # of which the cheapest counts: what else the machine does only adds
PATHS = {"chats": "/chats/ws", "lobby": "/ws/chat", "channels": "/ws"}
_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="


# -- the server's process


async def _serve(data: Path) -> None:
    """Says its port and a token, then answers each line: how many are open, or what there is."""
    most = 1_000_000
    limits = Limits(connections=most, connections_per_user=most, admissions=most)
    server = Server(data=data, host="127.0.0.1", port=0, backlog=4096)
    settings = evolve(Settings(), limits=limits, server=server)
    configure_logging(Log(level="warning"))
    worker.install(worker.WorkerLimits.of(settings))
    garbage.settle()
    async with open_server(settings) as (runtime, app), trio.open_nursery() as nursery:
        token = await _token(runtime)
        steps = Steps()
        if tracemalloc.is_tracing():
            trio.lowlevel.add_instrument(steps)
        (bind,) = await nursery.start(partial(serve, app, hypercorn_config(settings), mode="asgi"))
        print(json.dumps({"port": int(bind.rpartition(":")[2]), "token": token}), flush=True)
        while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
            brief = line == "open\n"
            answer = len(runtime.connections) if brief else _holdings(steps)
            print(json.dumps(answer), flush=True)
        nursery.cancel_scope.cancel()


async def _token(runtime: Runtime) -> str:
    made = await runtime.storage.submit(CreateUser(new_uuid(), "idler", None, None, None, 1))
    assert isinstance(made, Registered)
    return runtime.accounts.token(made.user)


class Steps(trio.abc.Instrument):
    """How often a task of each name was given the processor."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.count[task.name] += 1


def _holdings(steps: Steps) -> Mapping[str, Mapping[str, float]]:
    gc.collect()
    root = trio.lowlevel.current_root_task()
    allocated: Counter[str] = Counter()
    if tracemalloc.is_tracing():
        for line in tracemalloc.take_snapshot().statistics("filename"):
            allocated[_part(line.traceback[0].filename)] += line.size
    return {
        "steps of tasks": steps.count,
        "tasks": Counter(task.name for task in _tasks(root)),
        "objects": {"objects": len(gc.get_objects())},
        "bytes": allocated,
    }


def _tasks(task: trio.lowlevel.Task | None) -> Iterator[trio.lowlevel.Task]:
    if task is not None:
        yield task
        for child in chain.from_iterable(n.child_tasks for n in task.child_nurseries):
            yield from _tasks(child)


def _part(filename: str) -> str:
    """A package's name, of our own two levels and the module."""
    path = Path(filename)
    if "trichat" in path.parts:
        return "/".join(path.parts[path.parts.index("trichat") :])
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1]
    return "Python's library"


# -- from outside


@frozen
class Child:
    """The server and what it takes."""

    process: "subprocess.Popen[str]"
    port: int
    token: str

    def cpu(self) -> float:
        """Microseconds of all its threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1000

    def rss(self) -> float:
        """Bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return float(pages * os.sysconf("SC_PAGE_SIZE"))

    def tell(self, what: str) -> Any:
        """open: how many sessions; all: what there is."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def settle(self, sessions: int) -> None:
        """Wait until so many are open, and what follows from that is done."""
        time.sleep(0.3)
        deadline = time.monotonic() + PATIENCE
        while self.tell("open") != sessions and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.3)

    def close(self, sockets: Iterable[socket.socket]) -> None:
        """As a peer that vanishes."""
        for one in sockets:
            one.close()
        self.settle(0)

    def upgrade(self, path: str, token: str) -> bytes:
        """A request; each dialect takes the token from the one or the other place."""
        lines = [
            f"GET {path}?token={token} HTTP/1.1", f"Host: 127.0.0.1:{self.port}",
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", _KEY,
            f"Authorization: Bearer {token}",
        ]  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode()

    def connected(self, request: bytes) -> list[socket.socket]:
        """So many who have their answer, a few at a time."""
        sockets: list[socket.socket] = []
        while len(sockets) < CONNECTIONS:
            some = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(20)]
            for one in some if request else ():
                one.sendall(request)
            for one in some if request else ():
                assert one.recv(4096).startswith(b"HTTP/1.1 ")
            sockets += some
        return sockets


@contextmanager
def _child(*, traced: bool) -> Iterator[Child]:
    with tempfile.TemporaryDirectory() as data:
        argv = [sys.executable, *(["-X", "tracemalloc"] if traced else []), "-m", __spec__.name]
        pipe = subprocess.PIPE
        process = subprocess.Popen([*argv, "--serve", data], stdin=pipe, stdout=pipe, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Child(process, **json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(10)


def _there_and_back(child: Child, request: bytes, *, admitted: bool) -> tuple[float, float]:
    """Microseconds of the server for each connection: opened, and ended by the peer."""
    marks = [child.cpu()]
    sockets = child.connected(request)
    child.settle(CONNECTIONS if admitted else 0)
    marks.append(child.cpu())
    child.close(sockets)
    marks.append(child.cpu())
    opened, ended = ((b - a) / CONNECTIONS for a, b in pairwise(marks))
    return opened, ended


def handshakes() -> None:
    """How much CPU each step takes, and how much memory the first connections."""
    with _child(traced=False) as child:
        upgrade = child.upgrade
        stages = {
            "accepted, then closed by the peer": b"",
            "asks for an upgrade nowhere: 404": upgrade("/nowhere", child.token),
            "shows a token that is none": upgrade(PATHS["lobby"], "nobody"),
            **{
                f"admitted: {name}": child.upgrade(path, child.token)
                for name, path in PATHS.items()
            },
        }
        before = child.rss()
        sockets = child.connected(stages["admitted: chats"])
        print(f"{(child.rss() - before) / CONNECTIONS / 1024:.1f} KiB of memory each (chats)")
        child.close(sockets)
        print("\nserver CPU of a connection, µs           opened  ended by the peer")
        for title, request in stages.items():
            admitted = title.startswith("admitted")
            spent = [_there_and_back(child, request, admitted=admitted) for _ in range(ROUNDS)]
            opened, ended = (min(each) for each in zip(*spent, strict=True))
            print(f"{title:40s} {opened:6.0f} {ended:6.0f}")


def holdings() -> None:
    """What is there for each connection, and where it was allocated."""
    with _child(traced=True) as child:
        request = child.upgrade(PATHS["chats"], child.token)
        child.close(child.connected(request))  # what is made once is there
        before = child.tell("all")
        sockets = child.connected(request)
        child.settle(CONNECTIONS)
        after = child.tell("all")
        child.close(sockets)
        for kind, found in after.items():
            more = {name: count - before[kind].get(name, 0) for name, count in found.items()}
            print(f"\n{kind} of a session ({sum(more.values()) / CONNECTIONS:.1f} in all)")
            for name, count in sorted(more.items(), key=lambda item: -item[1]):
                if count >= CONNECTIONS / 10:
                    print(f"{count / CONNECTIONS:10.1f}  {name}")


def main() -> None:
    """Measure, or be the server that is measured."""
    parser = ArgumentParser("python -m bench.session_cost", description=__doc__.partition(":")[2])
    parser.add_argument(
        "--serve", type=Path, metavar="DIR", help="serve from this directory, to be measured"
    )
    given = parser.parse_args()
    if given.serve is not None:
        trio.run(_serve, given.serve)
    else:
        handshakes()
        holdings()


if __name__ == "__main__":
    main()
