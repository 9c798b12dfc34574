"""H: 2000 users of the channels dialect lose their connections at once and come back at once."""

from bench.audience import Audience
from bench.before import LATELY, Before
from bench.campaign import Bench
from bench.client import ClientError
from bench.results import Row
from bench.trichat import SQLITE, Trichat

USERS = 2000
ALL = Audience("h-all", rooms=1, members=USERS, talkers=0, dialects=("channels",))

# Each user's 20 other rooms: members of rooms whose numbers are divisors of 2000, twice.
COUNTS = (400, 250, 200, 125, 100, 80, 50, 40, 25, 20)
ROOMS = tuple(
    Audience(f"h-{turn}-{rooms}", rooms=rooms, members=USERS // rooms, talkers=0)
    for turn in (1, 2)
    for rooms in COUNTS
)

OTHERS = Audience("h-others", rooms=1, members=20, first=USERS)
RATE = 50

# Seconds after which the others stop waiting for its end.
LONGEST = 100


def run(bench: Bench, turn: int) -> None:
    """The storm, and what others feel of it."""
    _run(bench, SQLITE, turn)


def run_before(bench: Bench, turn: int) -> None:
    """The same with ourselves before."""
    _run(bench, LATELY, turn)


def _run(bench: Bench, subject: Trichat | Before, turn: int) -> None:
    audiences = (ALL, *ROOMS, OTHERS)
    with bench.fresh() as place, subject.start(place, audiences, bench.server_cpu) as running:
        to = {"port": running.port, "group": running.group}
        others = bench.client.start(
            bench.plan(running, OTHERS),
            **to, mode="rate", rate=RATE, signalled=True, time=LONGEST, stall=30,
        )  # fmt: skip
        storm = bench.client.start(
            bench.plan(running, ALL), **to, mode="storm", stall=30, at_once=64
        )
        try:
            storm.await_line("storm")
            others.signal()
            storm.await_line("steady")
            others.signal()
            felt, came = others.outcome(), storm.outcome()
        except ClientError as error:
            bench.add(Row("H", "H", subject.key, turn, fault=str(error)), "", 2)
            return
        finally:
            others.process.kill()
            storm.process.kill()
        said = f"{came.cpu:.2f} s of CPU, {came.frames:,} frames, {came.seconds:.2f} s"
        fault = came.fault and f"{came.fault}: {said}"
        row = Row("H", "H", subject.key, turn, fault, came)
        beside = Row("H", "H others", subject.key, turn, felt.fault, felt)
        bench.add(row, said)
        bench.add(beside, f"p99 {felt.latency.p99:.1f} ms")
