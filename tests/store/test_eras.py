"""Databases as earlier commits really left them, opened with today's program.

Each file in eras/ was made by a server of the commit it names, as leaving.py does it: three people
register, talk in a channel (with a mention, an edit, a reaction, a message taken away, a member who
leaves), in a conversation and make a room in the lobby; ann becomes SUPER_ADMIN, and bans cat where
that could be done by then. A schema_N.key is the signing key that lay beside that database: from
schema 13 on a server does not start without it.
"""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.server import ChatServer, Person, open_chat_server, settings_for
from tests.store.archive.test_round_trip import CHECKS
from trichat.store.sqlite import migrate
from trichat.store.sqlite.archive import export_lines, import_lines
from trichat.store.sqlite.backup import back_up, opened
from trichat.store.sqlite.checking import identify, verify

ERAS = Path(__file__).parent / "eras"
MADE = sorted(int(path.stem.removeprefix("schema_")) for path in ERAS.glob("schema_*.sql"))
NEWEST = migrate.migrations()[-1][0]
SAID = ["first, @bob", "second, better", "third"]


def as_left(path: Path, made: int, migrated: int) -> Path:
    """The database of schema `made`, brought to schema `migrated` by the migrations alone."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "wal")
    db.execute((ERAS / f"schema_{made}.sql").read_text())
    assert db.pragma("user_version") == made
    migrate.migrate(db, up_to=migrated)
    assert db.pragma("user_version") == migrated
    db.close()
    key = ERAS / f"schema_{made}.key"
    if key.exists():
        beside = path.with_name("signing.key")
        beside.write_text(key.read_text())
        beside.chmod(0o600)
    return path


# Each as it was left; and the oldest at every stop on its way.
STOPS = [(made, made) for made in MADE] + [(1, stop) for stop in range(2, NEWEST + 1)]
eras = pytest.mark.parametrize(("made", "migrated"), STOPS)


def test_there_is_one_of_every_schema_but_perhaps_the_newest() -> None:
    """The newest is nobody's past yet."""
    assert MADE in ([*range(1, NEWEST)], [*range(1, NEWEST + 1)])


@pytest.fixture
async def server(tmp_path: Path, made: int, migrated: int) -> AsyncIterator[ChatServer]:
    as_left(tmp_path / "data" / "trichat.db", made, migrated)
    async with open_chat_server(settings_for(tmp_path / "data")) as server:
        yield server


async def login(server: ChatServer, name: str) -> tuple[int, Any]:
    return await server.rest(
        None, "POST", "/auth/login", {"username": name, "password": "Secret1x"}
    )


async def person(server: ChatServer, name: str) -> Person:
    status, answer = await login(server, name)
    assert status == 200
    user = await server.runtime.store.user_by_name(name)
    assert user is not None
    return Person(user, answer["access_token"])


@eras
async def test_everything_is_there_and_goes_on(
    server: ChatServer, made: int, tmp_path: Path
) -> None:
    ann, bob = await person(server, "ann"), await person(server, "bob")
    assert (await login(server, "cat"))[0] == (200 if made < 3 else 403)

    _, channels = await server.rest(bob, "GET", "/channels/my")
    (tea,) = [channel["id"] for channel in channels if channel["name"] == "tea"]
    _, messages = await server.rest(bob, "GET", f"/messages/channel/{tea}")
    assert [message["content"] for message in messages] == SAID
    assert [len(message["reactions"]) for message in messages] == [1, 0, 0]
    _, mentions = await server.rest(bob, "GET", "/messages/mentions/my")
    assert [mention["content"] for mention in mentions] == SAID[:1]
    _, keys = await server.rest(bob, "GET", "/auth/keys")
    assert [key["label"] for key in keys] == ["a bot"]

    async with (
        server.socket("conversations", bob) as conversations,
        server.socket("lobby", ann) as lobby,
        server.socket("chats", ann) as chats,
    ):
        listed = await conversations.request({"type": "chat.get_conversations"})
        direct = [c for c in listed["conversations"] if c["last_message"]]
        assert "for bob alone" in str(direct)
        listed = await lobby.request({"type": "list_rooms"})
        assert "den" in [room["name"] for room in listed["data"]]
        await chats.request({"action": "subscribe", "chat_ids": [tea]})
        body = {"content": "and on, @ann", "channel_id": tea}
        assert (await server.rest(bob, "POST", "/messages/", body))[0] == 200
        assert (await chats.next())["message"] == "and on, @ann"

    assert (await server.rest(ann, "GET", "/admin/dashboard"))[0] == 200
    number = await server.room_id(tea)
    events = await server.runtime.store.log(number, 0, -1)
    assert [event.seq for event in events] == list(range(1, 13))


@eras
async def test_it_is_whole_after_its_way(made: int, migrated: int, tmp_path: Path) -> None:
    path = as_left(tmp_path / "trichat.db", made, migrated)
    db = apsw.Connection(str(path))
    migrate.migrate(db)
    verify(db, str(path))
    assert identify(db, str(path)) == NEWEST
    db.close()


def lines_of(path: Path) -> bytes:
    out = io.BytesIO()
    export_lines(path, out.write, secrets=True, progress=lambda done, total: None)
    return out.getvalue()


@eras
async def test_it_is_backed_up_and_exported_as_it_is(
    made: int, migrated: int, tmp_path: Path
) -> None:
    """Before the first start of the new program, which is when one does that."""
    path = as_left(tmp_path / "trichat.db", made, migrated)
    back_up(path, tmp_path / "b.db", replace=False, progress=lambda done, total: None)
    with opened(tmp_path / "b.db") as db:
        assert db.pragma("user_version") == migrated
    lines = lines_of(path)
    assert lines_of(tmp_path / "b.db") == lines
    import_lines(io.BytesIO(lines), tmp_path / "new.db", checks=CHECKS, progress=lambda done: None)
    db = apsw.Connection(str(path))
    migrate.migrate(db)
    db.close()
    mine, theirs = lines_of(path), lines_of(tmp_path / "new.db")
    if migrated == 1:  # 0002 makes UUIDs by chance
        mine, theirs = _without_grants(mine), _without_grants(theirs)
    assert mine == theirs


def _without_grants(lines: bytes) -> bytes:
    rows = [line.rpartition(b',"sum"')[0] for line in lines.splitlines()[:-1]]
    return b"\n".join(row for row in rows if not row.startswith(b'{"table":"grants"'))
