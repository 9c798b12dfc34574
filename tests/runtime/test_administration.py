"""What is committed is seen through: the sockets of who is put out, the user that sockets show."""

from collections.abc import Callable
from typing import Any

import pytest
import trio
import trio.testing
from attrs import evolve

from tests.runtime.running import Running
from tests.store.ledger import NOW
from trichat.core.model import Role, Status, User
from trichat.core.refusals import Failed, NoSuchUser, Outranked
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.administration import HOUR, Administration, new_reason
from trichat.store.health import StoreError
from trichat.store.roles import SetRole

Request = Callable[[Administration, User, User], Any]


async def admin_and(house: Running, *names: str) -> list[User]:
    admin, *others = await house.ledger.people("admin", *names)
    return [await house.ledger.write(SetRole(admin.id, Role.ADMIN, NOW)), *others]


ACTS: list[tuple[Request, list[DisconnectReason]]] = [
    (
        lambda it, by, on: it.suspend(by, on, Status.BANNED, new_reason(), hours=1),
        [DisconnectReason.BARRED],
    ),
    (lambda it, by, on: it.reinstate(by, on, new_reason()), []),
    (lambda it, by, on: it.assign(by, on, Role.MODERATOR, None, new_reason()), []),
    (lambda it, by, on: it.update(on, username="rob", email=None, avatar=None), []),
]


@pytest.mark.parametrize(("act", "causes"), ACTS)
async def test_who_asked_may_go_before_it_is_told(
    house: Running, act: Request, causes: list[DisconnectReason]
) -> None:
    admin, bob, cat = await admin_and(house, "bob", "cat")
    socket, other = house.listener(bob), house.listener(cat)
    house.store.close_gate()
    before = house.runtime.connections.revocations
    async with trio.open_nursery() as nursery:
        nursery.start_soon(act, house.runtime.administration, admin, bob)
        await trio.testing.wait_all_tasks_blocked()
        assert socket.causes == []  # not before it is committed
        assert house.runtime.connections.revocations == before
        nursery.cancel_scope.cancel()
        house.store.gate.set()
    assert (socket.causes, other.causes) == (causes, [])
    assert other.user == cat
    if not causes:
        assert socket.user == await house.store.user(bob.id) != bob
    # who was identified before is identified anew
    assert house.runtime.connections.revocations > before


async def test_an_end_is_so_many_hours_from_now(house: Running) -> None:
    admin, bob = await admin_and(house, "bob")
    administration = house.runtime.administration
    out = await administration.suspend(admin, bob, Status.SUSPENDED, new_reason(), hours=3)
    assert isinstance(out, User)
    assert out.banned_until == NOW + 3 * HOUR


@pytest.mark.parametrize(("act", "_"), ACTS)
async def test_what_fails_or_is_refused_tells_nobody(house: Running, act: Request, _: Any) -> None:
    admin, bob = await admin_and(house, "bob")
    socket, own = house.listener(bob), house.listener(admin)
    administration = house.runtime.administration
    house.store.write_fails = StoreError("disk")
    assert await act(administration, admin, bob) == Failed()
    house.store.write_fails = None
    ghost = evolve(bob, id=999)
    assert await act(administration, admin, ghost) == NoSuchUser()
    outcome = await act(administration, admin, admin)
    if not isinstance(outcome, User):  # a profile is one's own
        assert outcome == Outranked()
        assert own.user == admin
    assert (socket.user, socket.causes, own.causes) == (bob, [], [])
