"""Who is in which room, whom that makes present, and the row of those who hear it live."""

import pytest

from tests.core.cast import ALICE, BOB, room
from tests.runtime.listeners import Plain, Recorder
from trichat.core.model import Room, User
from trichat.runtime.audience import Audience, Audiences, Group
from trichat.runtime.subscription import Step, Subscription

PLAIN, OTHER = Plain(), Plain("other")
ROOM = room()


def subscription(
    user: User = ALICE, dialect: Plain = PLAIN, *, live: bool = True, placed: bool = False
) -> Subscription:
    made = Subscription(Recorder(user, dialect), ROOM, placed=placed)
    if live:
        made.take(Step.CAUGHT_UP)
    return made


def test_only_a_users_first_and_last_connection_are_edges() -> None:
    audience = Audience(ROOM)
    one, two = subscription(), subscription(ALICE, OTHER)
    assert audience.arrive(one, 5)
    assert not audience.arrive(two, 6)
    assert audience.present == ((ALICE, 5),)
    assert audience.of(ALICE.id) == (one, two)
    assert not audience.depart(one)
    assert audience.present == ((ALICE, 5),)
    assert audience.depart(two)
    assert len(audience.present) == len(audience.of(ALICE.id)) == 0


def test_present_are_in_order_of_coming() -> None:
    audiences = Audiences()
    for now, user in enumerate((BOB, ALICE)):
        audiences.open(ROOM).arrive(subscription(user), now)
    assert audiences.present(ROOM.id) == ((BOB, 0), (ALICE, 1))
    assert set(audiences.ids(ROOM.id)) == {ALICE.id, BOB.id}


def test_ids_are_a_live_view() -> None:
    audiences = Audiences()
    audience = audiences.open(ROOM)
    audience.arrive(subscription(), 0)
    ids = audiences.ids(ROOM.id)
    audience.arrive(subscription(BOB), 0)
    assert set(ids) == {ALICE.id, BOB.id}


def test_nothing_stays_behind_when_all_have_gone() -> None:
    emptied: list[Room] = []
    audiences = Audiences(emptied.append)
    audience = audiences.open(ROOM)
    all_ = [subscription(user, dialect) for user in (ALICE, BOB) for dialect in (PLAIN, OTHER)]
    for each in all_:
        audience.arrive(each, 0)
        audience.add(each)
    for each in all_:
        audiences.close_if_empty(audience)
        assert emptied == []
        audience.depart(each)
        audience.remove(each)
    audiences.close_if_empty(audience)
    assert emptied == [ROOM]
    assert audiences.of(ROOM.id) is None
    assert audiences.rooms() == []
    assert set(audiences.ids(ROOM.id)) == set()


def test_whoever_is_not_in_cannot_depart() -> None:
    audience = Audience(ROOM)
    with pytest.raises(KeyError):
        audience.depart(subscription())


def test_a_row_has_who_is_live_in_order_of_coming_and_is_the_same_until_one_comes_or_goes() -> None:
    group = Group()
    one, two, waiting = subscription(), subscription(BOB), subscription(live=False)
    for each in (one, waiting, two):
        group.add(each)
    slots, row = group.row
    assert list(row) == [one, two]
    assert slots == (one.listener.slot, two.listener.slot)
    assert list(group.apart) == [waiting]
    assert group.row[1] is row
    group.take(waiting, Step.AHEAD)
    assert group.row[1] is row
    group.take(waiting, Step.CAUGHT_UP)
    assert list(group.row[1]) == [one, two, waiting]
    group.remove(one)
    assert list(group.row[1]) == [two, waiting]
    assert len(group) == 2


def test_one_that_says_where_each_frame_stands_is_of_another_group() -> None:
    audience = Audience(ROOM)
    plain, placed = subscription(), subscription(placed=True)
    audience.add(plain)
    audience.add(placed)
    assert set(audience.groups) == {("plain", False), ("plain", True)}
    audience.remove(placed)
    assert placed.group is None
    assert plain.group is not None
    assert set(audience.groups) == {("plain", False)}


@pytest.mark.parametrize(("upto", "catches_up"), [(3, True), (4, True), (5, False)])
def test_one_that_was_told_more_is_live_when_the_feed_has_delivered_that(
    upto: int, catches_up: bool
) -> None:
    audience = Audience(ROOM)
    skipping = subscription(live=False)
    skipping.upto = upto
    skipping.take(Step.AHEAD)
    audience.add(skipping)
    audience.catch_up(4)
    assert (skipping in audience.groups["plain", False].row[1]) is catches_up
