"""Who may do what in which kind of room (all-8, all-10)."""

import pytest

from tests.core.cast import ADMIN, ALICE, MODERATOR, room, user
from trichat.core import policy
from trichat.core.model import Kind, Membership, Role, RoomRole

MEMBER = Membership(1, RoomRole.MEMBER, 1)
OWNER = Membership(1, RoomRole.OWNER, 1)


@pytest.mark.parametrize(
    ("kind", "membership", "visit", "say", "say_visiting", "add"),
    [
        (Kind.PUBLIC, None, True, False, True, True),
        (Kind.PUBLIC, MEMBER, True, True, True, True),
        (Kind.PRIVATE, None, False, False, False, False),
        (Kind.PRIVATE, MEMBER, True, True, True, True),
        (Kind.PRIVATE, OWNER, True, True, True, True),
        (Kind.DIRECT, None, False, False, False, False),
        (Kind.DIRECT, MEMBER, True, True, True, False),
    ],
)
def test_the_table(
    kind: Kind, membership: Membership | None, visit: bool, say: bool, say_visiting: bool, add: bool
) -> None:
    place = room(kind)
    assert policy.may_visit(place, membership) is visit
    assert policy.may_say(place, membership, visiting=False) is say
    assert policy.may_say(place, membership, visiting=True) is say_visiting
    assert policy.may_add(place, membership) is add


def test_the_owner_and_administrators_speak_as_the_system() -> None:
    assert policy.may_say_as_system(ALICE, OWNER)
    assert not policy.may_say_as_system(ALICE, MEMBER)
    assert not policy.may_say_as_system(MODERATOR, MEMBER)
    assert policy.may_say_as_system(ADMIN, None)
    assert policy.may_say_as_system(user(9, "root", Role.SUPER_ADMIN), MEMBER)


def test_direct_rooms_are_for_those_who_know_every_kind() -> None:
    assert {Kind.DIRECT} == policy.EVERY_KIND - policy.NOT_DIRECT


def test_who_has_no_address_shows_his_name() -> None:
    assert ALICE.address == "alice@example.com"
    nobody = type(ALICE)(1, "u", "alice", None, 1, 1)
    assert nobody.address == "alice"
