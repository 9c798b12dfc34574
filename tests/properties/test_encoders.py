"""Every encoder against whatever may happen: valid JSON, as described, texts exactly."""

from typing import Any

import pytest
from hypothesis import assume, given

from tests.described import Frames
from tests.dialects.speech import DIALECTS, text_of
from tests.properties.happenings import EVENTS, made, some, users
from tests.properties.profiles import tried
from tests.properties.rfc8259 import held, read
from tests.properties.test_decoders import CODECS
from tests.properties.values import anything, write
from tests.speeches import SPEECHES
from trichat.core import answers as a
from trichat.core import requests
from trichat.core.events import Said
from trichat.core.model import User
from trichat.core.refusals import Refusal
from trichat.dialects.disconnects import DisconnectReason
from trichat.settings import Settings
from trichat.web.asyncapi.document import document
from trichat.web.endpoints import Endpoints

DESCRIBED = Frames(document(Endpoints(Settings())))
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def frame_of(dialect: str, payload: bytes) -> Any:
    """What a client reads of it, if it is what the document describes."""
    frame = read(payload.decode())
    DESCRIBED.check(dialect, frame)
    return frame


@every_dialect
@pytest.mark.parametrize("event", EVENTS)
def test_whatever_happens_is_told_in_frames_that_are_described(dialect: str, event: type) -> None:
    @tried(15)
    @given(made(event))
    def examples(happened: Any) -> None:
        for push in CODECS[dialect].push(happened):
            frame_of(dialect, push.payload)

    examples()


@every_dialect
def test_all_9_a_message_is_told_with_its_text_exactly(dialect: str) -> None:
    @tried(50)
    @given(made(Said))
    def examples(said: Said) -> None:
        first, *_ = CODECS[dialect].push(said)
        assert text_of(frame_of(dialect, first.payload), dialect) == said.message.text

    examples()


ANSWERS = [
    pytest.param(dialect, exchange.request, shape, id=f"{dialect}-{name}-{shape.__name__}")
    for dialect, speech in SPEECHES.items()
    for name, exchanges in speech.exchanges.items()
    for exchange in exchanges
    for shape in sorted({type(answer) for answer in exchange.answers}, key=str)
    if shape is not a.Subscribed  # below
]


@pytest.mark.parametrize(("dialect", "request_", "shape"), ANSWERS)
def test_whatever_an_ask_comes_to_is_answered_in_frames_that_are_described(
    dialect: str, request_: Any, shape: type
) -> None:
    codec = CODECS[dialect]
    request: Any = codec.decode(write(request_))

    @tried(10)
    @given(made(shape), users)
    def examples(answer: Any, me: User) -> None:
        if isinstance(answer, Refusal):
            refused = codec.refuse(request, answer, me.created_at)
            payloads = [] if refused is None else [refused.payload]
        else:
            payloads = [*codec.answer(request, answer, me, me.created_at)]
        for payload in payloads:
            frame_of(dialect, payload)

    examples()


@every_dialect
@tried(20)
@given(who=users, present=some(users))
def test_greetings_and_farewells_are_described(dialect: str, who: Any, present: Any) -> None:
    codec = CODECS[dialect]
    last = [codec.part(each, who.username, who.created_at) for each in DisconnectReason]
    for payload in (codec.greet(who, who.created_at), codec.come_in(present), *last):
        if payload is not None:
            frame_of(dialect, payload)


@tried(100)
@given(some(anything.map(write).filter(held)))
def test_chats_4_ids_are_echoed_as_they_were_sent(ids: tuple[str, ...]) -> None:
    """Whatever JSON they are: what is no UUID too."""
    codec = CODECS["chats"]
    text = f'{{"action":"subscribe","chat_ids":[{",".join(ids)}]}}'
    assume(held(text))
    request = codec.decode(text)
    assert isinstance(request, requests.Subscribe)
    answer = a.Subscribed(tuple((each, False) for each in request.rooms))
    me: Any = None
    (payload,) = codec.answer(request, answer, me, 0)
    results = read(payload.decode())["results"]
    assert [result["chat_id"] for result in results] == [read(each) for each in ids]
