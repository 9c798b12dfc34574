"""The value of a setting may be well-formed and of no use on this machine."""

from collections.abc import Mapping

from typed_settings import Secret

from trichat.settings.model import Settings
from trichat.settings.origins import DEFAULT, MASK


class UnusableError(Exception):
    """A value cannot be used here. setting: its name (server.port). reason: why, in words."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting}: {reason}")
        self.setting = setting
        self.reason = reason


def sentence(setting: str, reason: str, settings: Settings, places: Mapping[str, str]) -> str:
    """Return the setting, where it came from, its value unless it is secret, and the reason."""
    section, _, name = setting.partition(".")
    value = getattr(getattr(settings, section), name)
    shown = (
        MASK if isinstance(value, Secret) else repr(value if isinstance(value, int) else str(value))
    )
    return f"{setting} ({places.get(setting, DEFAULT)}) is {shown}: {reason}"
