"""Who leaves a room and comes back is told all that is said while they are a member for certain,
on one connection, or across several with a cursor.
"""

from collections.abc import Iterator
from itertools import groupby
from math import inf

from attrs import frozen

from tests.simulation.clients.base import REPLAYED
from tests.simulation.record import Record, Visit
from tests.simulation.roll import GREETED
from tests.simulation.truth import Truth
from tests.simulation.world import World

FOLLOW = ("channels", "conversations")  # dialects that follow what their users are members of


@frozen
class Stay:
    """From when to when somebody was a member of a room for certain."""

    since: float
    until: float


def who_comes_back_misses_nothing(world: World, truth: Truth) -> Iterator[str]:
    """Asked of the clients of who comes and goes, as far as they were there to the end."""
    wanderers = {person.user.uuid for person in world.people if person.wanders}
    by_client = sorted(
        (v for v in world.record.visits if v.user in wanderers and v.dialect in FOLLOW),
        key=lambda visit: visit.client,
    )
    for client, group in groupby(by_client, key=lambda visit: visit.client):
        visits = sorted(group, key=lambda visit: visit.since)
        if not visits[-1].last or visits[-1].troubled:
            continue
        for place in world.places[:2]:
            stays = _stays(world.record, place.uuid)
            begin = _begin(world, client, visits, place.uuid)
            heard = {
                t for v in visits for view in v.views for t in view.texts if view.room == place.uuid
            }
            missed = [
                name
                for name in truth.rooms[place.uuid].said
                if name is not None
                and name not in heard
                and _is_due(world, name, begin, stays, visits)
            ]
            if missed:
                yield f"{client} of who is back in {place.name} was never told of {missed}"


def _is_due(world: World, name: str, begin: float, stays: list[Stay], visits: list[Visit]) -> bool:
    """Whoever leaves while they are still coming back is told no more of what they left."""
    said = world.record.said[name]
    return said.at > begin and any(
        stay.since < said.at and said.known < stay.until and _was_back(visits, said.known, stay)
        for stay in stays
    )


def _was_back(visits: list[Visit], known: float, stay: Stay) -> bool:
    """Whether a connection that was there after the text was greeted before the stay ended."""
    return any(
        visit.let_in + GREETED < stay.until and (visit.ended is None or visit.ended > known)
        for visit in visits
    )


def _begin(world: World, client: str, visits: list[Visit], room: str) -> float:
    """From when on it is told everything: from its first connection where it resumes and was never
    told of a gap, from its last one otherwise.
    """
    resumes = next(each.keyed for each in world.clients if each.name == client)
    known = world.settings.limits.replay >= REPLAYED and (client, room) not in world.record.gaps
    first = next((v for v in visits if v.ended is None or v.ended > v.let_in + GREETED), visits[-1])
    return (first if resumes and known else visits[-1]).let_in + GREETED


def _stays(record: Record, room: str) -> list[Stay]:
    """A return counts where no leaving was under way beside it."""
    leavings = [move for move in record.leavings if move.room == room]
    starts = [0.0] + [
        move.answered
        for move in record.returns
        if move.room == room
        and all(left.answered < move.asked or left.asked > move.answered for left in leavings)
    ]
    return [
        Stay(start, min((left.asked for left in leavings if left.asked >= start), default=inf))
        for start in starts
    ]
