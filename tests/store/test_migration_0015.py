"""0015: private rooms whose members had all left have ended; the others go on."""

from pathlib import Path

import apsw
import pytest

from trichat.core.model import Kind, Origin
from trichat.core.refusals import Taken
from trichat.store.rooms import CreateRoom, Opened
from trichat.store.sqlite import Inline, SqliteStore, migrate

pytestmark = pytest.mark.promise("all-24")

ROOMS = [
    # id, kind, name, whether somebody is a member, archived
    (1, "private", "left", False, None),
    (2, "private", "kept", True, None),
    (3, "public", "open", False, None),
    (4, "private", None, False, None),  # made by the lobby: its name is a label
    (5, "public", None, False, 7),
]


def as_left(path: Path) -> None:
    db = apsw.Connection(str(path))
    migrate.migrate(db, up_to=14)
    db.execute(
        "INSERT INTO users (id, uuid, username, folded, created_at, updated_at)"
        " VALUES (1, 'u', 'ann', 'ann', 1, 1)"
    )
    for number, kind, name, kept, archived in ROOMS:
        db.execute(
            "INSERT INTO rooms (id, uuid, kind, title, handle, origin, created_by, created_at,"
            " updated_at, last_at, archived_at) VALUES (?, ?, ?, 'x', ?, ?, 1, 1, 1, 5, ?)",
            (number, f"r{number}", kind, name, "rest" if name else "lobby", archived),
        )
        if kept:
            db.execute("INSERT INTO memberships VALUES (?, 1, 'owner', 1)", (number,))
    db.close()


async def test_private_rooms_that_were_left_have_ended(tmp_path: Path) -> None:
    as_left(tmp_path / "trichat.db")
    store = await SqliteStore.open(tmp_path / "trichat.db", offload=Inline)
    listed = await store.channels(limit=9, offset=0)
    assert [(each.room.id, each.archived_at, each.members) for each in listed] == [
        (5, 7, 0), (4, 5, 0), (3, None, 0), (2, None, 1), (1, 5, 0),
    ]  # fmt: skip
    assert await store.was_borne("left")
    assert not await store.was_borne("kept")
    user = await store.user(1)
    assert user is not None
    for name, expected in (("left", Opened), ("kept", Taken)):
        write = CreateRoom(f"new {name}", Kind.PUBLIC, name, Origin.REST, user, 9, handle=name)
        (outcome,) = await store.write([write])
        assert isinstance(outcome, expected)
    await store.aclose()
