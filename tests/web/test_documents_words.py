"""What the documents of the API say in words is for those who use it: whole sentences, which name
no classes and no promises of the code, and in which everybody is "they".
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import settings_for
from trichat.web.app import open_server

PROSE = {"summary", "description", "title"}
# A person, of whom the documents know no more than that; and what only the code knows.
FOREIGN = re.compile(
    r"\b(?:he|him|his|himself|she|her|hers)\b|Raises|Error\b.*\(\d{3}\)|\b_\w+|\w+\.py\b"
    r"|\((?:all|rest|channels|lobby|room|chats|conversations)-\d",
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


async def test_every_operation_is_summed_up_in_a_sentence_of_its_own(tmp_path: Path) -> None:
    document = (await documents(tmp_path))["openapi.json"]
    summaries: dict[str, str] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            summary = operation["summary"]
            assert re.fullmatch(r"[A-Z][a-z]+ .*[^.]\.", summary), (method, path, summary)
            assert summary not in summaries, (path, summaries[summary])
            summaries[summary] = path


async def test_every_shape_says_what_it_is(tmp_path: Path) -> None:
    for name, document in (await documents(tmp_path)).items():
        for shape, schema in document["components"]["schemas"].items():
            words = schema.get("description", "")
            assert re.match(r"[A-Z`].*\w.*[.?]$", words, re.DOTALL), (name, shape, words)
            assert not re.match(r"(GET|POST|PUT|DELETE) ", words), (name, shape)
