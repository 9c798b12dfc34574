"""Docstrings name the promise that they keep, for who reads the code; the documents of the API,
which are made from them, leave that out.
"""

import re
from typing import Any, Final

_LABEL: Final = re.compile(
    r"\s*\((?:all|chats|room|lobby|channels|conversations|rest|channels-rest)[- ]\d[^)]*\)"
)
_PROSE: Final = frozenset({"description", "summary", "title"})


def unlabelled(document: Any) -> Any:
    """The same JSON value; what it says in words is without the labels of promises."""
    if isinstance(document, dict):
        return {
            key: _LABEL.sub("", value)
            if key in _PROSE and isinstance(value, str)
            else unlabelled(value)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [unlabelled(each) for each in document]
    return document
