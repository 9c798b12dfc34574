"""A database as the server of some commit leaves it, for eras/ (see test_eras.py).

    python -m tests.store.leaving 2549520

The commit is checked out beside the working tree, its server is run with today's libraries, and
eras/schema_N.sql is what is in its database afterwards, with the signing key if it needs that.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import trio

from tests.e2e.launching import command, launched, serve
from tests.e2e.users import PASSWORD, Person, Users
from tests.mutation import ROOT
from tests.store.test_eras import ERAS

API = "/api/v1"
NAMES = "user_names"  # a virtual table: what is in it is made anew


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A tree of that commit."""
    git = ("git", "-C", str(ROOT), "worktree")
    with tempfile.TemporaryDirectory(prefix="trichat-era-") as temporary:
        tree = Path(temporary, "tree")
        subprocess.run([*git, "add", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


async def register(users: Users, name: str) -> Person:
    """Somebody whose address has a capital letter."""
    fields = {"username": name, "email": f"{name.title()}@example.com", "password": PASSWORD}
    made = await users.call(None, "POST", f"{API}/auth/register", fields)
    return Person(name, made["user"]["id"], made["access_token"])


async def live(users: Users) -> list[Person]:
    """What test_eras.py tells of, up to the role."""
    ann, bob, cat = [await register(users, name) for name in ("ann", "bob", "cat")]
    named = {"name": "tea", "description": "about tea"}
    tea = (await users.call(ann, "POST", f"{API}/channels/", named))["id"]
    await users.call(bob, "POST", f"{API}/channels/join", {"channel_id": tea})
    first = await users.post(ann, tea, "first, @bob")
    second = await users.post(ann, tea, "second")
    await users.post(bob, tea, "third")
    slip = await users.post(ann, tea, "not meant")
    messages = f"{API}/messages"
    await users.call(ann, "PUT", f"{messages}/{second['id']}", {"content": "second, better"})
    reaction = {"message_id": first["id"], "emoji": "👍"}
    await users.call(bob, "POST", f"{messages}/reactions", reaction)
    await users.call(ann, "DELETE", f"{messages}/{slip['id']}")
    await users.call(cat, "POST", f"{API}/channels/join", {"channel_id": tea})
    await users.call(cat, "DELETE", f"{API}/channels/{tea}/leave")
    key = {"label": "a bot", "current_password": PASSWORD}
    await users.call(bob, "POST", f"{API}/auth/keys", key)

    number = await users.user_number(bob, asker=ann)
    async with users.socket("conversations", ann) as one, users.socket("conversations", bob) as two:
        await one.send({"type": "chat.start_conversation", "receiver_id": number})
        started = await one.until(type="chat.conversation_started")
        talk = {"conversation_id": started["conversation"]["id"]}
        await one.send({"type": "chat.message", "content": "for bob alone", **talk})
        await two.until(type="chat.message")
        await two.send({"type": "chat.read", **talk})
        await one.until(type="chat.read")
    async with users.socket("lobby", ann) as lobby:
        den = {"name": "den", "type": "public", "max_users": 5}
        await lobby.send({"type": "create_room", "data": den})
        await lobby.until(type="room_created")
    return [ann, bob, cat]


async def leave(tree: Path, data: Path) -> None:
    """A database in this directory, as the server of this tree leaves it."""
    env = {"PYTHONPATH": str(tree / "src")}
    async with launched(serve(data), env) as server:
        users = Users(server.address)
        ann, _, cat = await live(users)
        await users.aclose()
    done = await command("user", "role", "ann", "SUPER_ADMIN", "--data", str(data), env=env)
    assert done[0] == 0, done
    async with launched(serve(data), env) as server:
        users = Users(server.address)
        ban = {"user_id": cat.uuid, "reason": "spam", "duration_hours": None}
        await users.call(ann, "POST", f"{API}/admin/users/{cat.uuid}/ban", ban)
        await users.aclose()


def lines(db: apsw.Connection) -> Iterator[str]:
    """The statements that make it."""
    yield "BEGIN TRANSACTION"
    for name, sql in made(db, "table"):
        if not name.startswith(("sqlite_", NAMES)):
            yield sql
            for row in db.execute(f'SELECT * FROM "{name}"'):
                yield f"INSERT INTO {name} VALUES({','.join(map(apsw.format_sql_value, row))})"
    for name, sql in made(db, "table"):
        if name == NAMES:
            yield sql
            yield f"INSERT INTO {NAMES} ({NAMES}) VALUES ('rebuild')"
    for _, sql in [*made(db, "index"), *made(db, "trigger")]:
        yield sql
    for name, last in db.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name"):
        yield f"DELETE FROM sqlite_sequence WHERE name = '{name}'"
        yield f"INSERT INTO sqlite_sequence VALUES ('{name}', {last})"
    yield f"PRAGMA user_version = {db.pragma('user_version')}"
    yield "COMMIT TRANSACTION"


def made(db: apsw.Connection, what: str) -> list[tuple[str, str]]:
    """Names and statements, but of what SQLite makes by itself."""
    query = "SELECT name, sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY name"
    return [(str(name), str(sql)) for name, sql in db.execute(query, (what,))]


def main(commit: str) -> None:
    """Write the era of a commit."""
    with checked_out(commit) as tree:
        head = ("git", "-C", str(tree), "rev-parse", "--short=7", "HEAD")
        short = subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()
        data = tree.with_name("data")
        trio.run(leave, tree, data)
        db = apsw.Connection(str(data / "trichat.db"))
        era = ERAS / f"schema_{db.pragma('user_version')}.sql"
        title = f"-- As the server of commit {short} left it: schema {db.pragma('user_version')}.\n"
        era.write_text(title + "".join(f"{line};\n" for line in lines(db)))
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'signing'").fetchall():
            shutil.copyfile(data / "signing.key", era.with_suffix(".key"))
        db.close()
        print(era)


if __name__ == "__main__":
    main(*sys.argv[1:])
