"""An operator can set what is here: defaults < TOML file < environment < command line.

model.py has every setting; kinds.py says what a value may be, rules.py how values must fit,
sources.py where they come from, origins.py where each came from.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typed_settings.dict_utils import flat2nested, merge_settings

from trichat.settings.model import (
    SECTIONS,
    Auth,
    Conversations,
    Cors,
    Heartbeat,
    Identity,
    Limits,
    Lobby,
    Log,
    Ops,
    Presence,
    Rooms,
    Server,
    Settings,
    Storage,
)
from trichat.settings.origins import in_force, origins
from trichat.settings.rules import problems
from trichat.settings.sources import (
    SettingsError,
    Source,
    environment,
    options,
    overrides,
    toml_file,
)
from trichat.settings.toml import default_toml

__all__ = [
    "Auth",
    "Conversations",
    "Cors",
    "Heartbeat",
    "Identity",
    "Limits",
    "Lobby",
    "Log",
    "Ops",
    "Presence",
    "Rooms",
    "Server",
    "Settings",
    "SettingsError",
    "Storage",
    "check",
    "default_toml",
    "in_force",
    "load",
    "load_sources",
    "origins",
    "sources",
]


def load(
    config: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    override: Mapping[str, object] | None = None,
) -> Settings:
    """Return the settings, checked.

    `config` is a TOML file; `environ` is the process's environment unless given; `override` maps
    setting names to values, typed or as text: {"server.port": 9000}. Raises SettingsError.
    """
    return load_sources(sources(config, environ=environ, override=override))


def sources(
    config: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    override: Mapping[str, object] | None = None,
) -> list[Source]:
    """Return the places that `load` looks at, the strongest last. Raises SettingsError."""
    return [
        *([] if config is None else [toml_file(config)]),
        *environment(os.environ if environ is None else environ),
        overrides(override or {}),
    ]


def load_sources(found: Sequence[Source]) -> Settings:
    """Return the settings that these places make up, checked. Raises SettingsError."""
    loaded = [source(Settings, options()) for source in found]
    values = flat2nested(merge_settings(options(), loaded))
    # Every source hands out checked values: there is nothing to convert.
    built: dict[str, Any] = {
        name: section(**values.get(name, {})) for name, section in SECTIONS.items()
    }
    settings = Settings(**built)
    check(settings, origins(found))
    return settings


def check(settings: Settings, places: Mapping[str, str] | None = None) -> None:
    """Check that the values fit together. places: where each came from. Raises SettingsError."""
    found = [_placed(problem, places or {}) for problem in problems(settings)]
    if found:
        raise SettingsError("\n".join(found))


def _placed(problem: str, places: Mapping[str, str]) -> str:
    """Add the place of the setting that the problem begins with, unless the problem names it."""
    setting, _, rest = problem.partition(" ")
    place = places.get(setting)
    return problem if place is None or rest.startswith("(") else f"{setting} ({place}) {rest}"
