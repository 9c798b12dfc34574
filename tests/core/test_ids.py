"""Identities for the world."""

import time
from uuid import RFC_4122, UUID

import pytest

from trichat.core.ids import is_uuid
from trichat.runtime.clock import new_uuid


def test_a_fresh_uuid_is_of_version_7_and_bears_the_time() -> None:
    before = time.time_ns() // 1_000_000
    text = new_uuid()
    after = time.time_ns() // 1_000_000
    uuid = UUID(text)
    assert (uuid.version, uuid.variant) == (7, RFC_4122)
    assert str(uuid) == text
    assert is_uuid(text)
    assert before <= uuid.int >> 80 <= after


def test_no_two_are_the_same() -> None:
    assert len({new_uuid() for _ in range(10_000)}) == 10_000


def test_the_form_is_all_that_counts() -> None:
    text = "01890a5d-ac96-774b-bcce-b302099a8057"
    assert is_uuid(text)
    assert is_uuid(text.upper())
    assert is_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "general",
        "01890a5dac96774bbcceb302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80577",
        "01890a5d-ac96-774b-bcce-b302099a8057\n",
        "{01890a5d-ac96-774b-bcce-b302099a8057}",
        "g1890a5d-ac96-774b-bcce-b302099a8057",
        "٠1890a5d-ac96-774b-bcce-b302099a8057",
    ],
)
def test_what_is_no_uuid(text: str) -> None:
    assert not is_uuid(text)
