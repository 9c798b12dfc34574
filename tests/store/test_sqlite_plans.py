"""The queries of the hot path walk an index, however large the tables are."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.ledger import NOW, Ledger
from trichat.core import commands as c
from trichat.core import events as e
from trichat.core.lookup import Keyed, Needs
from trichat.core.model import User
from trichat.store.logins import EndLogin, EndLogins, ForgetLogins, NewLogin, OpenLogin, RenewLogin
from trichat.store.port import Store
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.tickets import AddTicket, TakeTicket, Ticket
from trichat.store.users import SetPassword

Request = Callable[[SqliteStore], Awaitable[object]]

QUERIES: dict[str, Request] = {
    "user": lambda store: store.user(1),
    "user_by_uuid": lambda store: store.user_by_uuid("x"),
    "user_by_name": lambda store: store.user_by_name("x"),
    "users": lambda store: store.users(["x"]),
    "credentials": lambda store: store.credentials("x"),
    "key_holder": lambda store: store.key_holder("x"),
    "user_of_living_key": lambda store: store.user_of_living_key(1),
    "token_status": lambda store: store.token_status("x", "y"),
    "ended_logins": lambda store: store.ended_logins(["x"]),
    "signing": lambda store: store.signing(),
    "tokens_since": lambda store: store.tokens_since([1]),
    "room": lambda store: store.room(1),
    "room_by_uuid": lambda store: store.room_by_uuid("x"),
    "room_by_handle": lambda store: store.room_by_handle("x"),
    "membership": lambda store: store.membership(1, 1),
    "admissions": lambda store: store.admissions(1),
    "rooms_of": lambda store: store.rooms_of([1]),
    "admitted": lambda store: store.admitted(1, ["x"]),
    "members_page": lambda store: store.members_page(1, (0, 0), 10),
    "shown_members": lambda store: store.shown_members([1], limit=3, among=1),
    "all_users": lambda store: store.all_users(after=("ann", 1), limit=10),
    "active_users": lambda store: store.active_users(now=1, after=("ann", 1), limit=10),
    "grants": lambda store: store.grants(1),
    "was_borne": lambda store: store.was_borne("x"),
    "is_silent": lambda store: store.is_silent(1),
    "deserted": lambda store: store.deserted(1),
    "share_a_room": lambda store: store.share_a_room(1, 2),
    "load": lambda store: store.load(1),
    "log": lambda store: store.log(1, 0, 10),
    "lookup": lambda store: store.lookup(
        1, Needs(frozenset({"x"}), frozenset({1}), frozenset({Keyed(1, "x", "@x")}))
    ),
    "lookup_reactions": lambda store: store.lookup(
        1, Needs(frozenset({"x"}), reactions=frozenset({("x", 1)}))
    ),
    "message": lambda store: store.message("x"),
    "message_by_id": lambda store: store.message_by_id(1),
    "history": lambda store: store.history(1, limit=10),
    "history_before": lambda store: store.history(1, limit=10, before_id=1),
    "reaction_home": lambda store: store.reaction_home("x", 1),
    "reactions_of": lambda store: store.reactions_of(1, limit=10, before="x"),
    "only_reaction_near": lambda store: store.only_reaction_near(1, 1, 1),
    "mentions_of": lambda store: store.mentions_of(1, limit=10, offset=0),
    "active_rooms": lambda store: store.active_rooms(1, limit=10),
    "overviews": lambda store: store.overviews(1, [1], members=10),
    "members_among": lambda store: store.members_among(1, [1]),
    "history_pages": lambda store: store.history_pages(1, limit=10, text_bytes=10),
    "history_page": lambda store: store.history_page(1, 1, 10),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_read_scans_a_table(tmp_path: Path, name: str) -> None:
    store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
    await _some_talk(store)
    plans = await _plans(store, store._readers[0], lambda: QUERIES[name](store))
    assert plans
    for query, steps in plans:
        scans = [step for step in steps if "SCAN" in step and "json_each" not in step]
        assert scans == [] or scans == ["SCAN CONSTANT ROW"], query
    await store.aclose()


async def test_history_is_read_in_the_order_of_its_index(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
    await _some_talk(store)
    for name in ("history", "history_before", "mentions_of"):
        plans = await _plans(store, store._readers[0], lambda name=name: QUERIES[name](store))  # type: ignore[misc]
        (query, steps), *_ = plans
        assert not any("TEMP B-TREE" in step for step in steps), query
    await store.aclose()


async def test_no_write_scans_a_table(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "trichat.db", readers=1, offload=Inline)
    plans = await _plans(store, store._writer, lambda: _some_talk(store))
    for query, steps in plans:
        if query == "SELECT 1 FROM users LIMIT 1":
            continue  # whether there is anybody
        if query.startswith("INSERT INTO users"):
            continue  # with a trigger beside it the plan has a look at children, if one waits
        scans = [step for step in steps if "SCAN" in step and "json_each" not in step]
        assert scans == [], query
    await store.aclose()


async def _plans(
    store: SqliteStore, db: Any, request: Callable[[], Awaitable[object]]
) -> list[tuple[str, list[str]]]:
    """The plan of each statement that runs meanwhile."""
    queries: dict[str, Any] = {}

    def trace(cursor: object, sql: str, bindings: Any) -> bool:
        if sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            queries[sql] = bindings
        return True

    db.exec_trace = trace
    await request()
    db.exec_trace = None
    explained = []
    for query, bindings in queries.items():
        rows = db.execute(f"EXPLAIN QUERY PLAN {query}", bindings).fetchall()
        explained.append((query, [row[3] for row in rows]))
    return explained


async def _some_talk(store: Store) -> None:
    ledger = Ledger(store)
    alice, bob = await ledger.people("alice", "bob")
    room = await ledger.room(alice, bob)
    await ledger.direct(alice, bob)
    (said,) = await ledger.say(room, alice, "@bob")
    (reacted,) = await ledger.do(room, (bob, c.React(said.uuid, "+")))
    assert isinstance(reacted, e.Reacted)
    await ledger.do(room, (bob, c.MarkRead()), (bob, c.MarkDelivered(said.id)))
    (other,) = await ledger.say(room, alice, "other")
    await ledger.do(room, (alice, c.Edit(said.uuid, "x")), (alice, c.Delete(other.uuid)))
    await ledger.do(room, (bob, c.Leave()))
    await _some_logins(ledger, alice)


async def _some_logins(ledger: Ledger, user: User) -> None:
    for name in ("one", "two"):
        new = NewLogin(name, NOW + 1, NOW + 1, name, "0")
        await ledger.write(OpenLogin(user.id, "hash", new, NOW, 1))
    for shown in ("0", "guessed"):
        await ledger.write(RenewLogin("two", shown, "1", NOW, NOW + 1, 0))
    await ledger.write(EndLogin("one", user.id, NOW, NOW))
    await ledger.write(EndLogins(user.id, NOW))
    await ledger.write(SetPassword(user.id, "new", NOW, before="hash", ends=True))
    ticket = Ticket(user.id, "one", None, NOW)
    await ledger.write(AddTicket("x", ticket, NOW, NOW + 1, 1))
    await ledger.write(TakeTicket("x", NOW))
    await ledger.write(ForgetLogins(NOW, 1))
