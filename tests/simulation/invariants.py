"""What must hold after every run, whatever the seed did: each a function that yields what is wrong.

What can only be seen while it happens is blamed on the spot, under a name of its own (record.py).
"""

from collections import Counter
from collections.abc import Callable, Iterator

from tests.simulation.record import ACKNOWLEDGED, REFUSED, View, Visit, edited
from tests.simulation.seams import START
from tests.simulation.truth import Room, Truth
from tests.simulation.world import DRAIN_SLACK, World
from trichat.dialects.disconnects import DisconnectReason

Invariant = Callable[[World, Truth], Iterator[str]]


def every_acknowledged_message_is_stored_once(world: World, truth: Truth) -> Iterator[str]:
    for said in world.record.said.values():
        times = truth.texts[said.text]
        is_deleted = said.text in world.record.deleted
        if said.fate == ACKNOWLEDGED and times != 1 and not is_deleted:
            yield f"{said.text} was acknowledged and is stored {times} times"
        elif times > 1:
            yield f"{said.text} was sent once and is stored {times} times"


def nothing_refused_is_stored(world: World, truth: Truth) -> Iterator[str]:
    for said in world.record.said.values():
        if said.fate == REFUSED and truth.texts[said.text]:
            yield f"{said.text} was refused and is stored"


def what_is_stored_is_not_refused_when_it_is_sent_again(
    world: World, truth: Truth
) -> Iterator[str]:
    for said in world.record.said.values():
        if (
            said.refused_again
            and truth.texts[said.text]
            and said.user not in world.record.suspended
        ):
            yield f"{said.text} is stored, and was refused to who sent it again"


def nothing_is_stored_that_was_not_sent(world: World, truth: Truth) -> Iterator[str]:
    for text in truth.texts:
        if text not in world.record.said:
            yield f"{text!r} is stored and was never sent"
    for room in truth.rooms.values():
        for name in room.said:
            if name is not None and name in world.record.said:
                meant = world.record.said[name].room
                if meant not in (room.uuid, room.name):
                    yield f"{name} was sent to {meant} and is stored in {room.uuid}"


def every_acknowledged_change_is_in_the_log(world: World, truth: Truth) -> Iterator[str]:
    logged = Counter(name for room in truth.rooms.values() for name in room.told if name)
    for change in world.record.changes.values():
        if change.fate == ACKNOWLEDGED and logged[change.text] != 1:
            yield f"that {change.text} was acknowledged, and is logged {logged[change.text]} times"


def the_numbers_of_a_room_have_no_gap(world: World, truth: Truth) -> Iterator[str]:
    for room in truth.rooms.values():
        if room.numbers != list(range(1, room.last_seq + 1)):
            yield f"{room.uuid} stands at {room.last_seq} and its events are {room.numbers}"


def the_database_is_sound(world: World, truth: Truth) -> Iterator[str]:
    if truth.sound != "ok":
        yield truth.sound


def every_view_is_the_history_from_its_join(world: World, truth: Truth) -> Iterator[str]:
    seen: set[int] = set()
    gone = {world.record.names[uuid] for uuid in truth.deleted if uuid in world.record.names}
    gone |= {edited(uuid) for uuid in truth.deleted}
    for visit in world.record.visits:
        for view in visit.views:
            if id(view) not in seen:  # one that was resumed belongs to several visits
                seen.add(id(view))
                room = truth.room(view.room)
                if room is not None:
                    yield from _flaws(world, visit, view, room, gone)
                elif view.texts:
                    yield f"{visit.client} heard {view.texts} in {view.room}, which is forgotten"


def _flaws(world: World, visit: Visit, view: View, room: Room, gone: set[str]) -> Iterator[str]:
    """gone: what may have been told, and need not have been: the text was deleted since."""
    who = f"{visit.client} (since {visit.since:.3f}) in {room.uuid}"
    told = room.told if visit.dialect == "channels" else room.said  # the others know no changes
    history = [None if name in gone else name for name in told]
    at = {name: index for index, name in enumerate(history) if name is not None}
    shown = [name for name in view.texts if name not in gone]
    unknown = [name for name in shown if name not in at]
    if unknown:
        yield f"{who} was told of {unknown}, which are not in its history"
        return
    places = [at[name] for name in shown]
    for (a, before), (b, after) in zip(
        zip(shown, places, strict=True), zip(shown[1:], places[1:], strict=True), strict=False
    ):
        missing = [name for name in history[before + 1 : after] if name is not None]
        if after == before:
            yield f"{who} was told twice of {a}"
        elif after < before:
            yield f"{who} was told of {b} after {a}"
        elif missing and not view.loose:
            yield f"{who} was told of {b} right after {a}, without {missing}"
    if view.loose:
        return
    later = [index for name, index in at.items() if world.record.asked(name).at > view.since]
    if places and later and later[0] < places[0]:
        yield f"{who} was first told of {shown[0]}, and not of {history[later[0]]} before it"
    if view.last and later and (not places or places[-1] < later[-1]):
        yield f"{who} was never told of {history[later[-1]]}"


def nobody_hears_of_a_private_room(world: World, truth: Truth) -> Iterator[str]:
    """Unless they are a member; who may become one is told apart by the world."""
    private = {place.uuid: place for place in world.places if place.private}
    wanderers = {person.user.uuid for person in world.people if person.wanders}
    for visit in world.record.visits:
        for view in visit.views:
            place = private.get(view.room)
            if place is not None and view.texts and visit.user not in place.members | wanderers:
                yield f"{visit.client} was told of {view.texts} in {place.name}"


def every_session_ended_with_its_code(world: World, truth: Truth) -> Iterator[str]:
    for visit in world.record.visits:
        who = f"{visit.client} (since {visit.since:.3f})"
        if visit.ended is None:
            if visit.held() and world.drained is not None:
                yield f"{who} has not ended"
        elif visit.accepted and not visit.by_us and visit.code not in visit.may_end:
            yield f"{who} was ended with {visit.code}, and {visit.may_end or 'nothing'} was due"


def who_may_be_here_no_more_is_put_out(world: World, truth: Truth) -> Iterator[str]:
    for visit in world.record.visits:
        if visit.by_us or visit.troubled or not visit.accepted:
            continue
        ended = visit.ended if visit.ended is not None else float("inf")
        suspended = world.record.suspended.get(visit.user, float("inf"))
        due = min(visit.due, max(visit.since, suspended)) + PUTTING_OUT
        if ended > due:
            yield f"{visit.client} (since {visit.since:.3f}) was to end by {due:.3f}: {ended:.3f}"


def who_was_barred_says_nothing_more(world: World, truth: Truth) -> Iterator[str]:
    """Nor does what they had asked before. A room's times may be ahead by one for each event."""
    for user, when in world.record.suspended.items():
        last = truth.spoke.get(user, 0) / 1000 - START
        if last > when + AHEAD:
            yield f"{user} was barred at {when:.3f}, and something of theirs was said at {last:.3f}"


def who_has_left_a_private_room_hears_nothing(world: World, truth: Truth) -> Iterator[str]:
    private = {place.uuid for place in world.places if place.private}
    for absence in world.record.absences:
        if absence.room not in private:
            continue
        for visit in world.record.visits:
            if visit.user != absence.user:
                continue
            heard = {
                name
                for view in visit.views
                if view.room == absence.room and not _has_history(visit, view, absence.since)
                for name in view.texts
            }
            said = [
                name
                for name in sorted(heard)
                if absence.since < world.record.asked(name).at
                and world.record.asked(name).known < absence.until
            ]
            if said:
                yield f"{visit.client} was told of {said}, said after its user had left"


def _has_history(visit: Visit, view: View, since: float) -> bool:
    """Whether it may have begun with what was said after that: who dialled before may wait long."""
    return visit.dialect == "room" and max(visit.since, view.since) > since


def who_follows_his_rooms_hears_the_last_word(world: World, truth: Truth) -> Iterator[str]:
    """Of all of them that they are a member of in the end, and of no other; asked for whoever comes
    and goes, whose views have gaps.
    """
    wanderers = {person.user.uuid for person in world.people if person.wanders}
    for visit in world.record.visits:
        if not visit.last or visit.user not in wanderers:
            continue
        if visit.dialect not in ("channels", "conversations"):
            continue
        heard = {name for view in visit.views for name in view.texts}
        for place in world.places[:2]:
            last = {
                name
                for name in truth.rooms[place.uuid].said
                if name is not None and world.record.said[name].at >= world.record.rolled
            }
            is_member = visit.user in truth.members[place.uuid]
            if not is_member and place.uuid in visit.entered and not place.private:
                continue  # it is there as a visitor, from some moment on
            due = last if is_member else set()
            if due != heard & last:
                yield (
                    f"{visit.client} (since {visit.since:.3f}) heard {sorted(heard & last)} in the"
                    f" end in {place.name}, where {sorted(due)} was due"
                )


def who_is_connected_is_present(world: World, truth: Truth) -> Iterator[str]:
    """At the roll: unless the server had ended all that is theirs by then, for the reading."""
    for visits, what in world.record.absent:
        for visit in visits:
            if not was_ended_before_the_drain(visit):
                yield f"{what}, and {visit.client} was there until {visit.ended}"


def was_ended_before_the_drain(visit: Visit) -> bool:
    """The close frame tells whoever reads at last; nothing tells whoever does not."""
    if not visit.troubled or visit.ended is None:
        return False
    return visit.code is None or visit.reason != DisconnectReason.GOING_AWAY.reason


def a_crowd_comes_in_at_a_bounded_rate(world: World, truth: Truth) -> Iterator[str]:
    """Who waits for the store when their turn came is later than it; then more come at once."""
    rate = world.settings.limits.admissions
    late = 2.5 if world.record.slow else 0.1
    for life in world.record.let_in:
        times = [at for at in life if at < world.record.calmed]
        for one, first in enumerate(times):
            for many, last in enumerate(times[one:], start=1):
                if many > rate * (last - first + late) + 1:
                    yield f"{many} were let in within {last - first:.3f} s, at {rate} per second"
                    return


def the_drain_kept_its_deadline(world: World, truth: Truth) -> Iterator[str]:
    longest = world.settings.server.drain_deadline + DRAIN_SLACK
    if world.drained is not None and world.drained > longest:
        yield f"it took {world.drained:.3f} s of {longest}"


AHEAD = 0.2  # seconds
PUTTING_OUT = 4.0  # seconds: a slow disk may hold the door, and the close must reach the client

INVARIANTS: tuple[Invariant, ...] = (
    every_acknowledged_message_is_stored_once,
    nothing_refused_is_stored,
    what_is_stored_is_not_refused_when_it_is_sent_again,
    nothing_is_stored_that_was_not_sent,
    every_acknowledged_change_is_in_the_log,
    the_numbers_of_a_room_have_no_gap,
    the_database_is_sound,
    every_view_is_the_history_from_its_join,
    nobody_hears_of_a_private_room,
    every_session_ended_with_its_code,
    who_may_be_here_no_more_is_put_out,
    who_was_barred_says_nothing_more,
    who_has_left_a_private_room_hears_nothing,
    who_follows_his_rooms_hears_the_last_word,
    who_is_connected_is_present,
    a_crowd_comes_in_at_a_bounded_rate,
    the_drain_kept_its_deadline,
)
