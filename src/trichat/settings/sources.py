"""Values come from a TOML file, the environment and the command line.

Each source is a typed-settings loader that checks what it found, so that an error can name the
place, also of a value that a stronger source overrides.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, cast, get_origin

import attrs
from attrs import frozen
from typed_settings import Secret
from typed_settings.constants import METADATA_KEY
from typed_settings.dict_utils import set_path
from typed_settings.types import LoadedSettings, LoaderMeta, OptionInfo, OptionList

from trichat.settings.kinds import Duration, Kind
from trichat.settings.model import SECTIONS

PREFIX: Final = "TRICHAT_"

# The variables that the lobby's document names.
LOBBY_VARIABLES: Final = {
    f"CHAT_{name.upper()}": f"lobby.{name}"
    for name in (
        "max_rooms_per_user",
        "max_messages_per_min",
        "default_max_users",
        "websocket_path",
        "read_timeout",
        "write_timeout",
        "ping_period",
        "pong_wait",
    )
}


class SettingsError(Exception):
    """The settings are not accepted. The text has a line for each problem, without any secret."""


@frozen
class Found:
    """A value and where it was found. `setting` need not exist.

    Text that stands for a value (`is_text`) is read, a typed value is checked as it is.
    """

    setting: str
    place: str
    value: object
    is_text: bool = False

    def kind(self, option: OptionInfo) -> Kind[object]:
        kind = cast(Kind[object], option.converter)
        if self.place in LOBBY_VARIABLES and isinstance(kind, Duration):
            # Go refuses a duration without a unit, and so do these variables.
            return attrs.evolve(kind, bare=False)
        return kind

    @property
    def is_blank_text(self) -> bool:
        """Whether the value stands in the environment and says nothing."""
        return self.is_text and not str(self.value).strip()

    def problem(self, text: str) -> str:
        return f"{self.setting} ({self.place}) {text}"


@frozen
class Source:
    """Loads what one place holds. Raises SettingsError."""

    name: str
    found: tuple[Found, ...]

    def __call__(self, settings_cls: type, options: OptionList) -> LoadedSettings:
        known = {option.path: option for option in options}
        values: dict[str, Any] = {}
        problems = []
        for item in self.found:
            option = known.get(item.setting)
            if option is None:
                problems.append(item.problem("is unknown" + _suggestion(item.setting, known)))
                continue
            if option.is_secret and item.is_blank_text:
                # The secret was lost on its way here: going on would leave open what it protects.
                problems.append(item.problem("is empty: expected text, or no such setting at all"))
                continue
            kind = item.kind(option)
            try:
                checked = kind.read(str(item.value)) if item.is_text else kind(item.value)
                set_path(values, option.path, checked)
            except ValueError:
                shown = "(hidden)" if option.is_secret else _shown(item.value)
                problems.append(item.problem(f"is {shown}: expected {kind.expected}"))
        if problems:
            raise SettingsError("\n".join(problems))
        return LoadedSettings(values, LoaderMeta(self.name))


@cache
def options() -> OptionList:
    """Return every setting, in the order of the classes.

    typed_settings.deep_options() says the same, but it also parses the source of every class for
    docstrings, which we have none of: that takes longer than a command has.
    """
    return tuple(
        OptionInfo(
            parent_cls=section,
            path=f"{name}.{setting.name}",
            cls=setting.type,
            default=setting.default,
            has_no_default=False,
            default_is_factory=False,
            is_secret=get_origin(setting.type) is Secret,
            converter=setting.converter,
            metadata=setting.metadata[METADATA_KEY],
        )
        for name, section in SECTIONS.items()
        for setting in attrs.fields(section)
    )


def variable(path: str) -> str:
    """Return the environment variable of a setting: TRICHAT_SERVER_PORT for server.port."""
    return PREFIX + path.upper().replace(".", "_")


def toml_file(path: Path) -> Source:
    """Return what the file holds. Raises SettingsError when it cannot be read."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{path}: cannot be read: {reason}") from error
    return Source(str(path), tuple(_flat(tables, str(path))))


def _flat(tables: Mapping[str, object], place: str) -> Iterator[Found]:
    for section, table in tables.items():
        if isinstance(table, dict):
            for name, value in table.items():
                yield Found(f"{section}.{name}", place, value)
        else:
            yield Found(section, place, table)


def environment(environ: Mapping[str, str]) -> tuple[Source, Source]:
    """Return what the lobby's own variables set, and ours, which are stronger.

    A variable is ours if it names one of our sections: what else begins with TRICHAT_ may be
    anybody's, an orchestrator's for one.
    """
    names = {variable(option.path): option.path for option in options()}
    sections = {path.partition(".")[0] for path in names.values()}
    ours = []
    for name, text in environ.items():
        section, _, rest = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and section in sections and rest:
            ours.append(Found(names.get(name, f"{section}.{rest}"), name, text, is_text=True))
    lobby = [
        Found(path, name, environ[name], is_text=True)
        for name, path in LOBBY_VARIABLES.items()
        if name in environ
    ]
    return Source("lobby environment", tuple(lobby)), Source("environment", tuple(ours))


def overrides(values: Mapping[str, object]) -> Source:
    """Return values by setting, such as {"server.port": 9000}.

    Text is read as in the environment.
    """
    place = "command line"
    return Source(
        place,
        tuple(
            Found(path, place, value, is_text=isinstance(value, str))
            for path, value in values.items()
        ),
    )


def _suggestion(path: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(path, known, 1, cutoff=0.8)
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
