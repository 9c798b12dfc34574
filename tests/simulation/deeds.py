"""What people do over REST beside speaking: come and go as members, log out, bar somebody."""

from typing import TYPE_CHECKING, Any

from tests.simulation import trouble
from tests.simulation.clients import ChannelsClient, Client, ConversationsClient
from tests.simulation.clients.surroundings import Person, Place
from tests.simulation.founding import BARRED, WANDERER
from tests.simulation.record import Absence, Move
from trichat.core.model import Status, User
from trichat.core.refusals import Refusal
from trichat.runtime.administration import new_reason
from trichat.runtime.server import Runtime
from trichat.web.rest.channels import Channels, WhichChannel, WhichUser
from trichat.web.rest.logins import Logins

if TYPE_CHECKING:
    from tests.simulation.world import World

AWAY = 3.5  # seconds


def wander(world: "World") -> None:
    """Out of the hall or the cellar, or in again."""
    person, place = world.people[WANDERER], world.random.choice(world.places[:2])
    away = [one for one in world.record.absences if one.room == place.uuid]
    _call_again(world, person)
    if away and away[-1].until > world.agenda.now:
        _come(world, person, place, away[-1])
    else:
        _go(world, person, place)


def _go(world: "World", person: Person, place: Place) -> None:
    async def leave(runtime: Runtime, me: User) -> Any:
        return await Channels(runtime).leave(me, place.uuid)

    leaving = Move(place.uuid, world.agenda.now)
    world.record.leavings.append(leaving)

    def answered(answer: Any) -> None:
        leaving.answered = world.agenda.now
        world.trace.add(person.user.username, f"leaves {place.name}: {answer}")
        if not isinstance(answer, Refusal):
            absence = Absence(place.uuid, person.user.uuid, world.agenda.now)
            world.record.absences.append(absence)

    world.rest(person, leave, answered)


def _come(world: "World", person: Person, place: Place, absence: Absence) -> None:
    """Into a private room another one adds them."""

    async def join(runtime: Runtime, me: User) -> Any:
        if place.private:
            return await Channels(runtime).add_user(me, place.uuid, WhichUser(person.user.uuid))
        return await Channels(runtime).join(me, WhichChannel(place.uuid))

    asked = absence.until = world.agenda.now

    def answered(answer: Any) -> None:
        world.trace.add(person.user.username, f"is back in {place.name}: {answer}")
        if not isinstance(answer, Refusal):
            world.record.returns.append(Move(place.uuid, asked, world.agenda.now))

    by = world.people[1] if place.private else person
    world.trace.add(person.user.username, f"comes back to {place.name}")
    world.rest(by, join, answered)


def _call_again(world: "World", person: Person) -> None:
    """Of their programs some connect just now: their memberships are read while they change."""
    follows = [
        client
        for client in world.clients
        if client.person is person and isinstance(client, ChannelsClient | ConversationsClient)
    ]
    for client in follows:
        if world.random.random() < 0.7:
            trouble.cut(client, within=False)
            # Now and then for so long that there may be two changes meanwhile.
            client.away = world.random.random() < 0.3
            short = world.random.choice((0.01, 0.5))
            seconds = world.random.uniform(1.5, AWAY) if client.away else short
            world.agenda.after(seconds, _come_again, client)


def _come_again(client: Client) -> None:
    client.away = False
    client.connect()


def log_out(world: "World") -> None:
    """Somebody ends the login that one of their connections came by."""
    there = [
        client
        for client in world.clients
        if client.open and client.own and not client.person.wanders
    ]
    if not there:
        return
    client = world.random.choice(there)
    visit, token = client.visit, client.own
    assert visit is not None
    for code in client.puts_out:
        visit.may_end[code] = "its user logged out"

    async def logout(runtime: Runtime, me: User) -> Any:
        return await Logins(runtime).logout(await runtime.accounts.identify(token))

    def answered(answer: Any) -> None:
        world.trace.add(client.name, f"is logged out: {answer}")
        if not isinstance(answer, Refusal):
            visit.due = min(visit.due, world.agenda.now)

    world.rest(client.person, logout, answered)


def bar(world: "World") -> None:
    """One user is banned for good, amid what they say."""
    user = world.people[BARRED].user
    if world.random.random() < 0.6:
        world.slow_down(1.5)
    for client in world.clients:
        if client.person.user is user:
            for _ in range(4):
                world.agenda.after(world.random.uniform(0, 1.0), client.speak)
    for visit in world.record.visits:
        if visit.user == user.uuid and visit.ended is None:
            for code in (1008, 4001):
                visit.may_end[code] = "its user is barred"
    world.record.suspended.setdefault(user.uuid, float("inf"))

    async def ban(runtime: Runtime, me: User) -> Any:
        why = new_reason()
        return await runtime.administration.suspend(me, user, Status.BANNED, why, hours=None)

    def answered(answer: Any) -> None:
        world.trace.add(user.username, f"is barred: {answer}")
        if not isinstance(answer, Refusal):
            world.record.suspended[user.uuid] = world.agenda.now

    world.rest(world.people[0], ban, answered)
