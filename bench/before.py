"""trichat as it was at an earlier commit, beside today's: the same machine, the same minutes."""

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
from bench.trichat import ROOT, speeches

COMMIT = "c912410"

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
    """A subject: the earlier trichat, with SQLite."""

    key: str = "before"
    title: str = f"trichat at {COMMIT}, SQLite"
    language: str = "Python, Trio"
    stores: bool = True
    note: str = "ourselves before"

    def missing(self) -> str:
        """A copy of the repository without its history cannot show it."""
        found = _git("cat-file", "-e", f"{COMMIT}^{{commit}}")
        return "" if found.returncode == 0 else f"commit {COMMIT} is not in this repository"

    def version(self, place: Place) -> str:
        """Its commit; its packages are those of today."""
        return COMMIT

    @contextmanager
    def start(self, place: Place, audiences: Sequence[Audience], cpu: int) -> Iterator[Running]:
        """Serve with these audiences seeded. Raises ServerError."""
        tree = _checkout(place.built / f"before-{COMMIT}")
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
        config.write_text(settings)
        argv = [sys.executable, "-m", "trichat", "serve", "--config", str(config)]
        argv += ["--data", str(data), "--port", str(place.port)]
        command = Command(argv, {"PYTHONPATH": str(tree / "src")})
        speech = speeches(world, audiences)
        with serving([command], [place.port], speech, cpu=cpu, work=place.work) as running:
            yield running


def _git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)


def _checkout(tree: Path) -> Path:
    if not tree.exists():
        fresh = tree.with_suffix(".part")
        fresh.mkdir(parents=True, exist_ok=True)
        packed = _git("archive", COMMIT)
        subprocess.run(["tar", "-x", "-C", str(fresh)], input=packed.stdout, check=True)
        fresh.rename(tree)
    return tree


BEFORE = Before()
