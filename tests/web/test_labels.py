"""The documents of the API speak to its users: our numbers of promises are not in them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house import House
from trichat.web.labels import unlabelled

PROSE = ("description", "summary", "title")


def prose(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in PROSE and isinstance(each, str):
                yield each
            yield from prose(each)
    elif isinstance(value, list):
        for each in value:
            yield from prose(each)


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
async def test_no_document_names_a_promise(house: House, path: str) -> None:
    said = list(prose(await house.document(path)))
    assert len(said) > 50
    assert not [each for each in said if re.search(r"\([a-z-]+[- ]\d|\bcontract\b", each)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Make a room (lobby-4). invite: UUIDs.", "Make a room. invite: UUIDs."),
        ("Channels\n(channels-rest 2.1).", "Channels."),
        ("Both (all-1, all-5), in order.", "Both, in order."),
        ("A name (at most 100 characters) in UTF-8 (or less).", ...),
    ],
)
def test_labels_are_left_out_of_words(written: str, read: Any) -> None:
    read = written if read is ... else read
    assert unlabelled({"summary": written}) == {"summary": read}
    kept = {"examples": [written], "properties": {"description": {"const": written}}}
    assert unlabelled(kept) == kept
