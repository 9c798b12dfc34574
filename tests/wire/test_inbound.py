"""The parser against every way to cut its input."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trichat.wire.assembly import Assembly
from trichat.wire.inbound import Inbound
from trichat.wire.link import Binary, Broken, Closed, Ping, Pong, Received, Text

LIMIT = 300
MASK = b"\x11\x22\x33\x44"


def frame(opcode: int, payload: bytes, *, fin: bool = True, mask: bytes = MASK) -> bytes:
    head = bytes((opcode | 0x80 * fin,))
    if len(payload) < 126:
        head += bytes((0x80 | len(payload),))
    elif len(payload) < 65536:
        head += struct.pack("!BH", 0x80 | 126, len(payload))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(payload))
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def received(wire: bytes) -> list[Received]:
    return Inbound(LIMIT).feed(wire)


def cuts(data: st.DataObject, length: int, most: int = 12) -> list[int]:
    inner = data.draw(st.lists(st.integers(0, length), max_size=most))
    return [0, *sorted(inner), length]


texts = st.text(max_size=80).map(Text)
binaries = st.binary(max_size=LIMIT).map(Binary)
controls = st.binary(max_size=125).map(Ping) | st.just(Pong())


@st.composite
def conversation(draw: st.DrawFn) -> tuple[bytes, list[Received]]:
    """Messages in fragments, control frames between these, and what must come of it."""
    wire = b""
    expected: list[Received] = []
    for message in draw(st.lists(texts | binaries, max_size=6)):
        payload = message.data.encode() if isinstance(message, Text) else message.data
        opcode = 1 if isinstance(message, Text) else 2
        borders = cuts(draw(st.data()), len(payload), most=3)
        for number, (start, end) in enumerate(pairwise(borders), start=2):
            for control in draw(st.lists(controls, max_size=1)):
                wire += frame(9, control.payload) if isinstance(control, Ping) else frame(10, b"")
                expected.append(control)
            wire += frame(opcode, payload[start:end], fin=number == len(borders))
            opcode = 0
        expected.append(message)
    code = draw(st.sampled_from([1000, 1001, 3000, 4999]))
    return wire + frame(8, struct.pack("!H", code) + b"why"), [*expected, Closed(code)]


@given(conversation(), st.data())
def test_any_cut_of_the_stream_gives_the_same_messages(
    said: tuple[bytes, list[Received]], data: st.DataObject
) -> None:
    wire, expected = said
    inbound = Inbound(LIMIT)
    got: list[Received] = []
    for start, end in pairwise(cuts(data, len(wire))):
        got += inbound.feed(wire[start:end])
    assert got == expected


@given(st.binary(max_size=400), st.data())
def test_noise_ends_in_one_word_whatever_the_cut(noise: bytes, data: st.DataObject) -> None:
    inbound = Inbound(LIMIT)
    got: list[Received] = []
    for start, end in pairwise(cuts(data, len(noise))):
        got += inbound.feed(noise[start:end])
    assert got == received(noise)
    assert all(not isinstance(message, Closed | Broken) for message in got[:-1])
    if got and isinstance(got[-1], Broken):
        assert got[-1].code in (1002, 1007, 1009)


@st.composite
def nearly_frames(draw: st.DrawFn) -> bytes:
    """A frame whose head may lie: about its end, its mask, its length or the form of it."""
    wire = bytearray(
        frame(
            draw(st.sampled_from([1, 1, 1, 0, 2, 8, 9, 10, 0x41, 3])),
            draw(st.text(max_size=60).map(str.encode) | st.binary(max_size=320)),
            fin=draw(st.sampled_from([True, True, True, False])),
            mask=draw(st.binary(min_size=4, max_size=4)),
        )
    )
    if draw(st.integers(0, 9)) == 0:
        wire[draw(st.integers(0, min(9, len(wire) - 1)))] ^= draw(st.integers(1, 255))
    return bytes(wire)


@given(st.lists(nearly_frames() | st.binary(max_size=9), max_size=12).map(b"".join), st.data())
@settings(max_examples=400)
def test_what_is_read_in_bulk_is_what_wsproto_reads(wire: bytes, data: st.DataObject) -> None:
    inbound, oracle = Inbound(LIMIT), Assembly(LIMIT)
    for start, end in pairwise(cuts(data, len(wire))):
        assert inbound.feed(wire[start:end]) == oracle.feed(wire[start:end])


@given(st.binary(max_size=40), st.data())
def test_bad_utf8_is_told_from_good_however_it_is_cut(payload: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(payload)))
    got = received(frame(1, payload[:cut], fin=False) + frame(0, payload[cut:]))
    try:
        assert got == [Text(payload.decode())]
    except UnicodeDecodeError:
        assert got == [Broken(1007)]


def test_bad_utf8_is_refused_before_the_message_ends() -> None:
    assert received(frame(1, b"\xff", fin=False)) == [Broken(1007)]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(frame(1, b"x" * 301), id="one frame"),
        pytest.param(frame(1, b"x" * 301)[:8], id="its header alone"),
        pytest.param(frame(2, b"x" * 200, fin=False) + frame(0, b"x" * 101), id="fragments"),
        pytest.param(
            frame(2, b"x" * 200, fin=False) + frame(9, b"") + frame(0, b"x" * 101)[:6],
            id="the header of a fragment, behind a ping",
        ),
    ],
)
def test_a_message_over_the_limit_is_1009(wire: bytes) -> None:
    assert received(wire)[-1] == Broken(1009)


def test_a_message_at_the_limit_is_none() -> None:
    wire = frame(2, b"x" * 100, fin=False) + frame(0, b"x" * 200)
    assert received(wire) == [Binary(b"x" * 300)]
    assert received(frame(1, b"x" * 300) * 2) == [Text("x" * 300)] * 2


def test_nothing_over_the_limit_is_kept() -> None:
    """A header may announce 2**62 bytes: they are refused, not awaited."""
    assert received(b"\x82\xff" + (2**62).to_bytes(8, "big") + MASK) == [Broken(1009)]


def test_empty_messages_are_messages() -> None:
    assert received(frame(2, b"") + frame(1, b"")) == [Binary(b""), Text("")]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"\x81\x01x", id="no mask"),
        pytest.param(b"\x81\x20" + b"x" * 32, id="no mask, and all of it there"),
        pytest.param(frame(0, b"x"), id="a continuation of nothing"),
        pytest.param(frame(1, b"x", fin=False) + frame(1, b"x"), id="a message within another"),
        pytest.param(frame(0x41, b"x"), id="a reserved bit: deflate was not agreed"),
        pytest.param(frame(3, b"x"), id="an unknown opcode"),
        pytest.param(frame(9, b"x" * 126), id="a long ping"),
        pytest.param(frame(9, b"x", fin=False), id="a ping in fragments"),
        pytest.param(b"\x81\xfe\x00\x05" + MASK + b"xxxxx", id="a length not in the fewest bytes"),
        pytest.param(frame(8, b"\x03"), id="half a close code"),
    ],
)
def test_a_violation_is_1002(wire: bytes) -> None:
    assert received(wire) == [Broken(1002)]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535])
def test_a_close_code_that_may_not_be_sent_is_1002(code: int) -> None:
    assert received(frame(8, struct.pack("!H", code))) == [Broken(1002)]


@pytest.mark.parametrize("code", [1000, 1003, 1007, 1014, 3000, 3999, 4000, 4999])
def test_a_close_code_comes_through(code: int) -> None:
    assert received(frame(8, struct.pack("!H", code))) == [Closed(code)]


def test_a_close_without_a_code_is_1005() -> None:
    assert received(frame(8, b"")) == [Closed(1005)]


def test_a_close_reason_in_bad_utf8_is_1007() -> None:
    assert received(frame(8, b"\x03\xe8\xff")) == [Broken(1007)]


@pytest.mark.parametrize("last", [frame(8, b""), frame(3, b"")])
def test_nothing_comes_after_the_end(last: bytes) -> None:
    inbound = Inbound(LIMIT)
    assert len(inbound.feed(last + frame(1, b"x"))) == 1
    assert inbound.feed(frame(1, b"x")) == []


@pytest.mark.parametrize("step", [1, 2, 8, 100])
def test_of_two_faults_the_same_one_is_told_whatever_the_cut(step: int) -> None:
    """A continuation of nothing that is also too long; found by `make fuzz`."""
    wire = frame(0, b"x" * 301)
    inbound = Inbound(LIMIT)
    got: list[Received] = []
    for at in range(0, len(wire), step):
        got += inbound.feed(wire[at : at + step])
    assert got == [Broken(1002)]
