"""The store over SQLite: one writer, a few readers, every call one function in one thread hop."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import apsw
import trio

from trichat.datadir import make_private
from trichat.store.health import Probe, StoreError, StoreHealth
from trichat.store.port import OnOutcomes, Outcome, Write
from trichat.store.sqlite.checking import identify, look_over, probe
from trichat.store.sqlite.connecting import Database, connect, connect_in_memory
from trichat.store.sqlite.faults import store_error
from trichat.store.sqlite.fileidentity import FileIdentity
from trichat.store.sqlite.migrate import migrate
from trichat.store.sqlite.rows import savepoint
from trichat.store.sqlite.threads import Inline, Offload, Threads
from trichat.store.sqlite.topic import Query
from trichat.store.sqlite.topics import Topics
from trichat.store.sqlite.transactions import Transaction
from trichat.store.sqlite.upgrading import upgrade

# Names of transactions that were given up, the newest. Whoever gives one up waits for that.
GIVEN_UP = 64

P = ParamSpec("P")
T = TypeVar("T")


class SqliteStore(Topics):
    """One database file. Commits are durable when they answer: WAL with synchronous=FULL."""

    def __init__(
        self,
        writer: apsw.Connection,
        readers: Sequence[apsw.Connection],
        write_in: Offload,
        read_in: Offload,
        identity: FileIdentity | None = None,
        health: StoreHealth | None = None,
    ) -> None:
        self._writer = writer
        self._readers = list(readers)
        self._write_in = write_in
        self._read_in = read_in
        self._identity = identity
        self._version = writer.pragma("data_version")
        self._given_up = deque[str](maxlen=GIVEN_UP)
        self._last = Transaction(writer, None)
        self.health = health or StoreHealth()

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        readers: int = 2,
        check: bool = False,
        keep: bool = True,
        hide_addresses: bool = False,
        health: StoreHealth | None = None,
        offload: Callable[[str, int], Offload] = Threads,
    ) -> "SqliteStore":
        """Open or create the database, and bring it to the newest schema. check: be sure that it
        can be written to, and look for damage for a moment. keep: a copy of it is kept before it
        is migrated. hide_addresses: whether other users see none. health: keeps what is
        known of whether the store works. Raises StoreError when it cannot be used.
        """
        write_in = offload("store-writer", 1)
        try:
            connect_all = partial(_connect_all, path, readers, check=check, keep=keep)
            writer, others = await write_in(connect_all)
        except BaseException:
            write_in.close()
            raise
        for db in (writer, *others):
            db.hides_addresses = hide_addresses
        read_in = offload("store-reader", readers)
        return cls(writer, others, write_in, read_in, FileIdentity(path), health)

    @classmethod
    def in_memory(
        cls, path: Path, *, hide_addresses: bool = False, health: StoreHealth | None = None
    ) -> "SqliteStore":
        """A copy of what the file holds. Nothing is written back: it ends with the process.
        Raises StoreError.
        """
        try:
            db = connect_in_memory(path)
            identify(db, str(path))
            migrate(db)
        except apsw.Error as error:
            raise store_error(error, path) from error
        db.hides_addresses = hide_addresses
        inline = Inline()
        return cls(db, [db], inline, inline, health=health)

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

    async def write(
        self,
        writes: Sequence[Write],
        batch: str | None = None,
        then: OnOutcomes | None = None,
    ) -> Sequence[Outcome]:
        def write_all() -> Sequence[Outcome]:
            if batch in self._given_up:
                raise StoreError(f"the transaction {batch} was given up")
            self._last = Transaction(self._writer, batch)
            if self._identity is not None:
                self._identity.check()
            return self._last.run(writes)

        return await self._write_in(write_all, then)

    async def commit_status(self, batch: str) -> Sequence[Outcome] | None:
        def look() -> Sequence[Outcome] | None:
            outcomes = self._last.status(batch)
            if outcomes is None:
                self._given_up.append(batch)
            return outcomes

        return await self._write_in(look)

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
        def snapshot(reader: apsw.Connection) -> T:
            with savepoint(reader):
                return query(reader, *args, **kwargs)

        return await self._read_in(partial(self._on_a_reader, snapshot))

    async def _look_up(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def statement(reader: apsw.Connection) -> T:
            return query(reader, *args, **kwargs)

        return await self._read_in(partial(self._on_a_reader, statement))

    def _on_a_reader(self, query: Callable[[apsw.Connection], T]) -> T:
        reader = self._readers.pop()
        try:
            return query(reader)
        except (apsw.Error, UnicodeError) as error:
            failed = store_error(error)
            if not isinstance(error, UnicodeError):  # the asker's, not the disk's
                self.health.cannot_read(failed)
            raise failed from error
        finally:
            self._readers.append(reader)


def _connect_all(
    path: Path, readers: int, *, check: bool, keep: bool
) -> tuple[Database, list[Database]]:
    """The writer, with the newest tables, and so many readers."""
    try:
        make_private(path)  # messages and hashes; SQLite's -wal follows
        writer = connect(path)
        try:
            upgrade(writer, path, keep=keep)
            if check:
                with writer:
                    probe(writer, Probe())
                look_over(writer, str(path))
            return writer, [connect(path, readonly=True) for _ in range(readers)]
        except BaseException:
            writer.close()
            raise
    except apsw.Error as error:
        raise store_error(error, path) from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
