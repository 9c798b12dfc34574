"""Who comes in: limits under a burst, and a credential that ends on the way through the door."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.wire.scripted import Bench, Gate, ScriptedLink, open_bench
from trichat.auth import apikeys
from trichat.core.model import Role, Status, User
from trichat.core.refusals import NoSuchLogin
from trichat.runtime.accounts import VerifiedCredentials
from trichat.runtime.administration import new_reason
from trichat.runtime.logins import Granted
from trichat.settings import Settings
from trichat.store.apikeys import AddApiKey, RevokeApiKey
from trichat.store.roles import SetRole
from trichat.store.users import SetPassword
from trichat.web.sockets import serve
from trichat.wire.link import Link, LinkLostError

PER_USER, IN_ALL = 2, 5


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    settings = Settings()
    limits = evolve(settings.limits, connections=IN_ALL, connections_per_user=PER_USER)
    async with open_bench(tmp_path, evolve(settings, limits=limits)) as bench:
        yield bench


class Peer:
    """An upgrade request by a lobby client, whose 101 is written when `lets_in` is set."""

    path = "/ws/chat"
    peer = "192.0.2.1"

    def __init__(
        self, lets_in: trio.Event, query: Mapping[str, str] | None = None, **headers: str
    ) -> None:
        self.query = query or {}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.link = ScriptedLink()
        self.refused: int | None = None
        self.gone = False
        self.lets_in = lets_in

    async def accept(self) -> Link:
        await self.lets_in.wait()
        if self.gone:
            raise LinkLostError("gone")
        return self.link

    async def refuse(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        await trio.lowlevel.checkpoint()
        self.refused = status

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        await session()


class Door:
    """Where they come to."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.lets_in = trio.Event()

    async def come(self, user: User) -> Peer:
        token = self.bench.runtime.accounts.token(user)
        return await self.come_with(authorization=f"Bearer {token}")

    async def come_with(self, query: Mapping[str, str] | None = None, **headers: str) -> Peer:
        peer = Peer(self.lets_in, query, **headers)
        endpoint = self.bench.endpoint("lobby")
        self.bench.nursery.start_soon(self._serve, endpoint, peer)
        await trio.sleep(1)  # they come in one after another
        await wait_all_tasks_blocked()
        return peer

    async def _serve(self, endpoint: object, peer: Peer) -> None:
        try:
            await serve(self.bench.runtime, endpoint, peer)  # type: ignore[arg-type]
        except LinkLostError:
            assert peer.gone


async def test_lobby_18_a_burst_of_one_user_gets_no_more_sockets_than_one_after_another(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    door = Door(bench)
    burst = [await door.come(ann) for _ in range(4)]
    other = await door.come(bob)
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert [peer.refused for peer in (*burst, other)] == [None, None, 429, 429, None]
    assert len(bench.runtime.connections.of(ann.id)) == PER_USER
    assert len(bench.runtime.connections) == PER_USER + 1


async def test_lobby_18_a_burst_gets_no_more_sockets_than_the_server_has(
    autojump_clock: MockClock, bench: Bench
) -> None:
    people = [await bench.user(f"user{number}") for number in range(IN_ALL + 2)]
    door = Door(bench)
    identifying = Gate(bench.runtime.store, "token_status")
    burst = [await door.come(user) for user in people]
    identifying.opened.set()
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert sorted(str(peer.refused) for peer in burst) == ["503"] * 2 + ["None"] * IN_ALL
    assert len(bench.runtime.connections) == IN_ALL


async def test_who_leaves_at_the_door_leaves_his_place(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    for _ in range(3):
        door = Door(bench)
        for peer in [await door.come(ann) for _ in range(PER_USER)]:
            assert peer.refused is None
            peer.gone = True
        door.lets_in.set()
        await wait_all_tasks_blocked()
    assert len(bench.runtime.connections) == 0


async def test_a_place_is_free_again_when_its_session_has_ended(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    door = Door(bench)
    door.lets_in.set()
    for _ in range(3):
        peers = [await door.come(ann) for _ in range(PER_USER + 1)]
        assert [peer.refused for peer in peers] == [None, None, 429]
        for peer in peers[:PER_USER]:
            peer.link.hears_close()
        await wait_all_tasks_blocked()


async def test_all_17_a_key_that_is_revoked_on_the_way_in_opens_nothing(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann = await bench.user("ann")
    runtime = bench.runtime
    key, digest = apikeys.new_key()
    number = await runtime.storage.submit(AddApiKey(ann.id, digest, "", 1))
    assert isinstance(number, int)
    door = Door(bench)
    peer = await door.come_with(x_api_key=key)
    await runtime.storage.submit(RevokeApiKey(number, 2))
    runtime.connections.revoke_key(number)
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert peer.link.closed == 1008
    assert len(runtime.connections) == 0


@pytest.mark.parametrize("way", ["token", "ticket"])
@pytest.mark.parametrize("end", ["logout", "logout everywhere", "password", "used twice"])
async def test_all_17_a_login_that_ends_on_the_way_in_opens_nothing(
    autojump_clock: MockClock, bench: Bench, end: str, way: str
) -> None:
    user, runtime = await bench.user("ann"), bench.runtime
    await runtime.storage.submit(SetPassword(user.id, "hash", 1))
    granted = await runtime.logins.open(VerifiedCredentials(user, "hash"), refresh=True)
    assert isinstance(granted, Granted)
    assert granted.refresh_token is not None
    identity = await runtime.accounts.identify(granted.access_token)
    door = Door(bench)
    if way == "ticket":
        ticket = await runtime.logins.ticket(identity)
        assert isinstance(ticket, str)
        peer = await door.come_with(query={"ticket": ticket})
    else:
        peer = await door.come_with(authorization=f"Bearer {granted.access_token}")
    match end:
        case "logout":
            await runtime.logins.end(identity)
        case "logout everywhere":
            await runtime.logins.end_all(identity)
        case "password":
            other = await runtime.accounts.identify(runtime.accounts.token(user))
            await runtime.logins.change_password(
                other, VerifiedCredentials(user, "hash"), "Another-2"
            )
        case _:
            renewed = await runtime.logins.renew(granted.refresh_token)
            assert isinstance(renewed, Granted)
            assert renewed.refresh_token is not None
            await runtime.logins.renew(renewed.refresh_token)
            assert await runtime.logins.renew(granted.refresh_token) == NoSuchLogin()
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert peer.link.closed == 1008
    assert len(runtime.connections) == 0


@pytest.mark.parametrize("way", ["token", "ticket"])
async def test_all_17_who_is_barred_on_the_way_in_comes_to_nothing(
    autojump_clock: MockClock, bench: Bench, way: str
) -> None:
    ann, root = await bench.user("ann"), await bench.user("root")
    runtime = bench.runtime
    await runtime.storage.submit(SetRole(root.id, Role.SUPER_ADMIN, 1))
    token = runtime.accounts.token(ann)
    ticket = await runtime.logins.ticket(await runtime.accounts.identify(token))
    door = Door(bench)
    if way == "ticket":
        peer = await door.come_with(query={"ticket": str(ticket)})
    else:
        peer = await door.come_with(authorization=f"Bearer {token}")
    await runtime.administration.suspend(root, ann, Status.BANNED, new_reason(), hours=None)
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert peer.link.closed == 1008
    assert len(runtime.connections) == 0


async def test_a_ticket_lets_in_though_others_end_meanwhile(
    autojump_clock: MockClock, bench: Bench
) -> None:
    """It is used by then: who came with it is looked at again by their login."""
    ann, bob = await bench.user("ann"), await bench.user("bob")
    runtime = bench.runtime
    by = await runtime.accounts.identify(runtime.accounts.token(ann))
    door = Door(bench)
    peer = await door.come_with(query={"ticket": str(await runtime.logins.ticket(by))})
    runtime.connections.end_logins(bob.id)
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert peer.link.closed is None
    assert len(runtime.connections) == 1


async def test_all_17_a_socket_that_came_by_a_ticket_ends_when_the_token_would(
    autojump_clock: MockClock, bench: Bench
) -> None:
    runtime = bench.runtime
    by = await runtime.accounts.identify(runtime.accounts.token(await bench.user("ann")))
    await trio.sleep(60)
    door = Door(bench)
    door.lets_in.set()
    peer = await door.come_with(query={"ticket": str(await runtime.logins.ticket(by))})
    peer.link.pings = False  # its silence is no matter
    await trio.sleep(1739)
    assert peer.link.closed is None
    await trio.sleep(2)
    assert peer.link.closed == 1008


@pytest.mark.parametrize("late", [0.1, 100.0])
async def test_a_ticket_waits_for_seconds(
    autojump_clock: MockClock, bench: Bench, late: float
) -> None:
    runtime = bench.runtime
    by = await runtime.accounts.identify(runtime.accounts.token(await bench.user("ann")))
    ticket = await runtime.logins.ticket(by)
    await trio.sleep(30 + late)
    peer = await Door(bench).come_with(query={"ticket": str(ticket)})
    assert peer.refused == 401


async def test_one_credential_that_ends_does_not_end_others_on_their_way_in(
    autojump_clock: MockClock, bench: Bench
) -> None:
    ann, bob = await bench.user("ann"), await bench.user("bob")
    door = Door(bench)
    peer = await door.come(bob)
    bench.runtime.connections.suspend(ann.id)
    door.lets_in.set()
    await wait_all_tasks_blocked()
    assert peer.link.closed is None
    assert len(bench.runtime.connections) == 1
