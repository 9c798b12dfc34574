"""`trichat config` shows what is in force, and where each value came from."""

from collections.abc import Iterable, Iterator, Mapping

from typed_settings import Secret

from trichat.settings.model import Settings
from trichat.settings.sources import Source, options
from trichat.settings.toml import literal

DEFAULT = "default"
MASK = "(hidden)"


def origins(sources: Iterable[Source]) -> Mapping[str, str]:
    """Return the place of each setting that has one; `sources` by strength, the strongest last."""
    return {found.setting: found.place for source in sources for found in source.found}


def in_force(settings: Settings, places: Mapping[str, str]) -> Iterator[str]:
    """Make a line for every setting: its name, its value, and its place as a comment.

    It is TOML, and read as a file it gives the same settings, but for secrets: these are masked, in
    a comment.
    """
    for option in options():
        section, _, name = option.path.partition(".")
        value = getattr(getattr(settings, section), name)
        place = places.get(option.path, DEFAULT)
        if isinstance(value, Secret) and value.get_secret_value():
            yield f"# {option.path} = {MASK}  # {place}"
        else:
            yield f"{option.path} = {literal(value)}  # {place}"
