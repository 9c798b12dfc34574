"""A crowd that comes at once is let in at a bounded rate, and who is connected is served meanwhile.

The clock is mocked.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import Bench, ScriptedLink, open_bench
from trichat.core.model import User
from trichat.settings import Limits, Settings
from trichat.web.sockets import serve
from trichat.wire.link import Link

RATE, PATIENCE = 10, 2  # twenty at once, one every 100 ms
GOING_AWAY = 1001


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    limits = Limits(admissions=RATE, admission_wait=PATIENCE)
    async with open_bench(tmp_path, Settings(limits=limits)) as bench:
        yield bench


@define(eq=False)
class Peer:
    """An upgrade request. journal: shared by all, with what became of each."""

    query: Mapping[str, str]
    journal: list[str]
    path: str = "/ws"
    peer: str = "192.0.2.1"
    headers: Mapping[str, str] = field(factory=dict)
    link: ScriptedLink = field(factory=ScriptedLink)
    answer: tuple[int, Mapping[str, str]] = (0, {})

    async def accept(self) -> Link:
        await trio.lowlevel.checkpoint()
        self.journal.append("let in")
        return self.link

    async def refuse(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        await trio.lowlevel.checkpoint()
        self.journal.append("refused")
        self.answer = status, headers

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        await session()


@define(eq=False)
class Storm:
    """Peers of one user, all at the same moment."""

    bench: Bench
    user: User
    journal: list[str] = field(factory=list)
    peers: list[Peer] = field(factory=list)

    async def come(self, number: int) -> None:
        token = self.bench.runtime.accounts.token(self.user)
        for _ in range(number):
            self.peers.append(Peer({"token": token}, self.journal))
            endpoint = self.bench.endpoint("channels")
            self.bench.nursery.start_soon(serve, self.bench.runtime, endpoint, self.peers[-1])
        await wait_all_tasks_blocked()

    def count(self, what: str) -> int:
        return self.journal.count(what)


async def test_who_is_connected_is_answered_between_two_who_are_let_in(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    connected = bench.connect("channels", ann)
    await connected.text(0)
    storm = Storm(bench, await bench.user("bob"))
    await storm.come(15)
    await trio.sleep(0.5 / RATE)
    for number in range(1, 15):
        connected.says({"type": "ping"})
        began = trio.current_time()
        while True:
            pongs = sum(frame["type"] == "pong" for frame in connected.texts)
            if pongs == number:
                break
            await trio.lowlevel.checkpoint()
        assert trio.current_time() == began
        storm.journal.append("pong")
        await trio.sleep(1 / RATE)
    assert storm.journal == ["let in", "pong"] * 14 + ["let in"]


async def test_beyond_the_bound_a_handshake_is_told_when_to_come_again(
    autojump_clock: MockClock, bench: Bench
) -> None:
    storm = Storm(bench, await bench.user("ann"))
    await storm.come(RATE * PATIENCE + 2)
    refused = [peer.answer for peer in storm.peers if peer.answer[0]]
    assert [status for status, _ in refused] == [503, 503]
    assert all(1 <= int(headers["retry-after"]) <= PATIENCE for _, headers in refused)
    await trio.sleep(1 / RATE)
    await storm.come(2)
    assert storm.count("refused") == 3
    await trio.sleep(60)
    assert storm.count("let in") == RATE * PATIENCE + 1


async def test_who_waits_when_the_server_begins_to_end_gets_503_at_once(
    autojump_clock: MockClock, bench: Bench
) -> None:
    storm = Storm(bench, await bench.user("ann"))
    await storm.come(5)
    began = trio.current_time()
    bench.nursery.start_soon(bench.runtime.drain)
    await wait_all_tasks_blocked()
    assert sorted(peer.answer[0] for peer in storm.peers) == [0, 503, 503, 503, 503]
    let_in = next(peer for peer in storm.peers if not peer.answer[0])
    assert let_in.link.closed == GOING_AWAY
    assert trio.current_time() - began < 1 / RATE


def bad(bench: Bench, user: User) -> list[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    """Credentials that are plainly none: dialect, query and headers."""
    good = bench.runtime.accounts.token(user)
    past = bench.runtime.clock() // 1000 - 10
    expired = bench.runtime.accounts._tokens.issue(user.uuid, user.id, "ann", expires_at=past)
    forged = f"{good[:-6]}AAAAAA"
    tokens = ["", "nonsense", forged, expired, f"{good}x", "tct_short", "a" * 10_000]
    return [
        ("channels", {}, {}),
        *[("channels", {"token": each}, {}) for each in tokens],
        *[("lobby", {}, {"authorization": f"Bearer {each}"}) for each in tokens],
        ("lobby", {"token": good}, {"x-api-key": "tck_short"}),
        ("lobby", {}, {"x-api-key": f"tck_{'é' * 43}"}),
        ("chats", {"ticket": "tct_short"}, {}),
        ("room", {"ticket": good}, {}),
        ("conversations", {"resume": "1"}, {"authorization": f"Bearer {good}"}),
    ]


@pytest.mark.promise("all-25")
async def test_what_is_plainly_bad_takes_no_turn(autojump_clock: MockClock, bench: Bench) -> None:
    """Neither a place: it is refused at once also while others wait for theirs."""
    ann, began = await bench.user("ann"), trio.current_time()
    peers = []
    for _ in range(10):
        for dialect, query, headers in bad(bench, ann):
            peers.append(Peer(query, [], headers=headers))
            endpoint = bench.endpoint(dialect)
            bench.nursery.start_soon(serve, bench.runtime, endpoint, peers[-1])
    storm = Storm(bench, ann)
    await storm.come(RATE * PATIENCE)
    assert storm.count("let in") == 1
    assert trio.current_time() == began
    for peer in peers:
        assert peer.answer[0] == 401 or peer.link.closed in (1008, 4001), (peer.query, peer.headers)
    await trio.sleep(PATIENCE)
    assert (storm.count("let in"), storm.count("refused")) == (RATE * PATIENCE, 0)


@pytest.mark.promise("all-25")
@pytest.mark.parametrize("credential", ["token", "ticket", "key"])
async def test_a_flood_from_one_address_leaves_others_their_turns(
    autojump_clock: MockClock, bench: Bench, credential: str
) -> None:
    """With good tokens, or with tickets and keys of which only the store can say what they are."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    query, headers = {
        "token": lambda: ({"token": bench.runtime.accounts.token(ann)}, {}),
        "ticket": lambda: ({"ticket": f"tct_{'x' * 43}"}, {}),
        "key": lambda: ({}, {"x-api-key": f"tck_{'x' * 43}"}),
    }[credential]()  # type: ignore[no-untyped-call]
    dialect = "lobby" if credential == "key" else "channels"
    for number in range(60):
        flooding = Peer(query, [], peer=f"2001:db8::{number:x}", headers=headers)  # one /64
        bench.nursery.start_soon(serve, bench.runtime, bench.endpoint(dialect), flooding)
        await trio.lowlevel.checkpoint()
    await wait_all_tasks_blocked()
    honest = Storm(bench, bob)
    began = trio.current_time()
    await honest.come(1)
    while honest.count("let in") == 0:
        await trio.sleep(0.01)
        assert honest.count("refused") == 0
    assert trio.current_time() - began <= 3 / RATE
