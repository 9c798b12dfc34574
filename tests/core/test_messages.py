"""What may be said, changed and taken back, and by whom."""

import pytest
from attrs import evolve

from tests.core.cast import (
    ADMIN,
    ALICE,
    BOB,
    CAROL,
    MODERATOR,
    NOW,
    draft,
    found,
    message,
    room,
    state,
)
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core import refusals as r
from trichat.core.ids import uuid_at
from trichat.core.model import Kind, Message, Reason

LATER = NOW + 50


class TestSay:
    def test_a_member_says(self) -> None:
        say = c.Say("hi", nonce=bytes(10))
        said = Message(0, uuid_at(NOW, bytes(10)), room(), ALICE, "hi", 0, 0)
        expected = (e.Said(room(), said),)
        assert draft(state(members=[ALICE])).decide(say, ALICE, NOW) == expected

    @pytest.mark.parametrize(
        ("kind", "member", "visiting", "refusal"),
        [
            (Kind.PUBLIC, True, False, None),
            (Kind.PUBLIC, False, True, None),
            (Kind.PUBLIC, False, False, r.NotMember()),
            (Kind.PRIVATE, True, False, None),
            (Kind.PRIVATE, True, True, None),
            (Kind.PRIVATE, False, True, r.NotAdmitted()),
            (Kind.PRIVATE, False, False, r.NotAdmitted()),
            (Kind.DIRECT, True, False, None),
            (Kind.DIRECT, False, True, r.NotAdmitted()),
            (Kind.DIRECT, False, False, r.NotAdmitted()),
        ],
    )
    def test_visiting_is_enough_where_the_room_is_public(
        self, kind: Kind, member: bool, visiting: bool, refusal: r.Refusal | None
    ) -> None:
        of = state(room(kind), [ALICE] if member else [])
        outcome = draft(of).decide(c.Say("hi", visiting=visiting), ALICE, NOW)
        if refusal is None:
            assert isinstance(outcome, tuple)
        else:
            assert outcome == refusal

    def test_the_owner_and_an_administrator_speak_as_the_system(self) -> None:
        of = state(members=[ALICE, MODERATOR], owner=BOB)
        say = c.Say("hi", visiting=True, system=True)
        for who in (BOB, ADMIN):
            (said,) = _events(draft(of).decide(say, who, NOW))
            assert isinstance(said, e.Said)
            assert said.message.system
        for who in (ALICE, MODERATOR, CAROL):
            assert draft(of).decide(say, who, NOW) == r.Forbidden()

    def test_access_comes_before_standing_and_standing_before_a_flaw(self) -> None:
        flaw = r.Invalid("text", "long")
        of = state(members=[ALICE], owner=BOB)
        say = c.Say("x", flaw=flaw, system=True)
        assert draft(of).decide(say, CAROL, NOW) == r.NotMember()
        assert draft(of).decide(say, ALICE, NOW) == r.Forbidden()
        assert draft(of).decide(say, BOB, NOW) == flaw

    def test_whom_it_names_is_for_the_commit_to_find(self) -> None:
        (said,) = _events(draft(state(members=[ALICE, BOB])).decide(c.Say("@bob"), ALICE, NOW))
        assert isinstance(said, e.Said)
        assert (said.message.mentions, said.notified) == ((), ())


class TestEdit:
    def test_the_author_edits(self) -> None:
        old = message(ALICE, "old")
        edited = evolve(old, text="new", edited=True)
        outcome = draft(state(members=[ALICE]), found(old)).decide(
            c.Edit(old.uuid, "new"), ALICE, NOW
        )
        assert outcome == (e.Edited(room(), edited),)

    def test_a_second_edit_builds_on_the_first(self) -> None:
        old = message(ALICE)
        batch = draft(state(members=[ALICE]), found(old))
        batch.decide(c.Edit(old.uuid, "one"), ALICE, NOW)
        (second,) = _events(batch.decide(c.Edit(old.uuid, "two"), ALICE, NOW))
        assert isinstance(second, e.Edited)
        assert second.message.text == "two"


class TestDelete:
    def test_who_may_deletes_anyones_with_a_reason(self) -> None:
        old, reason = message(ALICE), Reason("act", "spam")
        delete = c.Delete(old.uuid, reason)
        for of in (state(members=[ALICE]), state(room(Kind.PRIVATE), [ALICE])):
            for by in (MODERATOR, ADMIN):
                expected = (e.Deleted(of.room, old, by, reason),)
                assert draft(of, found(old)).decide(delete, by, NOW) == expected
            batch = draft(of, found(old))
            for by in (ALICE, BOB):  # the author too
                assert batch.decide(delete, by, NOW) == r.Forbidden()
            assert draft(of).decide(delete, ADMIN, NOW) == r.NoSuchMessage()
            batch.decide(delete, ADMIN, NOW)
            assert batch.decide(delete, ADMIN, NOW) == r.NoSuchMessage()

    def test_the_author_deletes(self) -> None:
        old = message(ALICE)
        outcome = draft(state(members=[ALICE]), found(old)).decide(c.Delete(old.uuid), ALICE, NOW)
        assert outcome == (e.Deleted(room(), old, ALICE),)

    def test_afterwards_it_is_gone_for_the_rest_of_the_batch(self) -> None:
        old = message(ALICE)
        batch = draft(state(members=[ALICE, BOB]), found(old))
        batch.decide(c.Delete(old.uuid), ALICE, NOW)
        author: list[c.RoomCommand] = [c.Delete(old.uuid), c.Edit(old.uuid, "new")]
        others: list[c.RoomCommand] = [
            c.React(old.uuid, "+"),
            c.Unreact(old.uuid, "r"),
            c.MarkDelivered(old.id),
        ]
        for command in author:
            assert batch.decide(command, ALICE, NOW) == r.NoSuchMessage()
        for command in others:
            assert batch.decide(command, BOB, NOW) == r.NoSuchMessage()


@pytest.mark.parametrize("command", [c.Edit(message().uuid, "new"), c.Delete(message().uuid)])
class TestOwnership:
    def test_an_unknown_message_is_not_there(self, command: c.RoomCommand) -> None:
        assert draft(state(members=[ALICE])).decide(command, ALICE, NOW) == r.NoSuchMessage()

    def test_others_may_not_not_even_administrators(self, command: c.RoomCommand) -> None:
        batch = draft(state(members=[ALICE], owner=BOB), found(message(ALICE)))
        for who in (BOB, ADMIN, CAROL):
            assert batch.decide(command, who, NOW) == r.NotYours()

    def test_who_is_no_member_any_more_may_not(self, command: c.RoomCommand) -> None:
        batch = draft(state(), found(message(ALICE)))
        assert batch.decide(command, ALICE, NOW) == r.NotMember()


def _events(outcome: object) -> tuple[object, ...]:
    assert isinstance(outcome, tuple), outcome
    return outcome
