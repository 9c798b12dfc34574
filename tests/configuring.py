"""Settings read from one place, and the words in which they are refused."""

from pathlib import Path
from typing import Any

import pytest

from trichat.settings import Settings, SettingsError, load


def from_toml(tmp_path: Path, text: str, **rest: Any) -> Settings:
    file = tmp_path / "chat.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, **({"environ": {}} | rest))


def from_environment(**environ: str) -> Settings:
    return load(environ=environ)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        from_toml(tmp_path, text)
    return str(caught.value).replace(str(tmp_path / "chat.toml"), "FILE")


def environment_refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(environ=environ)
    return str(caught.value)
