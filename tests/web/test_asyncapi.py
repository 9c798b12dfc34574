"""The document of the WebSocket side: valid, complete, and true (every frame that any other test
sees is held against it, tests/described.py).
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import trio
from jsonschema import Draft202012Validator

from tests.described import Frames
from tests.dialects.closes import EARLY, OWN, table
from tests.e2e.programs import find_node
from tests.needs import needs
from tests.server import settings_for
from tests.speeches import SPEECHES
from trichat.composition.server import open_server
from trichat.core.requests import Request
from trichat.dialects import channels, chats, conversations, lobby
from trichat.dialects.port import Dialect
from trichat.settings import Lobby, Settings
from trichat.web.asyncapi.document import document
from trichat.web.endpoints import Endpoints

ENDPOINTS = Endpoints(Settings())
DOCUMENT = document(ENDPOINTS)
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in ENDPOINTS.dialects}

PARSER = Path(__file__).parents[1] / "asyncapi"
NODE = find_node() if (PARSER / "node_modules" / "@asyncapi" / "parser").exists() else None


def examples(direction: str) -> list[Any]:
    return [
        pytest.param(name.partition(".")[0], name, example["payload"], id=f"{name}-{number}")
        for name, message in MESSAGES.items()
        if f".{direction}." in name
        for number, example in enumerate(message["examples"])
    ]


@needs(NODE, "no Node, or no parser in tests/asyncapi/node_modules: `make test` installs both")
async def test_it_is_valid_under_the_official_parser(tmp_path: Path) -> None:
    assert NODE is not None, "no Node, or no parser in tests/asyncapi/node_modules"
    (tmp_path / "asyncapi.json").write_text(json.dumps(DOCUMENT))
    with trio.fail_after(60):
        parsed = await trio.run_process(
            [NODE, PARSER / "validate.js", tmp_path / "asyncapi.json"],
            capture_stdout=True,
            check=False,
        )
    said = parsed.stdout.decode().splitlines()
    assert said[-1] == "valid: 3.0.0", said
    assert not [line for line in said if line.startswith(("error", "warning"))]


async def test_it_is_served_and_describes_every_endpoint(tmp_path: Path) -> None:
    path = "/talk/here"
    async with open_server(settings_for(tmp_path, lobby=Lobby(websocket_path=path))) as (_, app):
        answer = await app.test_client().get("/asyncapi.json")
        served = await answer.get_json()
    doors = {rule.rule for rule in app.url_map.iter_rules() if rule.websocket}
    described = {channel["address"] for channel in served["channels"].values()}
    # A room's path is also served without its last slash (room-1); the document has the one.
    assert described == {door.replace("<name>", "{room_name}") for door in doors} - {
        "/ws/chat/{room_name}"
    }
    assert served["channels"]["lobby"]["address"] == path
    assert answer.headers["Content-Type"] == "application/json"


def test_every_request_of_the_tables_is_described_with_examples() -> None:
    tables: dict[str, Any] = {
        "chats": chats.requests.REQUESTS,
        "room": ["message"],
        "lobby": lobby.requests.REQUESTS,
        "channels": channels.requests.REQUESTS,
        "conversations": conversations.requests.REQUESTS,
    }
    for dialect, requests in tables.items():
        asked = {name for name in MESSAGES if name.startswith(f"{dialect}.ask.")}
        assert asked == {f"{dialect}.ask.{name}" for name in requests}
        for name in requests:
            operation = DOCUMENT["operations"][f"{dialect}.{name}"]
            assert operation["action"] == "receive"
            assert MESSAGES[f"{dialect}.ask.{name}"]["examples"]


def test_everything_the_server_sends_is_described_with_examples() -> None:
    for dialect, speech in SPEECHES.items():
        told = {name for name in MESSAGES if name.startswith(f"{dialect}.told.")}
        assert told == {f"{dialect}.told.{frame.__name__}" for frame in speech.frames}
        for name in told:
            assert MESSAGES[name]["examples"], name
            assert MESSAGES[name]["summary"], name


@pytest.mark.parametrize(("dialect", "name", "example"), examples("ask"))
def test_every_example_of_a_client_is_decoded(dialect: str, name: str, example: Any) -> None:
    assert isinstance(DIALECTS[dialect].decode(json.dumps(example)), Request)
    schema = {**DOCUMENT["components"]["schemas"][name], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(example)


@pytest.mark.parametrize(("dialect", "name", "example"), examples("told"))
def test_every_example_of_the_server_is_one_of_its_frames(
    dialect: str, name: str, example: Any
) -> None:
    """They are what the encoders made; each is of one message alone."""
    Frames(DOCUMENT).check(dialect, example)


# Where each document has the word of an error.
WORD_AT = {
    "chats": ["error"],
    "room": ["error"],
    "lobby": ["data", "message"],
    "channels": ["error_code"],
    "conversations": ["message"],
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_errors_of_each_dialect_are_shown(dialect: str) -> None:
    failures = MESSAGES[f"{dialect}.told.Failure"]["examples"]
    for failure in failures:
        told = failure["payload"]
        for key in WORD_AT[dialect]:
            told = told[key]
        assert isinstance(told, str)
        assert told
    assert len(failures) > 1


@pytest.mark.parametrize("dialect", list(OWN))
def test_close_codes_are_told(dialect: str) -> None:
    """Those that a client can get on this endpoint with their words, and no others."""
    described = DOCUMENT["channels"][dialect]["description"].partition("| close code |")[2]
    rows = re.findall(r"^\| (\d+) \| (.*?) \| .+ \| (?:yes|no) \|$", described, re.MULTILINE)
    early = EARLY if dialect == "lobby" else {}
    later = {"STORAGE_FAILED"}  # at the door too, but not only
    expected = [
        (str(code), words)
        for name, (code, words) in table(dialect).items()
        if name not in early or name in later
    ]
    assert sorted(rows) == sorted(expected)


def test_refusals_before_the_upgrade_are_told_with_their_words() -> None:
    """Which of them end an open socket too is told in the other table."""
    described = DOCUMENT["channels"]["lobby"]["description"].partition("| close code |")[0]
    rows = re.findall(r"^\| (\d+) \| (.*?) \| .+ \| (?:yes|no) \|$", described, re.MULTILINE)
    expected = {(str(status), table("lobby")[name][1]) for name, status in EARLY.items()}
    assert expected <= set(rows)
    assert {words for status, words in set(rows) - expected} == {
        table("lobby")[name][1]
        for name in ("TOKEN_EXPIRED", "REVOKED", "BARRED", "KEY_REVOKED", "KEY_EXPIRED")
    }
    assert {status for status, _ in set(rows) - expected} == {"401"}


def test_limits_that_close_are_told_by_their_numbers() -> None:
    descriptions = {name: each["description"] for name, each in DOCUMENT["channels"].items()}
    assert "| 10 frames in a row that are no JSON objects, or" in descriptions["room"]
    for described in descriptions.values():
        assert f"| a message of more than {Settings().limits.frame_bytes} bytes |" in described


def test_the_apis_stand_in_one_order() -> None:
    assert list(DOCUMENT["channels"]) == ["chats", "room", "lobby", "channels", "conversations"]


def test_ways_to_show_who_one_is() -> None:
    def ways(dialect: str) -> set[str]:
        security = DOCUMENT["operations"][f"{dialect}.push"]["security"]
        return {scheme["$ref"].rpartition("/")[2] for scheme in security}

    assert ways("lobby") == {"token", "ticket", "bearer", "key"}
    assert ways("room") == {"token", "ticket", "bearer"}
    assert ways("chats") == ways("channels") == ways("conversations") == {"token", "ticket"}
    described = {name: channel["description"] for name, channel in DOCUMENT["channels"].items()}
    for status in ("HTTP 401", "HTTP 429"):
        assert [name for name in described if status in described[name]] == ["lobby"]
    headers = DOCUMENT["channels"]["lobby"]["bindings"]["ws"]["headers"]["properties"]
    assert set(headers) == {"Authorization", "x-api-key"}


def test_what_answers_a_request_is_told() -> None:
    reply = DOCUMENT["operations"]["lobby.create_room"]["reply"]["messages"]
    assert {each["$ref"].rpartition("/")[2] for each in reply} == {
        "told.RoomCreated",
        "told.Failure",
    }
    used = {
        each["$ref"]
        for operation in DOCUMENT["operations"].values()
        for each in (*operation["messages"], *operation.get("reply", {}).get("messages", ()))
    }
    assert used == {
        f"#/channels/{name}/messages/{each}"
        for name, channel in DOCUMENT["channels"].items()
        for each in channel["messages"]
    }
    room = DOCUMENT["operations"]["room.push"]
    assert room["action"] == "send"
    assert room["messages"][0]["$ref"] == "#/channels/room/messages/told.RoomUsersList"
