"""trichat's users, rooms and messages, in bulk: its own migrations, then SQL."""

import hashlib
import itertools
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import apsw
from attrs import asdict, frozen

from bench.audience import Audience
from bench.progress import Bar
from trichat.runtime.clock import new_uuid
from trichat.store.sqlite.migrate import migrate, migrations

# Rows of one statement's turn, after which the bar moves.
CHUNK = 20_000


@frozen
class Person:
    """A user as tokens name them."""

    id: int
    uuid: str
    name: str


@frozen
class Hall:
    """A room, as each dialect calls it."""

    id: int
    uuid: str
    handle: str


@frozen
class World:
    """What is in the database, in the order of its making."""

    people: Sequence[Person]
    # By the audience's key.
    rooms: dict[str, Sequence[Hall]]


@frozen
class Stock:
    """More than an audience needs: users who never come, rooms, messages of a room."""

    users: int = 0
    rooms: int = 0
    # Said in each of these rooms, by user 0: rooms `key`, so many messages.
    histories: tuple[tuple[str, int], ...] = ()
    # Said in the stocked rooms, taking turns.
    messages: int = 0


def seeded(cache: Path, audiences: Sequence[Audience], stock: Stock = Stock()) -> Path:
    """A database with these audiences as members of their rooms; made once for each schema."""
    wanted = repr([[asdict(audience) for audience in audiences], asdict(stock)])
    schema = migrations()[-1][0]
    name = f"schema{schema}-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}.db"
    path = cache / name
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".part")
        fresh.unlink(missing_ok=True)
        _fill(fresh, audiences, stock)
        fresh.rename(path)
    return path


def copy(source: Path, target: Path) -> None:
    """A database of its own for one start of the server."""
    shutil.copyfile(source, target)


def read(path: Path, audiences: Sequence[Audience]) -> World:
    """Who and what was seeded."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        count = max((audience.users for audience in audiences), default=1)
        people = db.execute("SELECT id, uuid, username FROM users ORDER BY id LIMIT ?", (count,))
        world = World([Person(*row) for row in people], {})
        for audience in audiences:
            rooms = db.execute(
                "SELECT id, uuid, handle FROM rooms WHERE handle GLOB ? ORDER BY id",
                (f"{audience.key}-[0-9]*",),
            )
            world.rooms[audience.key] = [Hall(*row) for row in rooms]
        return world
    finally:
        db.close()


def message_ids(path: Path, hall: Hall) -> tuple[int, int]:
    """The first and the last of a room's."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        query = "SELECT min(id), max(id) FROM messages WHERE room_id = ?"
        ((first, last),) = db.execute(query, (hall.id,))
        return first, last
    finally:
        db.close()


# -- filling


def _fill(path: Path, audiences: Sequence[Audience], stock: Stock) -> None:
    db = apsw.Connection(str(path))
    migrate(db)
    for pragma in ("journal_mode = OFF", "synchronous = OFF"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    at = int(time.time() * 1000) - 86_400_000
    most = max((audience.users for audience in audiences), default=1)
    with Bar(f"seeding {path.stem}", _rows(audiences, stock)) as bar:
        _insert(db, bar, "users", "uuid, username, folded, email, folded_email, created_at,"
                " updated_at", _users(most + stock.users, at))  # fmt: skip
        for audience in audiences:
            _seat(db, bar, audience, at)
        _insert(db, bar, "rooms", "uuid, kind, title, handle, origin, created_by, created_at,"
                " updated_at, last_seq, last_at", _rooms("stock", stock.rooms, 0, at))  # fmt: skip
        ids = _ids(db, "stock")
        _talk(db, bar, ids, stock.messages, at)
        for key, messages in stock.histories:
            _talk(db, bar, _ids(db, key), messages, at)
    db.execute(
        "UPDATE rooms SET last_seq = found.seq, last_at = found.at FROM"
        " (SELECT room_id, max(seq) AS seq, max(at) AS at FROM events GROUP BY room_id) AS found"
        " WHERE rooms.id = found.room_id"
    )
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.close()


def _rows(audiences: Sequence[Audience], stock: Stock) -> int:
    most = max((audience.users for audience in audiences), default=1)
    said = stock.messages + sum(messages for _, messages in stock.histories)
    seats = sum(audience.rooms + 2 * audience.connections for audience in audiences)
    return most + stock.users + seats + stock.rooms + 2 * said


def _insert(
    db: apsw.Connection, bar: Bar, table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    marks = ", ".join("?" * len(columns.split(",")))
    rest = iter(rows)
    while chunk := list(itertools.islice(rest, CHUNK)):
        with db:
            db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", chunk)
        bar.advance(len(chunk))


def _users(count: int, at: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        name = f"user{number:05d}"
        address = f"{name}@example.com"
        yield new_uuid(), name, name, address, address, at, at


def _rooms(key: str, count: int, members: int, at: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        handle = f"{key}-{number}"
        yield new_uuid(), "public", handle, handle, "rest", 1, at, at, members, at


def _ids(db: apsw.Connection, key: str) -> list[int]:
    found = db.execute("SELECT id FROM rooms WHERE handle GLOB ? ORDER BY id", (f"{key}-[0-9]*",))
    return [row[0] for row in found]


def _seat(db: apsw.Connection, bar: Bar, audience: Audience, at: int) -> None:
    """The audience's rooms, its users their members."""
    _insert(
        db, bar, "rooms", "uuid, kind, title, handle, origin, created_by, created_at, updated_at,"
        " last_seq, last_at", _rooms(audience.key, audience.rooms, audience.members, at),
    )  # fmt: skip
    ids = _ids(db, audience.key)
    seats = [(ids[seat.room], seat.user + 1, audience.turn(seat)) for seat in audience.seats()]
    standings = ("owner", "member")
    _insert(
        db, bar, "memberships", "room_id, user_id, standing, joined_at",
        ((room, user, standings[min(turn, 1)], at) for room, user, turn in seats),
    )  # fmt: skip
    data = [f'{{"standing": "{standing}"}}' for standing in standings]
    _insert(
        db, bar, "events", "room_id, seq, kind, at, user_id, by_id, data",
        ((room, turn + 1, "admitted", at, user, 1, data[min(turn, 1)])
         for room, user, turn in seats),
    )  # fmt: skip


def _talk(db: apsw.Connection, bar: Bar, rooms: Sequence[int], count: int, at: int) -> None:
    """So many messages of user 1 in these rooms, each with its entry in the log."""
    if not count:
        return
    ((first,),) = db.execute("SELECT coalesce(max(id), 0) + 1 FROM messages")
    heads = dict(
        db.execute(
            "SELECT room_id, max(seq) FROM events WHERE room_id BETWEEN ? AND ? GROUP BY room_id",
            (rooms[0], rooms[-1]),
        )
    )

    def said() -> Iterator[tuple[int, int, int]]:
        """(message, room, number)"""
        for turn in range(count):
            room = rooms[turn % len(rooms)]
            yield first + turn, room, heads.get(room, 0) + turn // len(rooms) + 1

    _insert(
        db, bar, "messages", "id, uuid, room_id, seq, author_id, text, created_at, updated_at",
        (
            (message, new_uuid(), room, seq, 1, f"message {message} of many in this room",
             at + message, at + message)
            for message, room, seq in said()
        ),
    )  # fmt: skip
    _insert(
        db, bar, "events", "room_id, seq, kind, at, user_id, message_id",
        ((room, seq, "said", at + message, 1, message) for message, room, seq in said()),
    )  # fmt: skip
