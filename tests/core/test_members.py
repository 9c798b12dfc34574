"""Joining, adding, leaving, visiting, and the seats of a lobby room."""

import pytest
from attrs import evolve

from tests.core.cast import ADMIN, ALICE, BOB, CAROL, DAVE, NOW, decided, draft, room, state
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.model import Kind


def test_anyone_joins_a_public_room() -> None:
    batch = draft(state())
    assert batch.decide(c.Join(), ALICE, NOW) == (e.Admitted(room(), ALICE, ALICE),)
    assert batch.decide(c.Join(), ALICE, NOW) == r.AlreadyMember()


@pytest.mark.parametrize("kind", [Kind.PRIVATE, Kind.DIRECT])
def test_for_who_is_no_member_other_rooms_are_not_there(kind: Kind) -> None:
    batch = draft(state(room(kind), [BOB]))
    for who in (ALICE, ADMIN):
        assert batch.decide(c.Join(), who, NOW) == r.NoSuchRoom()
        assert batch.decide(c.Add(CAROL), who, NOW) == r.NoSuchRoom()
    assert batch.decide(c.Join(), BOB, NOW) == r.AlreadyMember()


def test_anyone_adds_to_a_public_room_and_members_to_a_private_one() -> None:
    public = draft(state())
    expected = e.Admitted(room(), CAROL, ALICE)
    assert public.decide(c.Add(CAROL), ALICE, NOW) == (expected,)
    private = draft(state(room(Kind.PRIVATE), [ALICE]))
    expected = e.Admitted(room(Kind.PRIVATE), CAROL, ALICE)
    assert private.decide(c.Add(CAROL), ALICE, NOW) == (expected,)
    assert private.decide(c.Add(CAROL), ALICE, NOW) == r.AlreadyMember()
    assert isinstance(private.decide(c.Add(DAVE), CAROL, NOW), tuple)


@pytest.mark.promise("all-10")
def test_a_direct_room_keeps_its_two_for_ever() -> None:
    batch = draft(state(room(Kind.DIRECT), [ALICE, BOB]))
    assert batch.decide(c.Add(CAROL), ALICE, NOW) == r.NoSuchRoom()
    assert batch.decide(c.Leave(), ALICE, NOW) == r.NotMember()


@pytest.mark.parametrize("kind", [Kind.PUBLIC, Kind.PRIVATE])
def test_a_member_leaves_once(kind: Kind) -> None:
    batch = draft(state(room(kind), [BOB], owner=ALICE))
    for who in (ALICE, BOB):
        first, *_ = decided(batch.decide(c.Leave(), who, NOW))
        assert first == e.Left(room(kind), who, who)
        assert batch.decide(c.Leave(), who, NOW) == r.NotMember()


@pytest.mark.promise("all-24")
def test_a_private_room_is_archived_with_its_last_members_leaving() -> None:
    batch = draft(state(evolve(room(Kind.PRIVATE), handle="cave"), [ALICE, BOB]))
    assert len(decided(batch.decide(c.Leave(), BOB, NOW))) == 1
    left, changed = decided(batch.decide(c.Leave(), ALICE, NOW))
    assert isinstance(left, e.Left)
    assert isinstance(changed, e.RoomChanged)
    assert changed.by is None
    stored = changed.placed(12, NOW + 7)
    assert stored.room == evolve(room(Kind.PRIVATE), archived_at=NOW + 7)
    assert stored.changes == {"archived_at": NOW + 7}
    public = draft(state(members=[ALICE]))
    assert len(decided(public.decide(c.Leave(), ALICE, NOW))) == 1


def test_leaving_and_coming_back_in_one_batch() -> None:
    batch = draft(state(members=[ALICE]))
    batch.decide(c.Leave(), ALICE, NOW)
    assert batch.decide(c.Say("x"), ALICE, NOW) == r.NotMember()
    assert isinstance(batch.decide(c.Join(), ALICE, NOW), tuple)
    assert isinstance(batch.decide(c.Say("x"), ALICE, NOW), tuple)


@pytest.mark.parametrize(
    ("kind", "member", "outcome"),
    [
        (Kind.PUBLIC, False, ()),
        (Kind.PUBLIC, True, ()),
        (Kind.PRIVATE, True, ()),
        (Kind.PRIVATE, False, r.NotAdmitted()),
        (Kind.DIRECT, True, ()),
        (Kind.DIRECT, False, r.NotAdmitted()),
    ],
)
def test_a_visit_takes_a_public_room_or_membership(
    kind: Kind, member: bool, outcome: object
) -> None:
    batch = draft(state(room(kind), [ALICE] if member else []))
    assert batch.decide(c.Visit(), ALICE, NOW) == outcome


class TestSeats:
    """lobby-21: max_users counts users present or admitted."""

    def test_present_and_admitted_take_a_seat_each_and_nobody_two(self) -> None:
        of = state(room(max_users=3), [ALICE, BOB])
        assert isinstance(draft(of, present={ALICE.id}).decide(c.Join(), CAROL, NOW), tuple)
        assert draft(of, present={ALICE.id, DAVE.id}).decide(c.Join(), CAROL, NOW) == r.RoomFull()

    @pytest.mark.parametrize("command", [c.Join(), c.Visit(), c.Add(CAROL)])
    def test_a_full_room_takes_nobody_more(self, command: c.RoomCommand) -> None:
        of = state(room(max_users=2), [ALICE])
        by = ALICE if isinstance(command, c.Add) else CAROL
        assert draft(of, present={BOB.id}).decide(command, by, NOW) == r.RoomFull()

    def test_who_has_a_seat_keeps_it_in_a_full_room(self) -> None:
        of = state(room(max_users=2), [ALICE])
        batch = draft(of, present={BOB.id})
        assert batch.decide(c.Visit(), ALICE, NOW) == ()
        assert batch.decide(c.Visit(), BOB, NOW) == ()
        assert isinstance(batch.decide(c.Join(), BOB, NOW), tuple)

    @pytest.mark.parametrize("first", [c.Join(), c.Visit(), c.Add(BOB)])
    @pytest.mark.parametrize("second", [c.Join(), c.Visit(), c.Add(CAROL)])
    def test_the_last_seat_is_given_once_in_a_batch(
        self, first: c.RoomCommand, second: c.RoomCommand
    ) -> None:
        batch = draft(state(room(max_users=2), [ALICE]))
        by = ALICE if isinstance(first, c.Add) else BOB
        assert isinstance(batch.decide(first, by, NOW), tuple)
        by = ALICE if isinstance(second, c.Add) else CAROL
        assert batch.decide(second, by, NOW) == r.RoomFull()

    def test_a_seat_that_is_left_is_free_unless_its_user_is_still_there(self) -> None:
        of = state(room(max_users=2), [ALICE, BOB])
        batch = draft(of, present={BOB.id})
        batch.decide(c.Leave(), BOB, NOW)
        assert batch.decide(c.Visit(), CAROL, NOW) == r.RoomFull()
        batch.decide(c.Leave(), ALICE, NOW)
        assert batch.decide(c.Visit(), CAROL, NOW) == ()

    def test_a_room_without_a_number_has_seats_for_all(self) -> None:
        of = state(room(), [ALICE])
        assert isinstance(draft(of, present=set(range(5000))).decide(c.Join(), BOB, NOW), tuple)

    def test_the_private_room_tells_a_stranger_nothing_of_its_seats(self) -> None:
        of = state(room(Kind.PRIVATE, max_users=2), [ALICE, BOB])
        assert draft(of).decide(c.Visit(), CAROL, NOW) == r.NotAdmitted()
        assert draft(of).decide(c.Join(), CAROL, NOW) == r.NoSuchRoom()
