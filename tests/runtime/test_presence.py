"""Who came online and who went: edges only, a tick later, once per observer (channels-12)."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.rounds import Rounds, rounds
from tests.runtime.listeners import Recorder
from tests.runtime.staging import Stage
from tests.runtime.stores import Held
from tests.store.ledger import NOW, Ledger
from trichat.core.model import User
from trichat.runtime.listener import Batch
from trichat.runtime.notices import PUTS_PER_YIELD
from trichat.runtime.presence import Presence
from trichat.store.health import StoreError

Clock = trio.testing.MockClock
TICK = 0.1


class Town:
    """Alice and Bob share two rooms and a direct one; Carol shares nothing with Alice."""

    def __init__(self, store: Held, nursery: trio.Nursery) -> None:
        self.store, self.ledger = store, Ledger(store)
        stage = Stage(nursery, on_edge=lambda user, online: self.presence.edge(user, online))
        self.dialect, self.feeds = stage.dialects[0], stage.feeds
        self.audiences, self.connections = stage.audiences, stage.connections
        self.presence = Presence(
            store,
            self.audiences,
            stage.encoder,
            stage.notices,
            lambda: NOW,
            tick=TICK,
        )

    async def found(self) -> None:
        self.alice, self.bob, self.carol = await self.ledger.people("alice", "bob", "carol")
        self.rooms = [await self.ledger.room(self.alice, self.bob) for _ in range(2)]
        self.rooms.append(await self.ledger.room(self.carol))
        self.direct = await self.ledger.direct(self.alice, self.carol)

    async def come(self, user: User) -> Recorder:
        """A socket that follows its user's rooms."""
        listener = Recorder(user, self.dialect, feeds=self.feeds)
        for admission in await self.store.admissions(user.id):
            self.feeds.open(admission.room).learn(0)
            listener.enter(admission.room)
        self.connections.connect(listener)
        return listener

    def go(self, listener: Recorder) -> None:
        for room in (*self.rooms, self.direct):
            if room.id in listener.subscriptions:
                listener.leave(room)
        self.connections.disconnect(listener)


@pytest.fixture
async def town(tmp_path: Path, nursery: trio.Nursery) -> AsyncIterator[Town]:
    store = await Held.at(tmp_path)
    town = Town(store, nursery)
    await town.found()
    nursery.start_soon(town.presence.run)
    yield town
    await store.aclose()


class TestPresence:
    @pytest.mark.promise("channels-12")
    async def test_an_observer_is_told_once_however_many_rooms_he_shares(
        self, town: Town, autojump_clock: Clock
    ) -> None:
        bob, carol = await town.come(town.bob), await town.come(town.carol)
        await trio.sleep(1)
        bob.heard.clear()
        alice = await town.come(town.alice)
        await trio.sleep(1)
        assert bob.heard == ["statuschanged alice True"]
        assert "statuschanged alice True" not in carol.heard
        assert alice.heard == []
        town.go(alice)
        await trio.sleep(1)
        assert bob.heard == ["statuschanged alice True", "statuschanged alice False"]

    async def test_it_is_told_a_tick_later(self, town: Town, autojump_clock: Clock) -> None:
        bob = await town.come(town.bob)
        await trio.sleep(1)
        await town.come(town.alice)
        await trio.sleep(TICK * 0.9)
        assert bob.heard == []
        await trio.sleep(TICK * 0.2)
        assert bob.heard == ["statuschanged alice True"]

    async def test_a_second_socket_is_no_edge(self, town: Town, autojump_clock: Clock) -> None:
        bob = await town.come(town.bob)
        one = await town.come(town.alice)
        await trio.sleep(1)
        bob.heard.clear()
        two = await town.come(town.alice)
        await trio.sleep(1)
        town.go(one)
        await trio.sleep(1)
        assert bob.heard == []
        town.go(two)
        await trio.sleep(1)
        assert bob.heard == ["statuschanged alice False"]

    @pytest.mark.promise("channels-12")
    async def test_a_flap_within_a_tick_says_nothing(
        self, town: Town, autojump_clock: Clock
    ) -> None:
        bob = await town.come(town.bob)
        alice = await town.come(town.alice)
        await trio.sleep(1)
        bob.heard.clear()
        for _ in range(3):
            town.go(alice)
            alice = await town.come(town.alice)
        await trio.sleep(1)
        town.go(await town.come(town.carol))
        await trio.sleep(1)
        assert bob.heard == []

    async def test_an_odd_number_of_flaps_is_one_edge(
        self, town: Town, autojump_clock: Clock
    ) -> None:
        bob = await town.come(town.bob)
        alice = await town.come(town.alice)
        await trio.sleep(1)
        bob.heard.clear()
        town.go(alice)
        alice = await town.come(town.alice)
        town.go(alice)
        await trio.sleep(1)
        assert bob.heard == ["statuschanged alice False"]

    async def test_an_edge_while_another_is_told_is_not_lost(
        self, town: Town, autojump_clock: Clock
    ) -> None:
        bob = await town.come(town.bob)
        await trio.sleep(1)
        alice = await town.come(town.alice)
        for _ in range(5):
            await trio.sleep(TICK)
            town.go(alice)
            await trio.sleep(TICK)
            alice = await town.come(town.alice)
        await trio.sleep(1)
        words = [frame.rsplit(" ", 1)[1] for frame in bob.heard]
        assert words[-1] == "True"
        assert all(one != other for one, other in pairwise(words))

    async def test_a_crowd_that_comes_at_once_is_one_put(
        self, town: Town, autojump_clock: Clock
    ) -> None:
        crowd = await town.ledger.people(*(f"user{number}" for number in range(20)))
        await town.ledger.room(town.alice, *crowd)
        alice = await town.come(town.alice)
        await trio.sleep(1)
        arrived = [await town.come(user) for user in crowd]
        await trio.sleep(1)
        told = [f"statuschanged {user.username} True" for user in crowd]
        assert alice.heard == told
        assert len(alice.batches) == 1
        for listener, own in zip(arrived, told, strict=True):
            assert listener.heard == [frame for frame in told if frame != own]
            assert len(listener.batches) == 1

    async def test_a_dialect_without_a_frame_for_it_is_told_nothing(
        self, town: Town, autojump_clock: Clock
    ) -> None:
        town.dialect.encode = lambda event: ()
        bob = await town.come(town.bob)
        await town.come(town.alice)
        await trio.sleep(1)
        assert bob.batches == []

    @pytest.mark.parametrize("error", [StoreError("gone"), RuntimeError("a bug")])
    async def test_a_failing_store_loses_an_edge_and_nothing_more(
        self, town: Town, autojump_clock: Clock, error: Exception
    ) -> None:
        bob = await town.come(town.bob)
        await trio.sleep(1)
        alice = await town.come(town.alice)
        town.store.reads_fail = error
        await trio.sleep(1)
        assert bob.heard == []
        town.store.reads_fail = None
        town.go(alice)
        await trio.sleep(1)
        assert bob.heard == ["statuschanged alice False"]

    async def test_a_crowd_that_listens_is_told_some_at_a_time(
        self, town: Town, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Others are served between."""
        crowd = await town.ledger.people(*(f"user{number}" for number in range(4)))
        await town.ledger.room(town.alice, *crowd)
        listeners = [await town.come(crowd[number % 4]) for number in range(3 * PUTS_PER_YIELD)]
        await trio.sleep(1)
        with rounds() as counting:
            for listener in listeners:
                monkeypatch.setattr(listener, "put", counted(counting, listener.put))
            await town.come(town.alice)
            await trio.sleep(1)
        assert counting.in_each.total() == 3 * PUTS_PER_YIELD
        assert counting.most <= PUTS_PER_YIELD

    async def test_it_rests_for_as_long_as_it_has_worked(
        self, town: Town, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else a crowd's presence would be all that the server does."""
        rooms_of = town.store.rooms_of

        async def slowly(users: list[int]) -> Mapping[int, Sequence[int]]:
            await trio.sleep(3)
            return await rooms_of(users)

        bob = await town.come(town.bob)
        await trio.sleep(1)
        monkeypatch.setattr(town.store, "rooms_of", slowly)
        alice = await town.come(town.alice)
        await trio.sleep(TICK + 2.9)
        town.go(alice)  # while it tells that she came
        await trio.sleep(0.2)
        assert bob.heard == ["statuschanged alice True"]
        await trio.sleep(5.8)
        assert bob.heard == ["statuschanged alice True"]
        await trio.sleep(0.2)
        assert bob.heard == ["statuschanged alice True", "statuschanged alice False"]


def counted(counting: Rounds, put: Callable[[Batch], None]) -> Callable[[Batch], None]:
    def counts(batch: Batch) -> None:
        counting.happened()
        put(batch)

    return counts
