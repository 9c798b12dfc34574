"""The file config/trichat.toml shows every setting with its default."""

import json
from inspect import getdoc
from itertools import groupby
from pathlib import Path
from typing import Final

from typed_settings import Secret
from typed_settings.types import OptionInfo

from trichat.settings.durations import format_duration
from trichat.settings.sources import options

_HEAD: Final = """\
# Every setting of trichat with its default. A file needs only the lines that differ:
#   trichat serve --config FILE        (or TRICHAT_CONFIG=FILE in the environment)
# The environment is stronger (TRICHAT_SERVER_PORT is server.port), the command line strongest.
# Durations are numbers of seconds or texts such as "1m30s"; sizes are bytes.
"""


def default_toml() -> str:
    """Return every setting with its default, and its meaning in the line above."""
    text = _HEAD
    for section, members in groupby(options(), lambda option: option.path.partition(".")[0]):
        listed = list(members)
        text += f"\n# {getdoc(listed[0].parent_cls)}\n[{section}]\n"
        text += "".join(_line(option) for option in listed)
    return text


def _line(option: OptionInfo) -> str:
    return f"# {option.metadata['help']}\n{option.name} = {literal(option.default)}\n"


def literal(value: object) -> str:
    """Return the value as the file has it. A secret is not masked."""
    if isinstance(value, float):
        value = format_duration(value)
    elif isinstance(value, Secret):
        value = value.get_secret_value()
    elif isinstance(value, Path):
        value = str(value)
    # JSON's texts are TOML's, but for this one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
