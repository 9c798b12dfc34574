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
class Mutation:
    """name: in its table. edits: (what stands in the file once, what stands there instead)."""

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, name: str, entry: dict[str, Any]) -> "Mutation":
        """An entry of a table: `source` and `becomes`, and perhaps the same in `also`."""
        edits = [entry, *([entry["also"]] if "also" in entry else [])]
        return cls(name, entry["file"], tuple((edit["source"], edit["becomes"]) for edit in edits))

    @contextmanager
    def made(self, source: Path) -> Iterator[str | None]:
        """In this copy of src/; what is wrong with the mutation, if it cannot be made."""
        path = source / "trichat" / self.file
        before = path.read_text(encoding="utf-8")
        after, wrong = before, None
        for old, new in self.edits:
            if after.count(old) != 1:
                wrong = f"{after.count(old)} times in {self.file}: {old!r}"
            after = after.replace(old, new)
        path.write_text(after, encoding="utf-8")
        try:
            yield wrong
        finally:
            path.write_text(before, encoding="utf-8")


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
