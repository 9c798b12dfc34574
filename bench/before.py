"""trichat as it was at earlier commits, beside today's: the same machine, the same minutes."""

import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from bench import seeding
from bench.audience import Audience
from bench.peer import Command, Place
from bench.running import Running, serving
from bench.trichat import MEMORY, ROOT, speeches

# Run by the earlier checkout itself: its own seeding, for its own schema, and its own settings.
_SEED = """
import pickle, sys
from pathlib import Path
from bench import seeding, trichat
seeds, audiences = Path(sys.argv[1]), pickle.load(sys.stdin.buffer)
path = seeding.seeded(seeds, audiences)
pickle.dump((path, seeding.read(path, audiences), trichat.CONFIG), sys.stdout.buffer)
"""


@frozen
class Before:
    """A subject: an earlier trichat. slower: how many times of its cost today's may take. ours: the
    subject of today that it is compared with.
    """

    key: str
    commit: str
    slower: float
    ours: str = "trichat"
    stores: bool = True
    language: str = "Python, Trio"
    note: str = "ourselves before"

    @property
    def title(self) -> str:
        """Of its rows."""
        return f"trichat at {self.commit}, {'SQLite' if self.stores else 'memory'}"

    def missing(self) -> str:
        """A copy of the repository without its history cannot show it."""
        found = _git("cat-file", "-e", f"{self.commit}^{{commit}}")
        return "" if found.returncode == 0 else f"commit {self.commit} is not in this repository"

    def version(self, place: Place) -> str:
        """Its commit; its packages are those of today."""
        return self.commit

    @contextmanager
    def start(self, place: Place, audiences: Sequence[Audience], cpu: int) -> Iterator[Running]:
        """Serve with these audiences seeded. Raises ServerError."""
        tree = _checkout(self.commit, place.built / f"before-{self.commit}")
        env = {"PYTHONPATH": f"{tree}:{tree / 'src'}"}
        seeded = subprocess.run(
            [sys.executable, "-c", _SEED, str(place.built / "seeds")],
            input=pickle.dumps(list(audiences)), stdout=subprocess.PIPE, cwd=tree, env=env,
            check=True,
        )  # fmt: skip
        path, world, settings = pickle.loads(seeded.stdout)
        data = place.work / "data"
        data.mkdir()
        seeding.copy(path, data / "trichat.db")
        config = place.work / "trichat.toml"
        config.write_text(settings if self.stores else settings + MEMORY)
        argv = [sys.executable, "-m", "trichat", "serve", "--config", str(config)]
        argv += ["--data", str(data), "--port", str(place.port)]
        command = Command(argv, {"PYTHONPATH": str(tree / "src")})
        speech = speeches(world, audiences)
        with serving([command], [place.port], speech, cpu=cpu, work=place.work) as running:
            yield running


def _git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)


def _checkout(commit: str, tree: Path) -> Path:
    if not tree.exists():
        fresh = tree.with_suffix(".part")
        fresh.mkdir(parents=True, exist_ok=True)
        packed = _git("archive", commit)
        subprocess.run(["tar", "-x", "-C", str(fresh)], input=packed.stdout, check=True)
        fresh.rename(tree)
    return tree


# Before strangers were let in, and before a room's stream had one home.
BEFORE = Before("before", "c912410", 1.05)
LATELY = Before("lately", "b61945b", 1.03)
LATELY_IN_MEMORY = Before("lately-memory", "b61945b", 1.03, "trichat-memory", stores=False)
EARLIER = (BEFORE, LATELY, LATELY_IN_MEMORY)
