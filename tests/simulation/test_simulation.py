"""Seeds that all must pass, and that a seed fixes everything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.mutants import faults, judge

ROOT = Path(__file__).parents[2]
SEEDS = {"a few": range(20), "the rest": range(20, 200)}


def _simulate(*arguments: str, hashseed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environ.pop("PYTHONHASHSEED", None)
    if hashseed:
        environ["PYTHONHASHSEED"] = hashseed
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.parametrize("seeds", SEEDS.values(), ids=SEEDS)
def test_the_first_seeds_hold(seeds: range) -> None:
    done = _simulate("--first", str(seeds.start), "--seeds", str(len(seeds)))
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert f"{len(seeds)} seeds played" in done.stdout


# They failed once, by what the harness held to be true of whom a server had just ended. A story is
# not the same after a change of the server or of the harness: test_presence.py has the rule itself.
ONCE_FAILED = (90119, 90774)


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_seeds_that_failed_once_hold(seed: int) -> None:
    done = _simulate("--seed", str(seed))
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]


def test_a_seed_is_the_same_run_in_every_process() -> None:
    """The whole traces; whatever was played before, and however the process hashes texts."""
    alone = _simulate("--seed", "17")
    again = _simulate("--seed", "17", hashseed="12345")
    assert alone.returncode == 0
    assert alone.stdout == again.stdout
    assert len(alone.stdout.splitlines()) > 300
    behind_others = _simulate("--first", "14", "--seeds", "4", "--digest", "--jobs", "1")
    digest = behind_others.stdout.splitlines()[3].split()[1]
    assert f"trace {digest[:16]}" in alone.stdout


def test_one_seed_is_not_another() -> None:
    digests = _simulate("--seeds", "6", "--digest").stdout.splitlines()[:6]
    assert len({line.split()[1] for line in digests}) == 6


@pytest.mark.parametrize("argument", ["--help"])
def test_the_command_tells_how_to_use_it(argument: str) -> None:
    assert "--seed" in _simulate(argument).stdout


def test_every_mutation_fits_the_code_as_it_is() -> None:
    """In one place each, and it still compiles; and there are enough of either choice."""
    found = faults()
    for fault in found:
        list(fault.mutation.files(ROOT / "src"))
    for chosen in ("named", "blind"):
        assert sum(fault.chosen == chosen for fault in found) >= 10


def test_a_broken_server_is_noticed(tmp_path: Path) -> None:
    """One fault for all of them: make simulate-mutants tries every one."""
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    (fault,) = (one for one in faults() if one.name == "a hole between history and live")
    verdict = judge(fault, source, 20)
    assert verdict.seeds is not None
    # In the room dialect the push is the answer: whoever misses it takes what comes next for it.
    flaws = ("every view is the history from its join", "nothing refused is stored")
    assert verdict.flaw.startswith(flaws)
