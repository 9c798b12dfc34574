"""What the documents of the API say in words is for those who use it: whole sentences, which name
no classes and no promises of the code, and in which everybody is "they".
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import trichat
from tests.server import settings_for
from trichat.composition.server import open_server

SOURCE = Path(trichat.__file__).parent
PROSE = {"summary", "description", "title"}
# What a summary may begin with: what one does, not what the server is like.
IMPERATIVES = {
    *(
        "Act",
        "Add",
        "Ban",
        "Change",
        "Check",
        "Confirm",
        "Create",
        "Delete",
        "Edit",
        "Enter",
        "Get",
    ),
    *("Give", "Join", "Leave", "Lift", "List", "Log", "Mark", "Read", "Receive", "Refresh"),
    *("Register", "Remove", "Revoke", "Search", "Send", "Show", "Start", "Subscribe", "Suspend"),
    *("Take", "Tell", "Update"),
}
# A person, of whom the documents know no more than that; and what only the code knows.
FOREIGN = re.compile(
    r"\b(?:he|him|his|himself|she|her|hers)\b|Raises|Error\b.*\(\d{3}\)|\b_\w+|\w+\.py\b"
    r"|\((?:all|rest|channels|lobby|room|chats|conversations|channels-rest)[- ]\d|\bcontract\b",
    re.IGNORECASE,
)


async def documents(path: Path) -> dict[str, Any]:
    async with open_server(settings_for(path)) as (_, app):
        client = app.test_client()
        return {
            name: await (await client.get(f"/{name}")).get_json()
            for name in ("openapi.json", "asyncapi.json")
        }


def prose(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    for key, each in value.items() if isinstance(value, dict) else ():
        if key in PROSE and isinstance(each, str):
            yield f"{where}/{key}", each
        elif key not in ("properties", "examples"):
            yield from prose(each, f"{where}/{key}")
        elif key == "properties":
            for name, schema in each.items():
                yield from prose(schema, f"{where}/{name}")
    for number, each in enumerate(value if isinstance(value, list) else ()):
        yield from prose(each, f"{where}/{number}")


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
async def test_words_are_for_readers_of_the_api(name: str, tmp_path: Path) -> None:
    found = list(prose((await documents(tmp_path))[name]))
    assert len(found) > 200
    assert not [(where, words) for where, words in found if FOREIGN.search(words)]


async def operations(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every operation of both documents, with where it stands."""
    found = await documents(path)
    http = [
        (f"{method} {where}", operation)
        for where, item in found["openapi.json"]["paths"].items()
        for method, operation in item.items()
    ]
    return [*http, *found["asyncapi.json"]["operations"].items()]


async def test_every_summary_is_an_imperative_of_a_few_words(tmp_path: Path) -> None:
    for where, operation in await operations(tmp_path):
        first, *more = operation["summary"].split()
        assert first in IMPERATIVES, (where, first)
        assert 1 <= len(more) <= 8, where
        assert operation["summary"][-1] not in ".:;!?", where


async def test_no_two_operations_of_the_http_api_have_the_same_summary(tmp_path: Path) -> None:
    summaries = [
        operation["summary"] for where, operation in await operations(tmp_path) if " " in where
    ]
    assert len(summaries) == len(set(summaries)) > 50


async def test_every_description_is_made_of_sentences(tmp_path: Path) -> None:
    for where, operation in await operations(tmp_path):
        assert re.fullmatch(r"[A-Z`].*\w.*\.", operation["description"], re.DOTALL), where
        assert operation["description"] != f"{operation['summary']}.", where


async def test_every_operation_says_who_may_use_it(tmp_path: Path) -> None:
    """Who may needs no words where any access token will do."""
    for where, operation in await operations(tmp_path):
        words = operation["description"]
        if "/admin/" in where:
            assert re.search(r"Takes (at least the role|the permission) [A-Z_]+", words), where
        elif operation.get("security") == []:
            assert "Open to everyone" in words or "It takes no access token" in words, where


async def test_no_words_of_an_operation_are_a_docstring(tmp_path: Path) -> None:
    """Docstrings are for readers of the code: who uses the API is told what they need."""
    known = set(docstrings())
    assert len(known) > 1000
    for where, operation in await operations(tmp_path):
        assert plain(operation["summary"]) not in known, where
        assert plain(operation["description"]) not in known, where


def docstrings() -> Iterator[str]:
    """All there are in the source, and the first paragraph of each."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                words = ast.get_docstring(node) or ""
                yield plain(words)
                yield plain(words.partition("\n\n")[0])


def plain(words: str) -> str:
    return " ".join(words.split()).rstrip(".")


async def test_every_shape_says_what_it_is(tmp_path: Path) -> None:
    for name, document in (await documents(tmp_path)).items():
        for shape, schema in document["components"]["schemas"].items():
            words = schema.get("description", "")
            assert re.match(r"[A-Z`].*\w.*[.?]$", words, re.DOTALL), (name, shape, words)
            assert not re.match(r"(GET|POST|PUT|DELETE) ", words), (name, shape)
