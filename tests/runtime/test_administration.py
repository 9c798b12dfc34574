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
from trichat.dialects.disconnects import Farewell
from trichat.runtime.administration import HOUR, Administration, grounds
from trichat.store.condition import StoreError
from trichat.store.roles import SetRole

Ask = Callable[[Administration, User, User], Any]


async def admin_and(house: Running, *names: str) -> list[User]:
    admin, *others = await house.ledger.people("admin", *names)
    return [await house.ledger.write(SetRole(admin.id, Role.ADMIN, NOW)), *others]


ACTS: list[tuple[Ask, list[Farewell]]] = [
    (lambda it, by, on: it.put_out(by, on, Status.BANNED, grounds(), hours=1), [Farewell.BARRED]),
    (lambda it, by, on: it.let_in(by, on, grounds()), []),
    (lambda it, by, on: it.assign(by, on, Role.MODERATOR, None, grounds()), []),
    (lambda it, by, on: it.update(on, username="rob", email=None, avatar=None), []),
]


@pytest.mark.parametrize(("ask", "farewells"), ACTS)
async def test_who_asked_may_go_before_it_is_told(
    house: Running, ask: Ask, farewells: list[Farewell]
) -> None:
    admin, bob, cat = await admin_and(house, "bob", "cat")
    socket, other = house.listener(bob), house.listener(cat)
    house.store.close_gate()
    before = house.runtime.connections.revocations
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, house.runtime.administration, admin, bob)
        await trio.testing.wait_all_tasks_blocked()
        assert socket.farewells == []  # not before it is committed
        assert house.runtime.connections.revocations == before
        nursery.cancel_scope.cancel()
        house.store.gate.set()
    assert (socket.farewells, other.farewells) == (farewells, [])
    assert other.user == cat
    if not farewells:
        assert socket.user == await house.store.user(bob.id) != bob
    # who was identified before is identified anew
    assert house.runtime.connections.revocations > before


async def test_an_end_is_so_many_hours_from_now(house: Running) -> None:
    admin, bob = await admin_and(house, "bob")
    administration = house.runtime.administration
    out = await administration.put_out(admin, bob, Status.SUSPENDED, grounds(), hours=3)
    assert isinstance(out, User)
    assert out.banned_until == NOW + 3 * HOUR


@pytest.mark.parametrize(("ask", "_"), ACTS)
async def test_what_fails_or_is_refused_tells_nobody(house: Running, ask: Ask, _: Any) -> None:
    admin, bob = await admin_and(house, "bob")
    socket, own = house.listener(bob), house.listener(admin)
    administration = house.runtime.administration
    house.store.write_fails = StoreError("disk")
    assert await ask(administration, admin, bob) == Failed()
    house.store.write_fails = None
    ghost = evolve(bob, id=999)
    assert await ask(administration, admin, ghost) == NoSuchUser()
    outcome = await ask(administration, admin, admin)
    if not isinstance(outcome, User):  # a profile is one's own
        assert outcome == Outranked()
        assert own.user == admin
    assert (socket.user, socket.farewells, own.farewells) == (bob, [], [])
