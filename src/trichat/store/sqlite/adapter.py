"""The store over SQLite: one writer, a few readers, every call one function in one thread hop."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import apsw
import trio

from trichat.core.events import RoomEvent
from trichat.core.model import (
    Act,
    Action,
    Grant,
    Kind,
    Membership,
    Message,
    Overview,
    Room,
    Status,
    Target,
    User,
)
from trichat.core.refusals import Failed
from trichat.core.roomstate import Lookup, Needs, RoomState
from trichat.store import port
from trichat.store.sqlite import (
    acts,
    landed,
    log,
    logins,
    messages,
    outsiders,
    people,
    places,
    ranks,
)
from trichat.store.sqlite.anchor import Anchor
from trichat.store.sqlite.checking import identify, look_over
from trichat.store.sqlite.connecting import connect, connect_in_memory
from trichat.store.sqlite.faults import is_of_the_disk, store_error
from trichat.store.sqlite.migrate import migrate
from trichat.store.sqlite.rows import savepoint
from trichat.store.sqlite.threads import Inline, Offload, Threads
from trichat.store.sqlite.writes import WRITES, probe

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)

Query = Callable[Concatenate[apsw.Connection, P], T]


class _FailedWriteError(Exception):
    """One write of a batch failed, and nothing is known of the others."""


class SqliteStore:
    """One database file. Commits are durable when they answer: WAL with synchronous=FULL."""

    def __init__(
        self,
        writer: apsw.Connection,
        readers: list[apsw.Connection],
        write_in: Offload,
        read_in: Offload,
        anchor: Anchor | None = None,
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._write_in = write_in
        self._read_in = read_in
        self._anchor = anchor
        self._version = writer.pragma("data_version")
        self.condition = port.Condition()

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        readers: int = 2,
        check: bool = False,
        offload: Callable[[str, int], Offload] = Threads,
    ) -> "SqliteStore":
        """Open or create the database. check: be sure that it can be written to, and look for
        damage for a moment. Raises StoreError when it cannot be used.
        """
        write_in = offload("store-writer", 1)
        try:
            writer, others = await write_in(partial(_connect_all, path, readers, check=check))
        except BaseException:
            write_in.close()
            raise
        return cls(writer, others, write_in, offload("store-reader", readers), Anchor(path))

    @classmethod
    def in_memory(cls, path: Path) -> "SqliteStore":
        """A copy of what the file holds. Nothing is written back: it ends with the process.
        Raises StoreError.
        """
        try:
            db = connect_in_memory(path)
            identify(db, str(path))
            migrate(db)
        except apsw.Error as error:
            raise store_error(error, path) from error
        inline = Inline()
        return cls(db, [db], inline, inline)

    async def aclose(self) -> None:
        """Fold the log into the file and let go."""

        def close() -> None:
            for reader in self._readers:
                reader.close()
            with suppress(apsw.Error):
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()

        with trio.CancelScope(shield=True, deadline=trio.current_time() + 10):
            await self._write_in(close)
            self._read_in.close()
            self._write_in.close()

    # -- writing

    async def write(self, writes: Sequence[port.Write]) -> Sequence[port.Outcome]:
        """All in one transaction. Failures are rare: only when there was one is it undone and
        begun anew with a savepoint for each write.
        """

        def write_all() -> list[port.Outcome]:
            try:
                return self._transact(writes, self._write_plainly)
            except _FailedWriteError:
                return self._transact(writes, self._write_alone)

        return await self._write_in(write_all)

    def _transact(
        self, writes: Sequence[port.Write], write_one: Callable[[port.Write], port.Outcome]
    ) -> list[port.Outcome]:
        if self._anchor is not None:
            self._anchor.hold()
        db = self._writer
        try:
            db.execute("BEGIN IMMEDIATE")
            outcomes = [write_one(write) for write in writes]
            db.execute("COMMIT")
        except Exception as error:
            with suppress(apsw.Error):
                if db.in_transaction:
                    db.execute("ROLLBACK")
            if isinstance(error, _FailedWriteError):
                raise
            raise store_error(error) from error
        return outcomes

    def _write_plainly(self, write: port.Write) -> port.Outcome:
        try:
            return WRITES[type(write)](self._writer, write)
        except Exception as error:
            raise _FailedWriteError from error

    def _write_alone(self, write: port.Write) -> port.Outcome:
        db = self._writer
        try:
            with savepoint(db):
                return WRITES[type(write)](db, write)
        except Exception as error:  # a value that SQLite cannot hold is no apsw.Error
            if is_of_the_disk(error) or not db.in_transaction:  # or it undid all of it by itself
                raise
            _log.exception("a write failed: %s", type(write).__name__)
            return Failed()

    async def landed(self, write: port.Write) -> port.Outcome | None:
        return await self._read(landed.landed, write)

    async def changed_elsewhere(self) -> bool:
        """SQLite's data version moves when any other connection commits; ours is the only writer
        of this process.
        """

        def look() -> bool:
            before, self._version = self._version, self._writer.pragma("data_version")
            return bool(before != self._version)

        return await self._write_in(look)

    # -- reading

    async def _read(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def snapshot() -> T:
            reader = self._readers.pop()
            try:
                with savepoint(reader):
                    return query(reader, *args, **kwargs)
            except (apsw.Error, UnicodeError) as error:
                failed = store_error(error)
                if not isinstance(error, UnicodeError):  # the asker's, not the disk's
                    self.condition.cannot_read(failed)
                raise failed from error
            finally:
                self._readers.append(reader)

        return await self._read_in(snapshot)

    async def user(self, user_id: int) -> User | None:
        return await self._read(people.by, "id", user_id)

    async def user_by_uuid(self, uuid: str) -> User | None:
        return await self._read(people.by, "uuid", uuid)

    async def user_by_name(self, username: str) -> User | None:
        return await self._read(people.by, "username", username)

    async def users(self, uuids: Iterable[str]) -> dict[str, User]:
        return await self._read(people.by_uuids, uuids)

    async def credentials(self, username: str) -> tuple[User, str | None] | None:
        return await self._read(people.credentials, username)

    async def user_of_key(self, digest: str) -> tuple[User, int] | None:
        return await self._read(people.of_key, digest)

    async def living_keys(self, ids: Iterable[int]) -> set[int]:
        return await self._read(people.living_keys, ids)

    async def user_of_living_key(self, key_id: int) -> User | None:
        return await self._read(people.of_living_key, key_id)

    async def bearer(self, uuid: str, login: str) -> port.Bearer | None:
        return await self._read(logins.bearer, uuid, login)

    async def ended_logins(self, names: Iterable[str]) -> set[str]:
        return await self._read(logins.ended, names)

    async def tokens_since(self, user_ids: Iterable[int]) -> dict[int, int]:
        return await self._read(logins.tokens_since, user_ids)

    async def outsider(self, issuer: str, subject: str) -> User | None:
        return await self._read(outsiders.find, issuer, subject)

    async def api_keys(self, user_id: int) -> list[port.ApiKey]:
        return await self._read(people.api_keys, user_id)

    async def active_users(self, *, now: int) -> list[User]:
        return await self._read(people.active, now)

    async def all_users(self) -> list[User]:
        return await self._read(people.everyone)

    async def search_names(self, part: str, *, limit: int, without: int) -> list[User]:
        return await self._read(people.search_names, part, limit, without)

    async def search_users(self, part: str, *, limit: int) -> list[User]:
        return await self._read(people.search, part, limit)

    async def accounts(
        self, *, now: int, limit: int, offset: int, status: Status | None = None, part: str = ""
    ) -> list[port.Account]:
        return await self._read(acts.accounts, now, limit, offset, status, part)

    async def grants(self, user_id: int) -> list[Grant]:
        return await self._read(ranks.grants, user_id)

    async def acts(
        self,
        *,
        limit: int,
        offset: int = 0,
        action: Action | None = None,
        target: Target | None = None,
        by: str | None = None,
    ) -> list[Act]:
        return await self._read(acts.read, limit, offset, action, target, by)

    async def tally(self, *, now: int, since: int) -> port.Tally:
        return await self._read(acts.tally, now, since)

    async def room(self, room_id: int) -> Room | None:
        return await self._read(places.by, "id", room_id)

    async def room_by_uuid(self, uuid: str) -> Room | None:
        return await self._read(places.by, "uuid", uuid)

    async def room_by_handle(self, handle: str) -> Room | None:
        return await self._read(places.by, "handle", handle)

    async def count_rooms(self) -> dict[Kind, int]:
        return await self._read(places.count)

    async def open_rooms(self, *, kind: Kind | None, user_id: int) -> list[Room]:
        return await self._read(places.open_rooms, kind, user_id)

    async def membership(self, room_id: int, user_id: int) -> Membership | None:
        return await self._read(places.membership, room_id, user_id)

    async def rooms_of(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        return await self._read(places.rooms_of, user_ids)

    async def admissions(self, user_id: int) -> list[port.Admission]:
        return await self._read(places.admissions, user_id)

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        return await self._read(places.admitted, user_id, uuids)

    async def members(self, room_id: int) -> list[User]:
        return await self._read(places.members, room_id)

    async def members_of_rooms(self, room_ids: Iterable[int]) -> dict[int, list[User]]:
        return await self._read(places.members_of_rooms, room_ids)

    async def deserted(self, before: int) -> list[Room]:
        return await self._read(places.deserted, before)

    async def share_a_room(self, user_id: int, other_id: int) -> bool:
        return await self._read(places.share_a_room, user_id, other_id)

    async def load(self, room_id: int) -> RoomState | None:
        return await self._read(places.load, room_id)

    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        return await self._read(log.read, room_id, after, limit)

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        return await self._read(log.heads, room_ids)

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        return await self._read(log.admission, room_id, user_id, after)

    async def lookup(self, room_id: int, needs: Needs) -> Lookup:
        return await self._read(messages.lookup, room_id, needs)

    async def message(self, uuid: str) -> Message | None:
        return await self._read(messages.by, "uuid", uuid)

    async def message_by_id(self, message_id: int) -> Message | None:
        return await self._read(messages.by, "id", message_id)

    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        return await self._read(messages.history, room_id, limit, offset, before_id)

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        return await self._read(messages.reaction_home, reaction, user_id)

    async def only_reaction_near(self, user_id: int, at: int, span: int) -> tuple[str, str] | None:
        return await self._read(messages.only_reaction_near, user_id, at, span)

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        return await self._read(messages.mentions_of, user_id, limit, offset)

    async def overviews(self, user_id: int, *, members: int) -> list[Overview]:
        return await self._read(messages.overviews, user_id, members)


def _connect_all(
    path: Path, readers: int, *, check: bool
) -> tuple[apsw.Connection, list[apsw.Connection]]:
    """The writer, with the newest tables, and so many readers."""
    try:
        path.touch(mode=0o600)  # messages and hashes: its owner's alone; SQLite's -wal follows
        writer = connect(path)
        try:
            identify(writer, str(path))
            migrate(writer)
            if check:
                with writer:
                    probe(writer, port.Probe())
                look_over(writer, str(path))
            return writer, [connect(path, readonly=True) for _ in range(readers)]
        except BaseException:
            writer.close()
            raise
    except apsw.Error as error:
        raise store_error(error, path) from error
    except OSError as error:
        raise port.StoreError(f"{path}: {error.strerror}") from error
