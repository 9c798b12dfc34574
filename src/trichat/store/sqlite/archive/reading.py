"""The import: a database made of an export's lines, all of it or nothing."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import apsw

from trichat.store.sqlite.archive.lines import ArchiveError, Reader
from trichat.store.sqlite.archive.relations import RELATIONS
from trichat.store.sqlite.archive.rules import ANY, Checks, Rule, rules
from trichat.store.sqlite.archive.shapes import Shape, shapes
from trichat.store.sqlite.archive.tables import Part, parts
from trichat.store.sqlite.backup import Counts, whole_database
from trichat.store.sqlite.checking import verify
from trichat.store.sqlite.faults import store_error
from trichat.store.sqlite.migrate import migrate, newest

LINES = 1000  # between two words on how far it is


def import_lines(
    file: BinaryIO, database: Path, *, checks: Checks, progress: Callable[[int], object]
) -> Counts:
    """A database in a place where there is none. How many lines of each table there were.
    progress: called with the bytes read.

    It is made with the schema of the export and migrated then. Each line is held to the rules of
    the server: see rules.py, shapes.py and relations.py. Raises ArchiveError, StoreError,
    ExistsError, OSError.
    """
    with whole_database(database, ours=True) as part:
        db = apsw.Connection(str(part))
        try:
            return _fill(db, Reader(file), str(database), checks, progress)
        except apsw.Error as error:
            raise store_error(error, database) from error
        finally:
            db.close()


def _fill(
    db: apsw.Connection,
    reader: Reader,
    about: str,
    checks: Checks,
    progress: Callable[[int], object],
) -> Counts:
    header = reader.header()
    schema = header.get("schema")
    if type(schema) is not int or not 1 <= schema <= newest():
        raise reader.error(f"the export has schema {schema!r}, this trichat knows 1 to {newest()}")
    # Nobody else sees it before it is whole, and a crash throws it away.
    db.pragma("journal_mode", "off")
    db.pragma("synchronous", "off")
    db.pragma("cache_size", -65536)
    migrate(db, up_to=schema)
    db.execute("PRAGMA foreign_keys = ON; BEGIN")
    tables = _Tables(db, parts(db, secrets=header.get("secrets") is True), reader, checks)
    for value in reader:
        tables.add(value)
        if reader.number % LINES == 0:
            progress(reader.bytes)
    tables.finish(schema)
    db.execute("COMMIT")
    db.pragma("journal_mode", "delete")
    migrate(db)
    verify(db, about)
    progress(reader.bytes)
    return tables.counts


class _Tables:
    """One table after the other, each row as it stands in its line."""

    def __init__(
        self, db: apsw.Connection, expected: Iterable[Part], reader: Reader, checks: Checks
    ) -> None:
        self._db = db
        self._rules = rules(checks)
        self._shapes = shapes(checks)
        self._expected = {part.name: part for part in expected}
        self._waiting = list(self._expected)
        self._reader = reader
        self._begins: dict[str, int] = {}
        self.counts: Counts = dict.fromkeys(self._expected, 0)
        self._part: Part | None = None
        self._insert = ""
        self._cells: list[tuple[str, type, Rule]] = []
        self._shape: Shape | None = None
        self._before: tuple[Any, ...] = ()
        self._last_at = 0

    def add(self, value: dict[str, Any]) -> None:
        """The next row. Raises ArchiveError."""
        name = value.pop("table", None)
        if self._part is None or name != self._part.name:
            self._part = self._turn_to(name)
        row = self._row(self._part, value)
        try:
            self._db.execute(self._insert, row)
        except apsw.ConstraintError as error:
            raise self._reader.error(f"does not fit to the lines before it: {error}") from None
        wrong = self._shape and self._shape(value)
        if wrong:
            raise self._reader.error(wrong)
        self.counts[self._part.name] += 1

    def _turn_to(self, name: object) -> Part:
        if name not in self._waiting:
            raise self._reader.error(f"has table {name!r}, which is unknown or is not in its place")
        del self._waiting[: self._waiting.index(name) + 1]
        part = self._expected[str(name)]
        columns = ", ".join(f'"{column}"' for column in part.columns)
        marks = ", ".join("?" * len(part.columns))
        self._insert = f"INSERT INTO {part.name} ({columns}) VALUES ({marks})"
        own = self._rules[part.name]
        self._cells = [
            (column, type_, own.get(column, ANY[type_]))
            for column, type_ in zip(part.columns, part.types, strict=True)
        ]
        self._shape = self._shapes.get(part.name)
        self._begins[part.name] = self._reader.number
        self._before = ()
        if part.name == "sqlite_sequence":  # what the rows before have put there
            self._db.execute("DELETE FROM sqlite_sequence")
        return part

    def _row(self, part: Part, value: dict[str, Any]) -> tuple[Any, ...]:
        if tuple(value) != part.columns:
            raise self._reader.error(
                f"has not the columns of {part.name}: {', '.join(part.columns)}"
            )
        for number in part.packed:
            column = part.columns[number]
            value[column] = self._bytes(column, value[column])
        for column, type_, rule in self._cells:
            self._check_cell(column, value[column], type_, rule)
        for column, words in part.table.words.items():
            if value[column] not in words:
                raise self._reader.error(f"has a {column} that is unknown: {value[column]!r}")
        self._check_place(part, value)
        for column, make in part.table.derived.items():
            if column in value:
                value[column] = make(value)
        return tuple(value.values())

    def _check_cell(self, column: str, cell: Any, type_: type, rule: Rule) -> None:
        if cell is None:  # whether it may be, the table says
            return
        if type(cell) is not type_:
            raise self._reader.error(f"has a {column} of another type")
        why = rule(cell)
        if why is not None:
            raise self._reader.error(f"has a {column} that {why}")

    def _check_place(self, part: Part, value: dict[str, Any]) -> None:
        """Behind the line before it, and in a log without a gap, later."""
        key = tuple(value[column] for column in part.table.key)
        if None in key or not self._before < key:
            raise self._reader.error(f"is not behind the one before it, by {part.table.key}")
        if part.name == "events":
            if key[1] != _next_number(self._before, key):
                raise self._reader.error(f"has number {key[1]}: the room's log has a gap before it")
            at = value["at"] or 0  # null is refused by the table
            if key[1] > 1 and at < self._last_at:
                raise self._reader.error("has an earlier time than the event before it")
            self._last_at = at
        self._before = key

    def _bytes(self, column: str, cell: object) -> bytes | None:
        try:
            return None if cell is None else bytes.fromhex(str(cell))
        except ValueError:
            raise self._reader.error(f"has a {column} of another type") from None

    def finish(self, schema: int) -> None:
        """The last line has been read. Raises ArchiveError."""
        if self._reader.counts != self.counts:
            found = f"{self._reader.counts} in place of {self.counts}"
            raise self._reader.error(f"counts other lines than there are: {found}")
        for relation in RELATIONS:
            if relation.since <= schema:
                line = self._first_line(relation.table, relation.wrong)
                if line is not None:
                    raise ArchiveError(line, relation.text)

    def _first_line(self, table: str, condition: str) -> int | None:
        """The number of the first line of a row for which this holds."""
        key = ", ".join(self._expected[table].table.key)
        query = f"SELECT {key} FROM {table} WHERE {condition} ORDER BY {key} LIMIT 1"
        found = self._db.execute(query).fetchall()
        if not found:
            return None
        marks = ", ".join("?" * len(found[0]))
        query = f"SELECT count(*) FROM {table} WHERE ({key}) < ({marks})"
        ((before,),) = self._db.execute(query, found[0])
        return self._begins[table] + int(before)


def _next_number(before: tuple[Any, ...], key: tuple[Any, ...]) -> int:
    return before[1] + 1 if before and before[0] == key[0] else 1
