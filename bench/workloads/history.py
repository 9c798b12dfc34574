"""F: pages of a room of 1,000,000 messages by cursor, search among 100,000 users; and of G, how
such a server starts.
"""

import http.client
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bench import seeding
from bench.audience import Audience
from bench.campaign import Bench
from bench.load import Profile
from bench.peer import Seat
from bench.peers.visitor import Visitor
from bench.results import Row
from bench.running import Running
from bench.seeding import Hall, Stock
from bench.trichat import SQLITE

SMALL = Audience("f-small", rooms=1, members=1, dialects=("conversations",))
BIG = Audience("f-big", rooms=1, members=1, dialects=("conversations",))
AUDIENCES = (SMALL, BIG)
FEW = 1000
PAGE = 50
ASKED = 300

Ask = Callable[[], bytes]


def stock(profile: Profile) -> Stock:
    """What is in the database beside them."""
    many = round(1_000_000 * profile.scale)
    tenth = many // 10
    return Stock(tenth, tenth, (("f-small", FEW), ("f-big", many)), many)


def run(bench: Bench, turn: int) -> None:
    """F, and the start of G with the same database."""
    held = stock(bench.profile)
    with bench.fresh() as place, SQLITE.start(place, AUDIENCES, bench.server_cpu, held) as running:
        _add_start(bench, running, "full", turn)
        source = seeding.seeded(place.built / "seeds", AUDIENCES, held)
        rooms = seeding.read(source, AUDIENCES).rooms
        small, big = rooms["f-small"][0], rooms["f-big"][0]
        visitor = Visitor(running.port, running.speech("f-big", Seat(0, 0)), Seat(0, 0))
        chance = random.Random(turn)
        asks = {
            "F page of 1,000": partial(
                _page, visitor, chance, small, seeding.message_ids(source, small)
            ),
            "F page of 1,000,000": partial(
                _page, visitor, chance, big, seeding.message_ids(source, big)
            ),
            "F search": partial(_search, visitor, chance, held.users),
        }
        for row, times in _timed(asks).items():
            _add(bench, row, turn, times)
        visitor.close()
        _add(
            bench, f"F REST page at offset {9 * held.rooms:,}", turn, _by_offset(running, big, held)
        )


def run_empty(bench: Bench, turn: int) -> None:
    """The start of G with nothing in the database."""
    with bench.fresh() as place, SQLITE.start(place, (), bench.server_cpu) as running:
        _add_start(bench, running, "empty", turn)


def _add_start(bench: Bench, running: Running, kind: str, turn: int) -> None:
    values = {"seconds": running.start_seconds, "mib": running.rss() / 1024}
    said = f"{values['seconds']:.2f} s, {values['mib']:.0f} MiB"
    bench.add(Row("G", f"G start {kind}", SQLITE.key, turn, values=values), said)


def _add(bench: Bench, row: str, turn: int, times: Sequence[float]) -> None:
    values = {
        "p50": statistics.median(times),
        "p99": statistics.quantiles(times, n=100)[98],
    }
    said = f"p50 {values['p50']:.2f} ms, p99 {values['p99']:.2f} ms"
    bench.add(Row("F", row, SQLITE.key, turn, values=values), said)


def _timed(asks: Mapping[str, Ask]) -> dict[str, list[float]]:
    """Milliseconds of each, taking turns, so that all meet the same noise."""
    times: dict[str, list[float]] = {row: [] for row in asks}
    for _ in range(ASKED):
        for row, ask in asks.items():
            begin = time.perf_counter()
            ask()
            times[row].append((time.perf_counter() - begin) * 1000)
    return times


def _page(visitor: Visitor, chance: random.Random, hall: Hall, ids: tuple[int, int]) -> bytes:
    question = {
        "type": "chat.get_messages",
        "conversation_id": hall.id,
        "limit": PAGE,
        "before_id": chance.randint(ids[0] + PAGE, ids[1]),
    }
    answer = visitor.ask(json.dumps(question).encode())
    assert answer.count(b'"sender"') == PAGE, answer[:200]
    return answer


def _search(visitor: Visitor, chance: random.Random, users: int) -> bytes:
    keyword = f"er{chance.randrange(users // 100):03d}"
    answer = visitor.ask(json.dumps({"type": "chat.search_user", "keyword": keyword}).encode())
    assert b'"chat.search_results"' in answer, answer[:200]
    return answer


def _by_offset(running: Running, hall: Hall, held: Stock) -> list[float]:
    """What the documented query, which counts from the newest, takes far from it."""
    path = running.speech("f-big", Seat(0, 0)).path(Seat(0, 0))
    token = path.partition("token=")[2]
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    target = f"/api/v1/messages/channel/{hall.uuid}?limit={PAGE}&offset={9 * held.rooms}"
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        times.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 200, body[:200]
    connection.close()
    return times
