"""A run: one seed, its server's lives, its clients, what goes wrong, and the end."""

import logging
from collections.abc import Awaitable, Callable
from functools import cache, partial
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import trio

from tests.simulation import deeds, queues, roll, trouble
from tests.simulation.agenda import Agenda
from tests.simulation.chances import LEASE, Chances, chances, settings
from tests.simulation.clients import CLIENTS, ChannelsClient, Client, ConversationsClient
from tests.simulation.clients.base import SHORT
from tests.simulation.clients.nook import NookClient, nook
from tests.simulation.clients.surroundings import Person, Place
from tests.simulation.dens import Den
from tests.simulation.disk import Disk
from tests.simulation.founding import WANDERER, found
from tests.simulation.house import House, open_house
from tests.simulation.logs import Logs
from tests.simulation.outing import Outing
from tests.simulation.record import Record
from tests.simulation.seams import START, Sockets
from tests.simulation.trace import Trace
from tests.simulation.wire import Wire
from trichat.auth.tokens import Tokens
from trichat.core.model import User
from trichat.runtime.server import Runtime
from trichat.store.sqlite.connecting import connect
from trichat.store.sqlite.migrate import migrate

DRAIN_SLACK = 5.0  # seconds beyond the drain's deadline: to flush, close, commit

SECRET = bytes(range(32))


class World:
    """Implements clients.base.Surroundings. content: of the disk at the very end."""

    def __init__(self, seed: int, directory: Path, sockets: Sockets) -> None:
        self.random = Random(f"{seed} world")
        self.chances: Chances = chances(Random(f"{seed} chances"))
        self.settings = settings(Random(f"{seed} settings"), directory, thin=self.chances.thin)
        self.agenda = Agenda(Random(f"{seed} agenda"), self.chances.grain)
        self.trace = Trace(self.agenda)
        self.record = Record(self.agenda)
        self.thin = self.chances.thin
        self.places: list[Place] = []
        self.people: list[Person] = []
        self.clients: list[Client] = []
        self.lively = True
        self.house: House | None = None
        self.content: dict[str, bytes] = {}
        self.drained: float | None = None  # seconds that the last drain took
        self._seed = seed
        self._directory = directory
        self._sockets = sockets
        self._network = Random(f"{seed} network")
        self._platter = Random(f"{seed} disk")
        self._phase = ""
        self._countdown: tuple[str, int] | None = None
        self._texts = count()
        self._calm = False  # whether nothing goes wrong any more and nobody acts by themselves
        self._last = False  # whether this life of the server is the last
        self._up = trio.Event()
        self._down = trio.Event()

    def clock(self) -> int:
        """The server's wall clock, in milliseconds."""
        return round((START + self.agenda.now) * 1000)

    # -- for clients

    @property
    def calm(self) -> bool:
        return self._calm

    def own_token(self, person: Person) -> str:
        user, tokens = person.user, Tokens(SECRET, lifetime=1800, clock=lambda: self.clock() / 1000)
        return tokens.issue(user.uuid, user.id, user.username)

    def short_token(self, person: Person) -> str:
        user = person.user
        short = Tokens(SECRET, lifetime=SHORT - 1, clock=lambda: self.clock() / 1000)
        return short.issue(user.uuid, user.id, user.username)

    @property
    def draining(self) -> bool:
        return self.house is not None and self.house.stop.is_set()

    def new_text(self) -> str:
        return f"m{next(self._texts)}"

    def dial(self, client: Client, target: str, headers: dict[str, str]) -> Wire | None:
        house = self.house
        if house is None or not house.alive:
            return None
        wire = Wire(self.agenda, self._network, self.chances.weather, client)
        self._sockets.add(wire.socket)
        delay = self._network.uniform(*self.chances.weather.delay)
        self.agenda.after(delay, self._arrive, house, wire, target, headers)
        return wire

    def _arrive(self, house: House, wire: Wire, target: str, headers: dict[str, str]) -> None:
        if house is self.house and house.alive:
            house.upgrade(self.record, wire, target, headers)
        else:
            wire.reset()
            wire.socket.close()

    def rest(
        self,
        person: Person,
        call: Callable[[Runtime, User], Awaitable[Any]],
        answered: Callable[[Any], object],
    ) -> bool:
        house = self.house
        if house is None or not house.alive or house.stop.is_set():
            return False
        house.rest(person, call, answered)
        return True

    # -- the server's lives

    async def run(self) -> None:
        """The whole story; the invariants are asked afterwards."""
        logs = Logs(self)
        logging.getLogger().addHandler(logs)
        try:
            with queues.watched(self.record):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self.agenda.run)
                    nursery.start_soon(self._lives)
                    await self._story()
                    nursery.cancel_scope.cancel()
        finally:
            logging.getLogger().removeHandler(logs)

    async def _lives(self) -> None:
        tokens = Tokens(SECRET, lifetime=1800, clock=lambda: self.clock() / 1000)
        images = {"trichat.db": _empty_database()}
        for life in count():
            disk = self._mount(self._directory / str(life), images)
            house = None
            try:
                async with open_house(self.settings, disk, tokens, self.clock) as house:
                    self.trace.add("server", f"opens, life {life}")
                    self.house = house
                    self._up.set()
                    self.record.let_in.append([])
                    await house.live()
                    self.house = None
            except Exception as error:
                if not disk.dead and not disk.faults:
                    self.record.blame("the server opens and closes", repr(error))
                self.trace.add("server", f"fails: {error!r}")
            self.house = None
            killed = disk.dead
            images = disk.after_crash(torn=self.chances.torn and killed)
            self.trace.add("server", "was killed" if killed else "has closed")
            if self._last and not killed and house is not None:
                break
            await trio.sleep(self._platter.uniform(0.05, 1.0))
        self.content = images
        self._down.set()

    def _mount(self, at: Path, images: dict[str, bytes]) -> Disk:
        disk = Disk(at, images, self._platter)
        disk.latency = self._latency
        disk.sleep = self.agenda.sleep
        disk.fault = self._fault
        disk.loses = lambda: self._phase == "mute" and self._platter.random() < 0.3
        disk.on_sync = partial(self._count, "after a sync")
        return disk

    def _latency(self) -> float:
        if self._phase == "slow":
            return self._platter.uniform(0.05, 0.6)
        return 0.0 if self._platter.random() < 0.7 else self._platter.uniform(0.001, 0.01)

    def _fault(self, action: str) -> type[apsw.Error] | None:
        if action == "sync":
            self._count("before a sync")
        if self._phase == "full" and action == "write":
            return apsw.FullError
        if self._phase == "failing" and self._platter.random() < 0.2:
            return apsw.IOError
        return None

    def _count(self, moment: str) -> None:
        """A crash that waits for its sync."""
        if self._countdown is not None and self._countdown[0] == moment:
            left = self._countdown[1]
            self._countdown = (moment, left - 1) if left else None
            if not left:
                self._kill()

    # -- what goes wrong

    def _crash(self, how: str) -> None:
        if how == "now":
            self._kill()
        else:
            self._countdown = how, self._platter.randrange(6)

    def _kill(self) -> None:
        house = self.house
        if house is not None and house.alive:
            self.trace.add("server", "is killed")
            for visit in self.record.visits:
                if visit.ended is None:
                    visit.may_end[None] = "the server was killed"
            house.kill()

    def _restart(self) -> None:
        house = self.house
        if house is not None and house.alive and not house.stop.is_set():
            self.trace.add("server", "drains")
            self._expect_drain()
            house.stop.set()

    def _expect_drain(self) -> None:
        for visit in self.record.visits:
            if visit.ended is None:
                visit.may_end[1001] = "the server drained"
                visit.must_end = True

    def slow_down(self, seconds: float) -> None:
        """The disk, for a while."""
        self._disk("slow")
        self.agenda.after(seconds, self._disk, "")

    def _disk(self, phase: str) -> None:
        self.record.slow |= phase == "slow" and not self._calm
        self.trace.add("disk", phase or "well again")
        self._phase = phase

    def _trouble(self, client: Client, what: str) -> None:
        if what == "second tab":
            self.add_client(type(client), client.person, client.home)
        else:
            trouble.befall(client, what)

    # -- the story

    async def _story(self) -> None:
        await self._up.wait()
        assert self.house is not None
        await found(self, self.house.runtime, self.chances.people)
        begin = self.agenda.now
        for number in range(self.chances.clients):
            person = self.people[number % len(self.people)]
            self.add_client(CLIENTS[number % len(CLIENTS)], person, self._home(person, number))
        for kind in (ChannelsClient, ConversationsClient):
            self.add_client(kind, self.people[WANDERER], self.places[0])
        for number in range(self.chances.nooks):
            for who in (0, 3)[: 1 + number % 2]:
                self.add_client(NookClient, self.people[who], nook(f"nook{number}"))
        self._plan()
        await trio.sleep(self.chances.seconds)
        await self._end(begin)

    def _home(self, person: Person, number: int) -> Place:
        """A room that it may be in: a private one only for members, no direct one."""
        mine = [
            place
            for place in self.places
            if not place.direct and (not place.private or person.user.uuid in place.members)
        ]
        return mine[(number // len(CLIENTS)) % len(mine)]

    def add_client(self, kind: type[Client], person: Person, home: Place) -> None:
        """One more of them; it comes soon."""
        client = kind(self, len(self.clients), person, home)
        self.clients.append(client)
        self.agenda.after(self.random.uniform(0, 1.0), client.connect)
        self.agenda.after(self.random.expovariate(1 / self.chances.pause), self._act, client)

    def _act(self, client: Client) -> None:
        if self._calm:
            return
        if client.open:
            if self.random.random() < 0.7:
                client.speak()
            else:
                client.fidget()
        self.agenda.after(self.random.expovariate(1 / self.chances.pause), self._act, client)

    def _plan(self) -> None:
        plan = self.chances
        for at, how in plan.crashes:
            self.agenda.after(at, self._crash, how)
        for at in plan.restarts:
            self.agenda.after(at, self._restart)
        for at, seconds, phase in plan.disk:
            self.agenda.after(at, self._disk, phase)
            self.agenda.after(at + seconds, self._disk, "")
        for at, number, what in plan.troubles:
            self.agenda.after(at, self._trouble, self.clients[number], what)
        for at in plan.wanderings:
            self.agenda.after(at, deeds.wander, self)
        for at in plan.barrings:
            self.agenda.after(at, deeds.bar, self)
        for at in plan.partings:
            self.agenda.after(at, deeds.log_out, self)
        for number, at in enumerate(plan.dens):
            self.agenda.after(at, Den(self, f"den{number}").begin)
        self.agenda.after(0.5, roll.look, self)

    async def _end(self, begin: float) -> None:
        """Everything is well again; then all say a last word, and the server is drained."""
        self._countdown = None
        self._calm = True
        self._disk("")
        self.trace.add("world", "calms down")
        self.record.calmed = self.agenda.now
        if self.chances.moves:  # one change more of who is a member, and time to connect amid it
            self.slow_down(1.5)
            deeds.wander(self)
        outing = Outing(self)
        await trio.sleep(LEASE)
        self.trace.add("world", "calls the roll")
        roll.look_at_idle_rooms(self)
        outing.look()
        self.lively = False
        self.record.rolled = self.agenda.now
        sick = [client for client in self.clients if client.open]
        self.random.shuffle(sick)
        for client in sick[:2]:
            trouble.drip(client)
        for client in self.clients:
            client.speak()
        await trio.sleep(1.5)
        roll.call(self)
        for client in sick[2:3]:
            trouble.stall(client, None)
        self._last = True
        started = self.agenda.now
        house = self.house
        if house is None or not house.alive:
            self.record.blame("the server opens and closes", "it does not live in the end")
            return
        self._restart()
        with trio.move_on_after(self.settings.server.drain_deadline + DRAIN_SLACK + 60) as patience:
            await self._down.wait()
        self.drained = self.agenda.now - started
        if patience.cancelled_caught:
            self.record.blame("the drain kept its deadline", f"it goes on after {self.drained} s")
        await trio.sleep(1.0)


@cache
def _empty_database() -> bytes:
    """With the newest tables."""
    with TemporaryDirectory() as temporary:
        path = Path(temporary, "trichat.db")
        db = connect(path)
        migrate(db)
        db.close()
        return path.read_bytes()
