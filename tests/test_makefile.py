"""What each target of the Makefile would install, in a checkout where nothing was made yet."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.needs import needs

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "examples").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "examples" / name, tmp_path / "examples" / name)
    return tmp_path


def commands(checkout: Path, target: str) -> str:
    """The lines that make would run."""
    done = subprocess.run(
        ["make", "-n", target], cwd=checkout, capture_output=True, text=True, check=True
    )
    return done.stdout


@needs(shutil.which("make"), "there is no make")
def test_the_python_examples_want_neither_node_nor_the_development_tools(checkout: Path) -> None:
    found = commands(checkout, "examples")
    assert "requirements/run.txt" in found
    assert "requirements/examples.txt" in found
    assert "dev.txt" not in found
    assert "npm" not in found
    assert "npm" in commands(checkout, "examples-js")


def test_they_run_on_what_the_tests_use() -> None:
    """Pinned with the same hashes: `make lock` makes both."""
    own = (ROOT / "requirements" / "examples.txt").read_text()
    assert own.startswith("websockets==")
    assert own in (ROOT / "requirements" / "dev.txt").read_text()
