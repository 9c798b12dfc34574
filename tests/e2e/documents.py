"""The examples of the five documents, read out of them when the tests run.

The documents lie beside the repository where it is developed, and nowhere else; nothing of them
is kept in it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from tests.e2e.programs import ROOT
from tests.needs import needs

APIS = ROOT.parent / "shared" / "apis"
needs_documents = needs(
    APIS.exists(), f"the five documents are not beside the repository: no {APIS}"
)
NAMES = ("chats", "room", "lobby", "channels", "conversations")

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```", re.M | re.S)
_HEADING = re.compile(r"^(#+) (.+)$", re.M)
_TO_SERVER = re.compile(r"client\W+(?:to\W+)?server", re.I)
_TO_CLIENT = re.compile(r"server\W+(?:to\W+)?client", re.I)
_FLOW = re.compile(r"\bflow\b", re.I)
_ANSWER = re.compile(r"\*\*Response:?\*\*:?\s*$", re.I)


@frozen
class Example:
    """A fenced block. headings: those it stands under. lead: the text up to it."""

    document: str
    language: str
    text: str
    headings: tuple[str, ...]
    lead: str

    @property
    def is_client(self) -> bool:
        """A program, or the part of one, that connects."""
        return self.language in ("js", "javascript", "python") and (
            "new WebSocket(" in self.text or "websockets.connect(" in self.text
        )

    @property
    def is_message(self) -> bool:
        return self.language in ("", "json") and self.text.lstrip().startswith("{")

    @property
    def is_sent(self) -> bool:
        """By a client to the server."""
        return self._under(_TO_SERVER) and not self.is_answer

    @property
    def is_received(self) -> bool:
        """By a client from the server."""
        return self.is_answer or self._under(_TO_CLIENT)

    @property
    def is_answer(self) -> bool:
        return _ANSWER.search(self.lead) is not None

    def _under(self, words: re.Pattern[str]) -> bool:
        return any(words.search(heading) for heading in self.headings)

    @property
    def message(self) -> Any:
        """The JSON, without what makes it none: comments, ellipses, a comma too many."""
        text = re.sub(r"//.*", "", self.text).replace("...", "")
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def examples(document: str) -> list[Example]:
    """All of one document, in order."""
    return list(_read(document, (APIS / f"{document}.md").read_text()))


def _read(document: str, text: str) -> Iterator[Example]:
    for fence in _FENCE.finditer(text):
        before = _outside_fences(text[: fence.start()])
        block = re.sub(rf"^{fence['indent']}", "", fence["text"], flags=re.M)
        yield Example(document, fence["language"], block, _headings(before), before)


def flow(document: str) -> list[Any]:
    """What a client sends in the example of a whole session, in order."""
    found = examples(document)
    blocks = [e for e in found if e.is_message and _FLOW.search(e.headings[-1])]
    if blocks:
        return [block.message for block in blocks]
    section = _FLOW.split((APIS / f"{document}.md").read_text())[1].partition("\n## ")[0]
    return [json.loads(text) for text in re.findall(r"`(\{.+?\})`", section)]


def with_ids(message: Any, ids: Mapping[Any, Any]) -> Any:
    """The message with real ids in place of the document's."""
    match message:
        case dict():
            return {key: with_ids(value, ids) for key, value in message.items()}
        case list():
            return [with_ids(value, ids) for value in message]
        case str() | int() if not isinstance(message, bool):
            return ids.get(message, message)
    return message


def _outside_fences(text: str) -> str:
    return _FENCE.sub("", text)


def _headings(text: str) -> tuple[str, ...]:
    path: dict[int, str] = {}
    for marks, title in _HEADING.findall(text):
        path = {level: old for level, old in path.items() if level < len(marks)}
        path[len(marks)] = title
    return tuple(path.values())
