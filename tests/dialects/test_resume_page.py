"""docs/resume.md, played line by line against a server."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.speech import DIALECTS, heard
from tests.rooms import NamedRoom, open_room
from tests.server import ChatServer, Client, Person
from trichat.core.cursor import parse

PAGE = Path(__file__).parents[2] / "docs" / "resume.md"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
# Those of the page's people and room; messages have others.
KNOWN = {"…0001": "ann", "…0002": "bob", "…0007": "hall"}
NUMBERS = {"id", "user_id", "conversation_id", "message_id", "conversation_ids"}


def story(dialect: str) -> list[str]:
    """The indented lines of its section."""
    _, _, frames = PAGE.read_text(encoding="utf-8").partition("\n## Frames\n")
    section = re.split(r"\n##+ ", frames.partition(f"\n### {dialect}\n")[2])[0]
    return [line[4:] for line in section.splitlines() if line.startswith("    ")]


class Play:
    """Bob's connections and Ann's doings."""

    def __init__(
        self, server: ChatServer, ann: Person, bob: Person, place: NamedRoom, dialect: str
    ) -> None:
        self.server = server
        self.ann = ann
        self.bob = bob
        self.place = place
        self.dialect = dialect
        self.cursor: dict[str, str] = {}
        self.ids: dict[Any, Any] = {}
        self.message = ""

    @asynccontextmanager
    async def connected(self, asked: str) -> AsyncIterator[Client]:
        """With the cursor that has been kept, where the page shows one."""
        if parse(asked) and asked != "1":
            asked = "~".join(self.cursor.values())
        async with self.server.socket(self.dialect, self.bob, "hall", resume=asked) as client:
            yield client
            assert await heard(client, self.dialect) == []  # the page has told all
            await client.abort()

    def said(self, frame: Any) -> Any:
        """A request of the page with our ids."""
        text = json.dumps(frame)
        for ours, named in self._known():
            text = text.replace(named, ours)
        return json.loads(text.replace('"conversation_id": 7', f'"conversation_id": {self.number}'))

    @property
    def number(self) -> int:
        return self.place.number

    def _known(self) -> list[tuple[str, str]]:
        ours = {"ann": self.ann.uuid, "bob": self.bob.uuid, "hall": self.place.uuid}
        return [
            (ours[who], f"0195a2c0-0000-7000-8000-00000000{end[1:]}") for end, who in KNOWN.items()
        ]

    def agrees(self, shown: Any, told: Any, key: str = "") -> None:
        """Fails where they differ in more than ids, times and positions; ids are one to one."""
        assert type(shown) is type(told), (shown, told)
        match shown:
            case dict():
                assert list(shown) == list(told), (shown, told)
                for name in shown:
                    self.agrees(shown[name], told[name], name)
            case list():
                assert len(shown) == len(told), (shown, told)
                for one, other in zip(shown, told, strict=True):
                    self.agrees(one, other, key)
            case str() if key == "cursor":
                assert len(shown.split("~")) == len(told.split("~")), (shown, told)
                for position in told.split("~"):
                    self.cursor[position.partition(".")[0]] = position
            case str() if TIME.fullmatch(shown):
                assert TIME.fullmatch(told)
                assert len(shown) == len(told)
            case str() if UUID.fullmatch(shown):
                assert UUID.fullmatch(told)
                for ours, named in self._known():
                    assert (shown == named) == (told == ours), (shown, told)
            case int() if key in NUMBERS and not isinstance(shown, bool):
                assert self.ids.setdefault((key, shown), told) == told
            case _:
                assert shown == told

    async def ann_does(self, line: str) -> None:
        """She says something, or reacts to what she said first."""
        if line.startswith("ann says "):
            text = line.removeprefix("ann says ")
            await self._post("/messages/", {"content": text, "channel_id": self.place.uuid})
        else:
            body = {"message_id": self.message, "emoji": "+"}
            await self._post("/messages/reactions", body)

    async def _post(self, path: str, body: Any) -> Any:
        status, answer = await self.server.rest(self.ann, "POST", path, body)
        assert status == 200, answer
        return answer

    async def before(self) -> None:
        """What Ann reacts to on the page of channels."""
        body = {"content": "first", "channel_id": self.place.uuid}
        self.message = (await self._post("/messages/", body))["id"]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_page_tells_what_happens(server: ChatServer, dialect: str) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    play = Play(server, ann, bob, await open_room(server, ann, "hall", bob), dialect)
    if dialect == "channels":
        await play.before()
    lines = story(dialect)
    assert lines
    async with AsyncExitStack() as stack:
        client: Client | None = None
        for line in lines:
            if line.startswith("connect ?resume="):
                asked = line.removeprefix("connect ?resume=")
                client = await stack.enter_async_context(play.connected(asked))
            elif line == "cut":
                client = None
                await stack.aclose()
            elif line.startswith("> "):
                assert client is not None
                await client.send(play.said(json.loads(line[2:])))
            elif line.startswith("< "):
                assert client is not None
                play.agrees(json.loads(line[2:]), await client.next())
            else:
                await play.ann_does(line)


def test_the_page_has_a_story_of_every_api_in_full() -> None:
    """All that one frame tells in one line; what no line plays is no story."""
    for dialect in DIALECTS:
        kinds = {line.split(" ")[0] for line in story(dialect)}
        assert {"connect", "<", "cut", "ann"} <= kinds <= {"connect", "<", ">", "cut", "ann"}
