"""Faults made on purpose, in copies of src/ and never in the working tree."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from attrs import frozen

ROOT = Path(__file__).parents[1]


@frozen
class Edit:
    """What stands once in a file of the package, and what stands there instead."""

    file: str
    source: str
    becomes: str


@frozen
class Mutation:
    """name: in its table."""

    name: str
    edits: tuple[Edit, ...]

    @property
    def file(self) -> str:
        """Of its first edit."""
        return self.edits[0].file

    @classmethod
    def read(cls, name: str, entry: dict[str, Any]) -> "Mutation":
        """An entry of a table: `file`, `source` and `becomes`, and perhaps another edit in `also`,
        in the same file if it names none.
        """
        edits = [entry, *([entry["also"]] if "also" in entry else [])]
        return cls(
            name,
            tuple(
                Edit(edit.get("file", entry["file"]), edit["source"], edit["becomes"])
                for edit in edits
            ),
        )

    def files(self, source: Path) -> Iterator[tuple[Path, str, str]]:
        """In this copy of src/: each file, its text, and what that becomes. Raises MisfitError."""
        for file in dict.fromkeys(edit.file for edit in self.edits):
            path = source / "trichat" / file
            before = after = path.read_text(encoding="utf-8")
            for edit in self.edits:
                if edit.file == file:
                    if (count := after.count(edit.source)) != 1:
                        raise MisfitError(f"{count} times in {file}: {edit.source!r}")
                    after = after.replace(edit.source, edit.becomes)
            if after == before:
                raise MisfitError(f"{file} stays as it is")
            try:
                compile(after, file, "exec")
            except SyntaxError as error:
                raise MisfitError(f"{file} is no Python any more: {error}") from error
            yield path, before, after

    @contextmanager
    def made(self, source: Path) -> Iterator[str | None]:
        """In this copy of src/; what is wrong with the mutation, if it cannot be made."""
        try:
            files = list(self.files(source))
        except MisfitError as error:
            yield str(error)
            return
        for path, _, after in files:
            path.write_text(after, encoding="utf-8")
        try:
            yield None
        finally:
            for path, before, _ in files:
                path.write_text(before, encoding="utf-8")


class MisfitError(Exception):
    """A mutation cannot be made of the code as it is."""


@contextmanager
def copies(number: int) -> Iterator[Callable[[], AbstractContextManager[Path]]]:
    """So many copies of src/. What is yielded lends one of them to one thread at a time."""
    with tempfile.TemporaryDirectory(prefix="trichat-mutants-") as temporary:
        free: SimpleQueue[Path] = SimpleQueue()
        for one in range(number):
            copy = Path(temporary, str(one))
            shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
            free.put(copy)
        assert _is_imported(Path(temporary, "0"))

        @contextmanager
        def lent() -> Iterator[Path]:
            source = free.get()
            try:
                yield source
            finally:
                free.put(source)

        yield lent


def _is_imported(source: Path) -> bool:
    """Whether the tests import it, and not what is installed."""
    environ = {**os.environ, "PYTHONPATH": str(source)}
    request = [sys.executable, "-c", "import trichat; print(trichat.__file__)"]
    done = subprocess.run(request, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.startswith(str(source))
