"""What is asked of the living server and its clients: now and then, and at the end, before it is
drained.
"""

from typing import TYPE_CHECKING

from tests.simulation.chances import LEASE
from tests.simulation.clients import Client
from tests.simulation.clients.channels import ChannelsClient

if TYPE_CHECKING:
    from tests.simulation.world import World


ANSWERED = ("messages", "list", "search", "online")  # requests that have an answer in any case
ENTERING = ("list", "subscribe", "join")  # requests whose answer says where one is
LOOK = 0.5  # seconds between two looks
STUCK_SLACK = 1.0  # seconds beyond what a peer may take nothing for
ENDING = 4.0  # seconds: who is ended meanwhile is written to in vain for two, and closed to for two
GREETED = 2.0  # seconds in which who was let in follows their rooms: a slow disk may hold them
LONGEST_END = 7.5  # seconds: silence is noticed, what waits is written in vain, a close too


def look(world: "World") -> None:
    """At what must hold at any moment."""
    house = world.house
    if house is not None and house.alive:
        longest = world.settings.heartbeat.write_timeout + ENDING + STUCK_SLACK
        for wire in house.wires:
            stuck = None if wire.socket.closed else wire.stuck
            if stuck is not None and stuck + longest < world.agenda.now:
                world.record.blame(
                    "who takes nothing is let go", f"it has taken nothing since {stuck:.3f}"
                )
    world.agenda.after(LOOK, look, world)


def call(world: "World") -> None:
    """After the lease, with nothing going wrong any more."""
    house = world.house
    if house is None or not house.alive:
        return
    _presence(world)
    for past in world.record.visits:
        if past.ended is not None and past.ended + LONGEST_END < world.agenda.now and past.held():
            world.record.blame(
                "presence is who is connected",
                f"{past.client} was gone at {past.ended:.3f}, and its connection is open",
            )
    for client in world.clients:
        visit = client.visit
        if client.open and visit and visit.held() and not visit.troubled and not visit.must_end:
            _last_words(world, client)


def _statuses(world: "World", living: list[Client], unsure: set[str]) -> None:
    """What channels was told of who is online: of those who share the hall with it for good, it is
    true of each of whom anything was told, and of who came while it was there it was told.
    """
    wanderers = {person.user.uuid for person in world.people if person.wanders}
    hall = world.places[0].members - world.record.suspended.keys() - wanderers
    online = {client.person.user.uuid for client in living}
    for client in living:
        visit = client.visit
        if not isinstance(client, ChannelsClient) or visit is None or visit.troubled:
            continue
        me = client.person.user.uuid
        if me not in hall or visit.sick or client.person.wanders:
            continue
        for user in sorted(hall - unsure - {me}):
            known = client.online.get(user)
            came_meanwhile = user in online and not any(
                other.user == user
                and other.since < visit.since + 2.0
                and (other.ended is None or other.ended > visit.since - 4.0)
                for other in world.record.visits
            )
            if known is (user not in online) or (known is None and came_meanwhile):
                world.record.blame(
                    "presence as it was told",
                    f"{client.name} holds {user} online={known}; he is: {user in online}",
                )


def _last_words(world: "World", client: Client) -> None:
    assert client.visit is not None
    client.visit.last = client.visit.let_in < world.agenda.now - GREETED
    if isinstance(client, ChannelsClient) and client.typists and not client.person.wanders:
        world.record.blame(
            "typing ends", f"{client.name} holds {sorted(client.typists)} to be typing"
        )
    for view in client.views.values():
        view.last = True
    if not client.visit.last:  # it came in just now, and its network may be slow
        return
    unanswered = [each for each in client.requests if each.partition(" ")[0] in ANSWERED]
    if unanswered:
        world.record.blame(
            "every request is answered", f"{client.name} waits for the answer to {unanswered}"
        )
    if client.outstanding:
        world.record.blame(
            "every request is answered", f"{client.name} waits for {client.outstanding}"
        )


def look_at_idle_rooms(world: "World") -> None:
    """Nobody has said anything for the whole lease, nor come in for a while."""
    idle = world.settings.rooms.idle_unload
    if world.house is not None and world.house.alive and idle < LEASE / 2:
        working = world.house.runtime.directory.working
        last = max(visit.let_in if visit.accepted else visit.since for visit in world.record.visits)
        if working and last + idle + 1.0 < world.agenda.now:
            world.record.blame("idle rooms go", f"{working} rooms are in memory")


def _presence(world: "World") -> None:
    """Who is present is who has a live connection there; the clients know it too."""
    assert world.house is not None
    runtime = world.house.runtime
    living = [
        client for client in world.clients if client.open and client.visit and client.visit.held()
    ]
    wanderers = {person.user.uuid for person in world.people if person.wanders}
    # Of some the answer to their handshake is still on its way.
    unsure = wanderers | {
        visit.user
        for visit in world.record.visits
        if (visit.sick or not visit.accepted) and visit.held()
    }
    # Whoever still waits to come into their rooms does not know yet where they are.
    unsure |= {
        client.person.user.uuid for client in living if any(map(client.requests.count, ENTERING))
    }
    for place in world.places:
        there = [client for client in living if place.uuid in client.views]
        told = {user.uuid for user, _ in runtime.audiences.present(place.id)} - unsure
        _compare(world, f"in {place.name}", there, told, unsure)
        for client in living:
            view = client.views.get(place.uuid)
            if view is None or not view.whole or client.visit is None or client.visit.troubled:
                continue
            known = {user for user, present in view.present.items() if present}
            known = (known | {client.person.user.uuid}) - unsure
            if client.person.wanders:
                continue
            if known != told:
                world.record.blame(
                    "presence as it was told",
                    f"{client.name} holds {sorted(known)} present in {place.name}, the server"
                    f" {sorted(told)}",
                )
    _statuses(world, living, unsure)
    held = {session.user.uuid for session in runtime.connections.everyone()} - unsure
    _compare(world, "online", living, held, unsure)


def _compare(
    world: "World", where: str, there: list[Client], told: set[str], unsure: set[str]
) -> None:
    """there: clients that hold themselves to be present. Whom the server has ended for reading too
    slowly is present no more from that moment on, and hears of it behind all that waits for them:
    whether it was so is known when their connection has ended.
    """
    here = {client.person.user.uuid for client in there} - unsure
    for user in sorted(told - here):
        world.record.blame("presence is who is connected", f"{where} the server holds {user}")
    for user in sorted(here - told):
        visits = [each.visit for each in there if each.person.user.uuid == user and each.visit]
        what = f"{where} the server does not hold {user}"
        world.record.absent.append((visits, what))
