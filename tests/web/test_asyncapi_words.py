"""/asyncapi.json has each word of refusal that a dialect can send, and no other; how long each text
may be; how connections are kept alive; and no reference that leads nowhere.

The words are not read from a list: each dialect is given every refusal that the core has a class
for, and every request with each of its fields spoiled.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.described import Frames
from tests.speeches import SPEECHES
from trichat.core import refusals
from trichat.core.commands import Say
from trichat.core.refusals import Failed, Invalid, Refusal
from trichat.core.requests import Request, ToRoom
from trichat.dialects.port import Dialect, Reply
from trichat.dialects.samples import NOW
from trichat.settings import Heartbeat, Limits, Lobby, Settings
from trichat.web.asyncapi.document import document
from trichat.web.endpoints import Endpoint, Endpoints

SOURCE = Path(refusals.__file__).parents[1]
ENDPOINTS = Endpoints(Settings())
DOCUMENT = document(ENDPOINTS)
SCHEMAS = DOCUMENT["components"]["schemas"]
BY_NAME: dict[str, Endpoint] = {
    endpoint.dialect.name: endpoint
    for endpoint in (*ENDPOINTS.fixed.values(), ENDPOINTS.room("general"))
}
every_dialect = pytest.mark.parametrize("dialect", SPEECHES)

# Where each dialect's frames have a word with which something is refused.
PLACES = {
    "chats": ("error", "results.error"),
    "room": ("error",),
    "lobby": ("data.message",),
    "channels": ("error_code", "message", "details"),
    "conversations": ("message",),
}
HOLDERS = {
    "chats": ("told.Failure", "told.NotSent", "Result"),
    "room": ("told.Failure",),
    "lobby": ("Words",),
    "channels": ("told.Failure",),
    "conversations": ("told.Failure",),
}
ABSENT = object()
SPOILED: tuple[object, ...] = (
    ABSENT,
    None,
    True,
    0,
    -1,
    5,
    "",
    " ",
    "\0",
    "x",
    "x" * 10_001,
    [],
    {},
    2.5,
)
NO_REQUESTS = ("{", "[]", "5", "{}", '"x"')


# -- the words that a dialect can send


def all_refusals() -> Iterator[Refusal]:
    """One of each class, and one for each reason that some code gives for an invalid field."""
    sources = [path.read_text() for path in SOURCE.rglob("*.py")]
    whys = {why for text in sources for why in re.findall(r'Invalid\("\w+", "(\w+)"', text)}
    assert {"blank", "long", "unclean"} <= whys
    yield from (Invalid("text", why) for why in sorted({*whys, ""}))
    waiting = list(Refusal.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind is not Invalid:
            yield kind(*(_sample(field) for field in attrs.fields(kind)))


def _sample(field: "attrs.Attribute[Any]") -> Any:
    assert field.type is not None
    return field.type(1)


def requests_of(dialect: str) -> Iterator[dict[str, Any]]:
    for exchanges in SPEECHES[dialect].exchanges.values():
        for exchange in exchanges:
            yield exchange.request


def spoiled(request: dict[str, Any], inner: str) -> Iterator[str]:
    """The request with each of its fields lacking, or something else."""
    for key in (*request, "type", "client_key"):
        for value in SPOILED:
            yield json.dumps(_with(request, key, value))
    fields = request.get(inner, {})
    for key in (*fields, "client_key"):
        for value in SPOILED:
            yield json.dumps({**request, inner: _with(fields, key, value)})
    yield json.dumps({**request, "type": "chat.dance"})


def _with(fields: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    if value is ABSENT:
        return {each: fields[each] for each in fields if each != key}
    return {**fields, key: value}


def refused(dialect: Dialect, request: Request | None) -> bytes:
    """What this dialect answers when the server failed."""
    reply = dialect.refuse(request, Failed(), NOW)
    assert reply is not None
    return reply.payload


def payloads(name: str, dialect: Dialect) -> Iterator[bytes]:
    """Whatever this dialect answers to what cannot be done."""
    inner = SPEECHES[name].inner
    frames = [dialect.decode(json.dumps(request)) for request in requests_of(name)]
    requests = [frame for frame in frames if isinstance(frame, Request)]
    assert len(requests) == len(frames)
    for request in requests:
        yield refused(dialect, request)
        replies = [dialect.refuse(request, refusal, NOW) for refusal in all_refusals()]
        yield from (reply.payload for reply in replies if reply is not None)
    yield refused(dialect, None)
    texts = [*NO_REQUESTS]
    texts += [text for request in requests_of(name) for text in spoiled(request, inner)]
    answers = [dialect.decode_binary(b"\0"), *map(dialect.decode, texts)]
    yield from (answer.payload for answer in answers if isinstance(answer, Reply))
    for cause in dialect.codes:
        if (last := dialect.part(cause, cause.reason, NOW)) is not None:
            yield last


def words_in(frame: Any, *path: str) -> Iterator[str]:
    if isinstance(frame, list):
        for each in frame:
            yield from words_in(each, *path)
    elif isinstance(frame, str) and not path:
        yield frame
    elif isinstance(frame, dict) and path and path[0] in frame:
        yield from words_in(frame[path[0]], *path[1:])


def words_of(name: str) -> set[str]:
    endpoint = BY_NAME[name]
    said: set[str] = set()
    for dialect in (endpoint.dialect, endpoint.resuming):
        for payload in payloads(name, dialect):
            frame = json.loads(payload)
            Frames(DOCUMENT).check(name, frame)
            for place in PLACES[name]:
                said.update(words_in(frame, *place.split(".")))
    return said


def described(name: str) -> tuple[set[str], set[str]]:
    """The words of the document, and the patterns of those that are not fixed."""
    words: set[str] = set()
    patterns: set[str] = set()
    for holder in HOLDERS[name]:
        properties = SCHEMAS[f"{name}.{holder}"]["properties"]
        for place in PLACES[name]:
            schema = properties.get(place.rpartition(".")[2], {})
            for each in schema.get("anyOf", [schema]):
                words.update(each.get("enum", ()))
                patterns.update([each["pattern"]] if "pattern" in each else [])
    return words, patterns


@every_dialect
def test_every_word_of_refusal_is_described_and_no_other(dialect: str) -> None:
    words, patterns = described(dialect)
    said = words_of(dialect)
    fixed = {word for word in said if not any(re.fullmatch(each, word) for each in patterns)}
    assert fixed == words
    for pattern in patterns:
        assert any(re.fullmatch(pattern, word) for word in said), pattern


def test_a_word_that_is_not_described_is_noticed() -> None:
    frame = {"error": "Something else", "status": "error"}
    with pytest.raises(AssertionError, match="described as"):
        Frames(DOCUMENT).check("chats", frame)


# -- lengths


def lengths(name: str, schema: Any) -> Iterator[tuple[tuple[str, ...], int]]:
    """Where a request has a text with a greatest length, and which."""
    for key, value in schema.get("properties", {}).items():
        for each in value.get("anyOf", [value]):
            if "maxLength" in each:
                yield (key,), each["maxLength"]
        for path, length in lengths(name, value):
            yield (key, *path), length


def limits_of(settings: Settings) -> dict[str, dict[str, int]]:
    schemas = document(Endpoints(settings))["components"]["schemas"]
    return {
        name: {".".join(path): length for path, length in lengths(name, schema)}
        for name, schema in schemas.items()
        if ".ask." in name and list(lengths(name, schema))
    }


@pytest.mark.parametrize("text", [77, 10_000])
def test_the_greatest_length_of_each_text_is_told_as_the_setting_has_it(text: int) -> None:
    assert limits_of(Settings(limits=Limits(text=text))) == {
        "chats.ask.message": {"text": text, "client_key": 128},
        "room.ask.message": {"message": text, "client_key": 128},
        "lobby.ask.create_room": {"data.name": 100},
        "lobby.ask.send_message": {"data.content": 1000, "data.client_key": 128},
        "conversations.ask.chat.message": {"content": text, "client_key": 128},
    }


EDGES = [
    pytest.param(name, path, length, id=f"{name}-{path}")
    for name, paths in limits_of(Settings()).items()
    for path, length in paths.items()
]


def taken(dialect: str, request: Any) -> bool:
    decoded = BY_NAME[dialect].resuming.decode(json.dumps(request))
    if isinstance(decoded, ToRoom) and isinstance(decoded.command, Say):
        return decoded.command.flaw is None  # chats tells of the text after access
    return isinstance(decoded, Request)


@pytest.mark.parametrize(("name", "path", "length"), EDGES)
def test_a_text_of_that_length_is_taken_and_one_more_is_not(
    name: str, path: str, length: int
) -> None:
    dialect, _, request = name.partition(".ask.")
    frame = SPEECHES[dialect].exchanges[request][0].request
    for extra in (0, 1):
        changed = json.loads(json.dumps(frame))
        *outer, last = path.split(".")
        fields = changed[outer[0]] if outer else changed
        fields[last] = "🍵" * (length + extra)
        assert taken(dialect, changed) == (extra == 0)


# -- what a client has to keep to


def test_heartbeats_are_told_by_their_settings() -> None:
    settings = Settings(
        heartbeat=Heartbeat(ping_period=11, pong_wait=42, read_timeout=33, write_timeout=7),
        lobby=Lobby(ping_period=12, pong_wait=34, read_timeout=44, write_timeout=8),
    )
    for name, channel in document(Endpoints(settings))["channels"].items():
        ping, silence, slow = (12, 34, 8) if name == "lobby" else (11, 33, 7)
        text = channel["description"]
        assert f"ping every {ping} seconds" in text
        assert f"nothing comes for {silence} seconds" in text
        assert f"for {slow} seconds is too slow" in text


def test_what_the_query_may_ask_for_is_told() -> None:
    def asked(name: str) -> set[str]:
        return set(DOCUMENT["channels"][name]["bindings"]["ws"]["query"]["properties"])

    for name in SPEECHES:
        more = {"rooms"} if name == "conversations" else set()
        assert asked(name) == {"token", "ticket", "resume", *more}
    for word in ("?resume=1", "`cursor`", "`gap`", "`client_key`", "subprotocol"):
        assert word in DOCUMENT["info"]["description"]


# -- references


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref":
                yield each
            else:
                yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_no_reference_leads_nowhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        place: Any = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            assert key in place, reference
            place = place[key]
    # Nor do words name files that only the source has.
    assert not re.search(r"docs/|\.py\b|\.md\b", json.dumps(DOCUMENT))
