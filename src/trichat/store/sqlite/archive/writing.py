"""The export: every row as a line, one table after the other, of one moment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from trichat.store.sqlite import rows
from trichat.store.sqlite.archive.lines import VERSION, Sealer
from trichat.store.sqlite.archive.tables import Part, parts
from trichat.store.sqlite.backup import Counts, Progress, opened

ROWS = 1000  # between two words on how far it is


def export_lines(
    database: Path, write: Callable[[bytes], object], *, secrets: bool, progress: Progress
) -> Counts:
    """What of the database anyone may have who may read all messages; with secrets, the hashes of
    passwords and the digests of API keys too. How many lines of each table there were.

    Whoever writes meanwhile is not waited for. Raises StoreError; what `write` raises goes through.
    """
    with opened(database) as db:
        exported = list(parts(db, secrets=secrets))
        counts = {part.name: _count(db, part) for part in exported}
        total, done = sum(counts.values()), 0
        sealer = Sealer()
        schema = db.pragma("user_version")
        write(
            sealer.line(
                {"trichat": "export", "version": VERSION, "schema": schema, "secrets": secrets}
            )
        )
        for part in exported:
            packed = [part.columns[number] for number in part.packed]
            row: Any
            for row in db.execute(_select(part)):
                cells = dict(zip(part.columns, row, strict=True))
                for column in packed:
                    cells[column] = cells[column] and cells[column].hex()
                write(sealer.line({"table": part.name, **cells}))
                done += 1
                if done % ROWS == 0:
                    progress(done, total)
        write(sealer.last(counts, done + 1))
        progress(done, total)
    return counts


def _count(db: apsw.Connection, part: Part) -> int:
    ((many,),) = rows.fetch(db, f"SELECT count(*) FROM {part.name}")
    return int(many)


def _select(part: Part) -> str:
    columns = ", ".join(f'"{column}"' for column in part.columns)
    return f"SELECT {columns} FROM {part.name} ORDER BY {', '.join(part.table.key)}"
