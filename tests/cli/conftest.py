"""What the tests of the command line share."""

from pathlib import Path

import pytest

from tests.cli.everything import run
from tests.e2e.launching import CHEAP_PASSWORDS
from trichat.cli import options


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that are run in this process leave its log alone, and hash cheaply."""
    monkeypatch.setattr(options, "configure_logging", lambda log: None)
    for name, value in CHEAP_PASSWORDS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory in which ann is."""
    path = tmp_path / "data"
    done = run("user add", path)
    assert done.exit_code == 0, done.output
    return path
