"""What is written and read again is what it was."""

import tomllib
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any

import attrs
import pytest
from attrs import AttrsInstance
from hypothesis import assume, given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, Pong, TextMessage

from tests.properties.frames import Names, fields_of
from tests.properties.happenings import moments, texts, uuids
from tests.properties.profiles import tried
from tests.properties.rfc8259 import held, read
from tests.properties.values import any_char, write
from tests.speeches import SPEECHES
from trichat.auth.tokens import Tokens
from trichat.core.ids import is_uuid
from trichat.dialects.codec import decode, encode, millis, seconds, structure
from trichat.runtime import frames
from trichat.settings.toml import literal
from trichat.wire import link
from trichat.wire.inbound import Inbound

# -- JSON


def test_all_9_every_code_point_goes_out_and_comes_in() -> None:
    """By our encoder and a client's reader, by a client's writer and our decoder."""
    for start in range(0, 0x110000, 0x1000):
        text = "|".join(map(chr, range(start, start + 0x1000)))  # no two surrogates meet
        said = encode(text).decode()
        assert read(said) == text
        assert decode(said) == text
        assert decode(write(text)) == text
        assert decode(write(text, escaped=False)) == text


REQUESTS = [
    pytest.param(shape, id=f"{dialect}-{name}")
    for dialect, speech in SPEECHES.items()
    for name, shape in speech.requests.items()
]


@pytest.mark.parametrize("shape", REQUESTS)
def test_a_request_is_read_as_it_was_written(shape: type[AttrsInstance]) -> None:
    @tried(30)
    @given(fields_of(shape, Names()))
    def examples(fields: dict[str, Any]) -> None:
        text = write(fields)
        assume(held(text))
        sent = decode(text)
        request = structure(sent, shape)
        assert request is not None
        kept = attrs.asdict(request)
        assert {name: kept[name] for name in sent} == sent
        assert structure(decode(encode(kept).decode()), shape) == request

    examples()


@tried(100)
@given(moments)
def test_times_are_read_as_they_were_written(at: int) -> None:
    def read_back(text: str) -> int:
        assert text.endswith("Z")
        return round(datetime.fromisoformat(text).timestamp() * 1000)

    assert read_back(millis(at)) == at
    assert read_back(seconds(at)) == at // 1000 * 1000


# -- WebSocket frames

EDGES = st.sampled_from([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
payloads = st.text(st.characters(codec="utf-8"), max_size=200) | EDGES.map("x".__mul__)
short = st.binary(max_size=125)
codes = st.sampled_from([1000, 1001, 1003, 1007, 1008, 1009, 1011, 1013, 4000, 4001, 4003])


def cut(data: st.DataObject, wire: bytes) -> list[bytes]:
    """In any portions."""
    places = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    return [wire[start:end] for start, end in pairwise([0, *places, len(wire)])]


def whole(events: list[Event]) -> list[Event]:
    """With the portions of a message in one."""
    told: list[Event] = []
    begun: list[Any] = []
    for event in events:
        if isinstance(event, Message):
            begun.append(event.data)
            if event.message_finished:
                told.append(type(event)(data=type(event.data)().join(begun)))
                begun = []
        else:
            told.append(event)
    return told


@tried(100)
@given(st.data())
def test_our_frames_are_read_by_a_client_as_they_were_written(data: st.DataObject) -> None:
    said = data.draw(st.lists(payloads | short, max_size=5))
    code, reason = data.draw(codes), data.draw(payloads)
    parts = [
        frames.text(each.encode()) if isinstance(each, str) else frames.ping(each) for each in said
    ]
    wire = bytes(frames.join(parts).wire) if parts else b""
    wire += bytes(frames.pong(b"here").wire) + frames.close(code, reason)
    client = Connection(ConnectionType.CLIENT)
    events: list[Event] = []
    for portion in cut(data, wire):
        client.receive_data(portion)
        events += client.events()
    *told, ours, last = whole(events)
    expected = [TextMessage(each) if isinstance(each, str) else Ping(each) for each in said]
    assert told == expected
    assert ours == Pong(b"here")
    assert isinstance(last, CloseConnection)
    assert last.code == code
    why = last.reason or ""
    assert reason.startswith(why)
    assert why == reason or len(why.encode()) > 119  # 123 bytes fit, the last of them in part


@tried(100)
@given(st.data())
def test_a_clients_frames_are_read_as_they_were_written(data: st.DataObject) -> None:
    said = data.draw(st.lists(payloads | st.binary(max_size=300), max_size=5))
    client = Connection(ConnectionType.CLIENT)
    wire = b""
    for each in said:
        message: Callable[..., Any] = TextMessage if isinstance(each, str) else BytesMessage
        middle = data.draw(st.integers(0, len(each)))
        wire += client.send(message(each[:middle], message_finished=False))
        wire += client.send(Ping(b"between"))
        wire += client.send(message(each[middle:]))
    code = data.draw(codes)
    wire += client.send(CloseConnection(code))
    inbound = Inbound(1_000_000)
    told = [each for portion in cut(data, wire) for each in inbound.feed(portion)]
    expected: list[link.Received] = []
    for each in said:
        expected += [link.Ping(b"between")]
        expected += [link.Text(each) if isinstance(each, str) else link.Binary(each)]
    assert told == [*expected, link.Closed(code)]


# -- credentials and settings


@tried(100)
@given(uuids, st.integers(1, 2**53), texts, st.none() | texts, st.none() | texts)
def test_all_5_a_token_says_who_it_was_issued_to(
    uuid: str, number: int, name: str, issuer: str | None, audience: str | None
) -> None:
    secret = bytes(range(32))
    tokens = Tokens(secret, lifetime=60.5, clock=lambda: 1000.25, issuer=issuer, audience=audience)
    token = tokens.issue(uuid, number, name[:200])
    if len(token) < 8192:
        claims = tokens.verify(token)
        assert (claims.subject, claims.expires_at) == (uuid, 1061)


@tried(50)
@given(uuids)
def test_all_6_a_uuid_is_one_in_either_case(uuid: str) -> None:
    assert is_uuid(uuid)
    assert is_uuid(uuid.upper())
    assert not is_uuid(uuid[:-1])


@tried(200)
@given(st.text(st.characters(codec="utf-8")) | st.integers() | st.booleans() | st.text(any_char))
def test_a_setting_is_read_from_the_file_as_it_was_written(value: Any) -> None:
    if isinstance(value, str):
        value = value.encode(errors="ignore").decode()
    if isinstance(value, int) and abs(value) >= 2**63:
        return
    assert tomllib.loads(f"value = {literal(value)}")["value"] == value
