"""What another process writes to the database holds for sockets that are open already."""

from pathlib import Path

import pytest
import trio
import trio.testing

from tests.dialects.speech import CLOSED
from tests.wire.scripted import START, ScriptedLink, open_bench
from trichat.core.model import Role
from trichat.store.apikeys import AddApiKey, RevokeApiKey
from trichat.store.logins import EndLogin, NewLogin, OpenLogin
from trichat.store.roles import SetRole
from trichat.store.signing import EndEverything
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.users import SetPassword


async def test_a_role_and_a_key_changed_beside_the_server(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        key = await bench.runtime.storage.submit(AddApiKey(ann.id, "0" * 64, "bot", START))
        assert isinstance(key, int)
        by_token, by_key = bench.connect("lobby", ann), bench.connect("lobby", ann, key_id=key)
        await trio.sleep(5)
        other = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
        await other.write([RevokeApiKey(key, START), SetRole(ann.id, Role.ADMIN, START)])
        await other.aclose()
        assert code(by_key) is None
        await trio.sleep(1.5)
        assert code(by_key) == 1008
        assert code(by_token) is None
        (session,) = bench.runtime.connections.everyone()
        assert session.user.role is Role.ADMIN


@pytest.mark.promise("all-17")
async def test_all_17_logins_ended_beside_the_server(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """`trichat user password`, or another server of the same database."""
    async with open_bench(tmp_path) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        await bench.runtime.storage.submit(SetPassword(ann.id, "old", START))
        new = NewLogin("two", START + 9000, START + 9000)
        await bench.runtime.storage.submit(OpenLogin(ann.id, "old", new, START, 9))
        early, late = START / 1000 - 60, START / 1000 + 60
        one = bench.connect("lobby", ann, login="one")
        two = bench.connect("lobby", ann, login="two")
        bare = [bench.connect("lobby", ann, login=f"{at}", issued_at=at) for at in (early, late)]
        other = bench.connect("lobby", bob, login="other", issued_at=early)
        await trio.sleep(5)
        store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
        await store.write([EndLogin("one", ann.id, START, START)])
        await trio.sleep(1.5)
        assert [code(link) for link in (one, two, *bare, other)] == [1008, None, None, None, None]
        await store.write([SetPassword(ann.id, "new", START, ends=True)])
        await store.aclose()
        await trio.sleep(1.5)
        assert [code(link) for link in (two, *bare, other)] == [1008, 1008, None, None]


@pytest.mark.promise("all-17")
async def test_all_17_everybody_is_put_out_from_beside_the_server(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """`trichat logout --all`: who comes by an API key too, and they may come again."""
    async with open_bench(tmp_path) as bench:
        ann, bob = await bench.user("ann"), await bench.user("bob")
        key = await bench.runtime.storage.submit(AddApiKey(ann.id, "0" * 64, "bot", START))
        assert isinstance(key, int)
        early, late = START / 1000 - 60, START / 1000 + 600
        links = [
            bench.connect("lobby", ann, login="one"),
            bench.connect("channels", bob, login="bare", issued_at=early),
            bench.connect("chats", bob, login="later", issued_at=late),
            bench.connect("lobby", ann, key_id=key),
        ]
        await trio.sleep(5)
        other = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
        for at in (START + 5000, START + 5000):  # twice in one moment are two
            assert [code(link) for link in links] == [None] * len(links)
            await other.write([EndEverything(at)])
            await trio.sleep(1.5)
            assert [code(link) for link in links] == [1008] * len(links)
            links = [bench.connect("lobby", ann, key_id=key)]
            await trio.sleep(3)
        await other.write([SetRole(bob.id, Role.ADMIN, START)])  # any other write
        await trio.sleep(1.5)
        assert code(links[0]) is None
        await other.write([EndEverything(START + 20_000, keys=True)])
        await trio.sleep(1.5)
        assert code(links[0]) == 1008
        assert not await other.living_keys([key])
        await other.aclose()


@pytest.mark.promise("all-17")
async def test_all_17_a_server_that_starts_after_it_puts_nobody_out(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
    await store.write([EndEverything(START)])
    await store.aclose()
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        link = bench.connect("lobby", ann, key_id=1)
        await trio.sleep(1.5)
        store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
        await store.write([AddApiKey(ann.id, "0" * 64, "bot", START)])
        await store.aclose()
        await trio.sleep(1.5)
        assert code(link) is None


@pytest.mark.promise("all-17")
@pytest.mark.parametrize("dialect", ["chats", "room", "lobby", "channels", "conversations"])
async def test_all_17_a_clock_that_jumps_moves_the_end_of_a_token(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, dialect: str
) -> None:
    """The machine slept, or its clock was set."""
    async with open_bench(tmp_path) as bench:
        link = bench.connect(dialect, await bench.user("ann"), expires_at=START / 1000 + 600)
        link.pings = False
        await trio.sleep(10)
        bench.set_clock(ahead=300_000)
        await trio.sleep(5)
        assert code(link) is None
        bench.set_clock(ahead=100_000)  # set back again
        await trio.sleep(480)
        assert code(link) is None
        await trio.sleep(7)
        assert code(link) == CLOSED[dialect]
        link = bench.connect(dialect, await bench.user("bob"), expires_at=START / 1000 + 9_000)
        link.pings = False
        await trio.sleep(10)
        bench.set_clock(ahead=10_000_000)
        await trio.sleep(1.5)
        assert code(link) == CLOSED[dialect]


async def test_what_this_server_writes_itself_makes_nobody_look(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.user("ann")
        assert not await bench.runtime.store.changed_elsewhere()


async def test_a_fault_in_looking_ends_no_server(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path) as bench:
        looked = []

        async def broken() -> bool:
            looked.append(trio.current_time())
            raise RuntimeError("a bug")

        monkeypatch.setattr(bench.runtime.store, "changed_elsewhere", broken)
        await trio.sleep(3.5)
        assert len(looked) == 3


def code(link: ScriptedLink) -> int | None:
    return link.closed
