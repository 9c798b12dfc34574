"""`python -m bench.resuming`: a storm of users who show a cursor, and what others feel of it.

The server has one processor; those who come back and the others share the other one. Beside them
20 users of another room talk at 50 messages a second, and somebody reads a history over REST, one
page after another.
"""

import argparse
import asyncio
import http.client
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import apsw
from attrs import frozen

from bench import client, seeding
from bench.audience import Audience, write_plan
from bench.peer import Place, Seat
from bench.resuming.comer import Absent, Course, come_back
from bench.running import Running, free_port
from bench.seeding import Stock
from bench.trichat import ROOT, SQLITE
from trichat.core.cursor import position

RATE = 50  # messages a second of the others
QUIET = 3.0  # seconds in which they are alone
LONGEST = 120
PAUSE = 0.02  # seconds between two pages of history

BUILT = ROOT / "bench" / ".cache" / "built"

Happening = Callable[[Course], Coroutine[object, object, None]]


def main() -> int:
    """0 if everybody was told everything."""
    given = _arguments()
    crowd = Audience("r", rooms=given.rooms, members=given.users // given.rooms, talkers=0)
    others = Audience("r-others", rooms=1, members=20, first=crowd.users)
    stock = Stock(histories=(("r", given.missed * given.rooms), ("r-others", 500)))
    client.build(BUILT / "load")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        place = Place(
            peers=ROOT, venv=ROOT, debian=ROOT, built=BUILT,
            work=work, port=free_port(), side_port=0,
        )  # fmt: skip
        with SQLITE.start(place, (crowd, others), given.cpu, stock) as running:
            os.sched_setaffinity(0, {1 - given.cpu})
            scene = Scene(running, others, work, client.Client(BUILT / "load", 1 - given.cpu))
            absents = _absents(work / "data" / "trichat.db", running, crowd, given.missed)
            print("| | seconds | others, ms: p50 | p99 | longest | a page of history: p50 | p99"
                  " | longest | server CPU, s | peak MiB |\n|---|" + "---:|" * 9)  # fmt: skip
            scene.measure("quiet", lambda course: asyncio.sleep(QUIET))
            came = scene.measure(
                "storm", lambda course: _storm(running.port, absents, given.tickets, course)
            )
    waits = sorted(came.waits)
    if waits:
        half, most = statistics.median(waits), waits[-1]
        print(f"\n{len(waits)} of {given.users} have what they missed, half of them after"
              f" {half:.1f} s, the last after {most:.1f} s")  # fmt: skip
    print(f"told to come later: {dict(came.refused) or 'nobody'}")
    for fault in came.faults[:5]:
        print(f"FAULT: {fault}")
    return int(len(waits) < given.users)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.resuming", description=__doc__)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--rooms", type=int, default=20, help="in which they are, each in one")
    parser.add_argument("--missed", type=int, default=100, help="messages of each room")
    parser.add_argument("--tickets", action="store_true", help="connect with tickets, not tokens")
    parser.add_argument("--cpu", type=int, default=0, help="the server's processor: 0 or 1")
    return parser.parse_args()


@frozen
class Scene:
    """A server, and the others who are there."""

    running: Running
    others: Audience
    work: Path
    load: client.Client

    def measure(
        self, what: str, happens: Callable[[Course], Coroutine[object, object, None]]
    ) -> Course:
        """A line of the table."""
        running, course = self.running, Course()
        plan = self.work / "others.plan"
        speech = partial(running.speech, self.others.key)
        write_plan(plan, self.others, speech, port=running.port, run=len(what))
        talk = self.load.start(
            plan, port=running.port, group=running.group, mode="rate", rate=RATE,
            signalled=True, time=LONGEST, stall=60,
        )  # fmt: skip
        talk.await_line("talking")
        mine, theirs = multiprocessing.Pipe()
        hall = seeding.read(self.work / "data" / "trichat.db", [self.others]).rooms["r-others"][0]
        token = _token(running, self.others.key, next(self.others.seats()))
        reader = multiprocessing.Process(
            target=_read_history, args=(theirs, running.port, hall.uuid, token)
        )
        reader.start()
        begin = time.monotonic()
        talk.signal()
        asyncio.run(happens(course))
        seconds = time.monotonic() - begin
        talk.signal()
        mine.send("over")
        felt, pages = talk.outcome(), sorted(mine.recv())
        reader.join()
        latency = felt.latency
        told = (seconds, latency.p50, latency.p99, latency.max, *_quantiles(pages), felt.cpu,
                running.peak() / 1024)  # fmt: skip
        print(f"| {what} | " + " | ".join(f"{value:.1f}" for value in told) + " |", flush=True)
        if felt.fault:
            course.faults.append(f"the others: {felt.fault}")
        return course


async def _storm(port: int, absents: Sequence[Absent], tickets: bool, course: Course) -> None:
    """All at once; they stay until the last has everything."""
    together = asyncio.Barrier(len(absents))
    async with asyncio.TaskGroup() as group:
        for absent in absents:
            group.create_task(come_back(port, absent, tickets, course, together))


def _absents(path: Path, running: Running, crowd: Audience, missed: int) -> list[Absent]:
    halls = seeding.read(path, [crowd]).rooms[crowd.key]
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    cursors = {}
    for hall in halls:
        query = "SELECT seq, at FROM events WHERE room_id = ? AND seq ="
        query += " (SELECT last_seq - ? FROM rooms WHERE id = events.room_id)"
        ((seq, at),) = db.execute(query, (hall.id, missed))
        cursors[hall.id] = seq, str(position(hall.id, seq, at))
    db.close()
    return [
        Absent(_token(running, crowd.key, seat), hall.uuid, hall.id, *cursors[hall.id], missed)
        for seat in crowd.seats()
        for hall in [halls[seat.room]]
    ]


def _token(running: Running, key: str, seat: Seat) -> str:
    (token,) = parse_qs(urlsplit(running.speech(key, seat).path(seat)).query)["token"]
    return token


def _read_history(over: Connection, port: int, room: str, token: str) -> None:
    """In a process of its own: how long each page took, in milliseconds."""
    times = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    while not over.poll(PAUSE):
        begin = time.monotonic()
        path = f"/api/v1/messages/channel/{room}?limit=50"
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        times.append((time.monotonic() - begin) * 1000)
    over.send(times)


def _quantiles(times: Sequence[float]) -> tuple[float, float, float]:
    return times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]


if __name__ == "__main__":
    sys.exit(main())
