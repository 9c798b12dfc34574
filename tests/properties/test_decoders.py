"""Every decoder against everything: what comes of it is what the document says."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.dialects.speech import DIALECTS
from tests.properties.frames import Names, any_text, edges, requests
from tests.properties.oracle.judging import judge, judge_binary, judged
from tests.properties.oracle.verdicts import Asks, Closes, Says, Verdict
from tests.properties.profiles import tried
from tests.properties.rfc8259 import DEEPEST
from tests.properties.values import any_char, nested, write
from tests.speeches import SPEECHES
from trichat.dialects.port import Close, Decoded, Dialect, Reply
from trichat.settings import Settings
from trichat.web.endpoints import Endpoints

_ENDPOINTS = Endpoints(Settings())
CODECS: dict[str, Dialect] = {
    endpoint.dialect.name: endpoint.dialect
    for endpoint in (*_ENDPOINTS.fixed.values(), _ENDPOINTS.room("hall"))
}


def as_verdict(decoded: Decoded) -> Verdict:
    """The same in the oracle's terms."""
    match decoded:
        case Reply(payload, strike=strike):
            return Says(json.loads(payload.decode()), strike)
        case Close(cause):
            return Closes(cause.code)
    return Asks(decoded)


def agrees(dialect: str, text: str) -> None:
    """Fails where the codec does not say what the document says."""
    codec = CODECS[dialect]
    assert as_verdict(codec.decode(text)) == judge(dialect, text)


every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


@every_dialect
def test_all_3_every_text_gets_the_answer_of_its_document(dialect: str) -> None:
    @tried(200)
    @given(any_text(dialect))
    @example("")
    @example(write({"type": nested(DEEPEST - 1), "action": nested(DEEPEST - 1)}))
    @example(write({"type": nested(DEEPEST), "action": nested(DEEPEST)}))
    @example(write({"type": "[" * 1000, "action": "\\[" * 1000, "message": '"[{' * 1000}))
    def examples(text: str) -> None:
        agrees(dialect, text)

    examples()


@every_dialect
def test_all_3_every_good_request_is_one(dialect: str) -> None:
    """So that the test above is not about refusals alone."""
    understood: set[str] = set()
    tag = SPEECHES[dialect].tag

    @tried(200)
    @given(requests(dialect))
    def examples(frame: dict[str, Any]) -> None:
        text = write(frame)
        agrees(dialect, text)
        if isinstance(judge(dialect, text), Asks):
            understood.add(frame[tag] if tag else "message")

    examples()
    assert understood == set(SPEECHES[dialect].requests)


@every_dialect
def test_all_3_every_field_at_its_edges_gets_the_answer_of_its_document(dialect: str) -> None:
    for frame in edges(dialect, Names()):
        agrees(dialect, write(frame))


@every_dialect
def test_all_3_a_binary_message_gets_the_answer_of_its_document(dialect: str) -> None:
    @tried(50)
    @given(st.binary(max_size=60) | any_text(dialect).map(str.encode))
    def examples(data: bytes) -> None:
        assert as_verdict(CODECS[dialect].decode_binary(data)) == judge_binary(dialect)

    examples()


@every_dialect
@tried(100)
@given(text=st.text(any_char))
def test_no_text_of_any_code_points_raises(dialect: str, text: str) -> None:
    """Lone surrogates too, though no WebSocket message can hold them."""
    CODECS[dialect].decode(text)
    CODECS[dialect].decode(json.dumps(text, ensure_ascii=False))


@every_dialect
@pytest.mark.parametrize("depth", [*range(60, 70), 500, *range(900, 1001, 7), 5000, 60_000])
def test_nesting_is_taken_to_one_depth_wherever_the_stack_stands(dialect: str, depth: int) -> None:
    for left, right in (("[", "]"), ('{"a":', "}")):
        inner = left * depth + "0" + right * depth
        for key in ("type", "action", "message", "other"):
            agrees(dialect, f'{{"{key}":{inner}}}')


@every_dialect
def test_the_oracle_knows_every_request(dialect: str) -> None:
    """A new one is tried by itself, but what its document says is to be written down there."""
    assert judged(dialect) == set(SPEECHES[dialect].requests)
