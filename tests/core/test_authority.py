"""Ranks and permissions (channels-rest 7)."""

import pytest
from attrs import evolve

from tests.core.cast import ALICE, user
from trichat.core import authority
from trichat.core.authority import Permission
from trichat.core.model import Role, Status

MODERATOR = {
    "VIEW_USERS", "KICK_USERS", "DELETE_MESSAGES", "PIN_MESSAGES", "VIEW_ALL_MESSAGES",
    "VIEW_ADMIN_DASHBOARD",
}  # fmt: skip
ADMIN = MODERATOR | {
    "BAN_USERS", "SUSPEND_USERS", "ASSIGN_ROLES", "CREATE_CHANNELS", "DELETE_CHANNELS",
    "ARCHIVE_CHANNELS", "MANAGE_CHANNEL_SETTINGS", "VIEW_AUDIT_LOGS",
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        (Role.MEMBER, set()),
        (Role.MODERATOR, MODERATOR),
        (Role.ADMIN, ADMIN),
        (Role.SUPER_ADMIN, ADMIN | {"MANAGE_SYSTEM_SETTINGS"}),
    ],
)
def test_what_each_role_may(role: Role, permissions: set[str]) -> None:
    bearer = user(1, "x", role)
    assert {p.value for p in Permission if authority.may(bearer, p)} == permissions


def test_ranks_are_in_order_and_nobody_outranks_his_own() -> None:
    ranks = list(Role)
    assert ranks == [Role.MEMBER, Role.MODERATOR, Role.ADMIN, Role.SUPER_ADMIN]
    for rank, role in enumerate(ranks):
        bearer = user(1, "x", role)
        assert [authority.outranks(bearer, other) for other in ranks] == [
            rank > other for other in range(4)
        ]
        assert [authority.reaches(bearer, other) for other in ranks] == [
            rank >= other for other in range(4)
        ]


def test_the_highest_counts() -> None:
    assert authority.highest([]) is Role.MEMBER
    assert authority.highest([Role.MODERATOR, Role.SUPER_ADMIN, Role.ADMIN]) is Role.SUPER_ADMIN


def test_a_sentence_ends_with_its_time() -> None:
    out = evolve(ALICE, status=Status.SUSPENDED, banned_until=100)
    assert out.as_of(99) is out
    for now in (100, 101):
        assert out.as_of(now) == ALICE
    for_ever = evolve(ALICE, status=Status.BANNED)
    assert for_ever.as_of(10**15) is for_ever
