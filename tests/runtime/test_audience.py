"""Who listens to which room, and whom that makes present."""

import pytest

from tests.core.cast import ALICE, BOB, room
from tests.runtime.listeners import Plain, Recorder
from trichat.runtime.audience import Audiences

PLAIN, OTHER = Plain(), Plain("other")
ROOM = room()


def test_only_a_users_first_and_last_socket_are_edges() -> None:
    audiences = Audiences()
    one, two = Recorder(ALICE, PLAIN), Recorder(ALICE, OTHER)
    assert audiences.attach(ROOM, one, 5)
    assert not audiences.attach(ROOM, two, 6)
    assert audiences.present(ROOM.id) == ((ALICE, 5),)
    assert not audiences.detach(ROOM.id, one)
    assert audiences.present(ROOM.id) == ((ALICE, 5),)
    assert audiences.detach(ROOM.id, two)
    assert audiences.present(ROOM.id) == ()


def test_present_are_told_in_order_of_coming() -> None:
    audiences = Audiences()
    listeners = [Recorder(user, PLAIN) for user in (BOB, ALICE)]
    for now, listener in enumerate(listeners):
        audiences.attach(ROOM, listener, now)
    assert audiences.present(ROOM.id) == ((BOB, 0), (ALICE, 1))
    assert set(audiences.ids(ROOM.id)) == {ALICE.id, BOB.id}


def test_ids_are_a_live_view() -> None:
    audiences = Audiences()
    one = Recorder(ALICE, PLAIN)
    audiences.attach(ROOM, one, 0)
    ids = audiences.ids(ROOM.id)
    audiences.attach(ROOM, Recorder(BOB, PLAIN), 0)
    assert set(ids) == {ALICE.id, BOB.id}


def test_a_very_socket_is_in_the_room_or_not() -> None:
    audiences = Audiences()
    one, two = Recorder(ALICE, PLAIN), Recorder(ALICE, PLAIN)
    audiences.attach(ROOM, one, 0)
    assert audiences.listens(ROOM.id, one)
    assert not audiences.listens(ROOM.id, two)
    assert not audiences.listens(99, one)


def test_nothing_stays_behind_when_all_have_gone() -> None:
    audiences = Audiences()
    listeners = [Recorder(user, dialect) for user in (ALICE, BOB) for dialect in (PLAIN, OTHER)]
    for listener in listeners:
        audiences.attach(ROOM, listener, 0)
    for listener in listeners:
        audiences.detach(ROOM.id, listener)
    assert audiences.of(ROOM.id) is None
    assert audiences._rooms == {}
    assert set(audiences.ids(ROOM.id)) == set()


def test_who_is_not_in_cannot_be_taken_out() -> None:
    audiences = Audiences()
    one = Recorder(ALICE, PLAIN)
    with pytest.raises(KeyError):
        audiences.detach(ROOM.id, one)
    audiences.attach(ROOM, one, 0)
    with pytest.raises(KeyError):
        audiences.detach(ROOM.id, Recorder(ALICE, PLAIN))
    assert audiences.present(ROOM.id) == ((ALICE, 0),)
