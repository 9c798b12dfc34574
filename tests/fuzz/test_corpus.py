"""What the fuzzer begins with, and what it once found, without the fuzzer."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

_CORPUS = sorted(Path(__file__).parent.glob("corpus/*/*"))


@pytest.mark.parametrize("path", _CORPUS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_corpus_goes_through(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_one() -> None:
    assert {path.parent.name for path in _CORPUS} == set(TARGETS)
