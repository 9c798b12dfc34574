"""permessage-deflate: what is agreed to, and what may come of it."""

import os
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_inbound import LIMIT, MASK, cuts, frame
from trichat.wire.deflate import agree
from trichat.wire.inbound import Inbound
from trichat.wire.link import Binary, Broken, Closed, Ping, Received, Text

RSV1 = 0x40
_OURS = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def deflated(payload: bytes, level: int = -1) -> bytes:
    stream = zlib.compressobj(level, wbits=-15)
    return (stream.compress(payload) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def finished(payload: bytes) -> bytes:
    """With the mark of the last block, as RFC 7692 allows too (7.2.3.4)."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(payload) + stream.flush() + b"\x00"


def received(wire: bytes) -> list[Received]:
    return Inbound(LIMIT, deflate=True).feed(wire)


def in_steps(wire: bytes, step: int) -> list[Received]:
    inbound = Inbound(LIMIT, deflate=True)
    return [got for at in range(0, len(wire), step) for got in inbound.feed(wire[at : at + step])]


@pytest.mark.parametrize(
    ("offers", "window", "says"),
    [
        ("permessage-deflate", 15, ""),
        ("permessage-deflate; client_max_window_bits", 15, ""),
        ("Permessage-Deflate ;client_max_window_bits = 8", 15, ""),
        ("permessage-deflate; client_no_context_takeover", 15, ""),
        ("permessage-deflate; server_max_window_bits=15", 15, ""),
        ('permessage-deflate; server_max_window_bits="10"', 10, "; server_max_window_bits=10"),
        ("x-other, permessage-deflate", 15, ""),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate;"
            " server_max_window_bits=9; server_no_context_takeover",
            9,
            "; server_max_window_bits=9",
        ),
    ],
)
def test_the_first_offer_that_can_be_kept_is_agreed_to(offers: str, window: int, says: str) -> None:
    agreed = agree(offers)
    assert agreed is not None
    assert (agreed.window, agreed.answer) == (window, (_OURS + says).encode())


@pytest.mark.parametrize(
    "offers",
    [
        "",
        "x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; unheard_of",
        "permessage-deflate;",
    ],
)
def test_any_other_is_declined(offers: str) -> None:
    assert agree(offers) is None


@st.composite
def conversation(draw: st.DrawFn) -> tuple[bytes, list[Received]]:
    """Messages, compressed or not, in fragments with pings between these."""
    wire = b""
    expected: list[Received] = []
    texts = st.text("abż", max_size=100).map(Text)
    for message in draw(st.lists(texts | st.binary(max_size=LIMIT).map(Binary), max_size=6)):
        payload = message.data.encode() if isinstance(message, Text) else message.data
        opcode = 1 if isinstance(message, Text) else 2
        if draw(st.booleans()):
            make = draw(st.sampled_from([deflated, finished]))
            payload, opcode = make(payload), opcode | RSV1
        cut = draw(st.integers(0, len(payload)))
        wire += frame(opcode, payload[:cut], fin=False) + frame(9, b"?") + frame(0, payload[cut:])
        expected += [Ping(b"?"), message]
    return wire + frame(8, struct.pack("!H", 1000)), [*expected, Closed(1000)]


@given(conversation(), st.data())
def test_any_cut_of_the_stream_gives_the_same_messages(
    said: tuple[bytes, list[Received]], data: st.DataObject
) -> None:
    wire, expected = said
    inbound = Inbound(LIMIT, deflate=True)
    at, *stops = cuts(data, len(wire))
    got: list[Received] = []
    for stop in stops:
        got += inbound.feed(wire[at:stop])
        at = stop
    assert got == expected


def test_a_message_of_the_longest_length_is_taken_whatever_it_is_made_of() -> None:
    noise, plain = os.urandom(LIMIT), b"x" * LIMIT
    wire = frame(2 | RSV1, deflated(noise, level=0)) + frame(2 | RSV1, deflated(plain))
    assert received(wire) == [Binary(noise), Binary(plain)]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(frame(1 | RSV1, deflated(b"x" * (LIMIT + 1))), id="a byte more"),
        pytest.param(frame(2 | RSV1, deflated(bytes(200_000_000))), id="a bomb"),
        pytest.param(frame(2 | RSV1, deflated(bytes(200_000)))[:-1], id="before it is all there"),
        pytest.param(
            frame(1 | RSV1, deflated(b"x" * 301)[:2], fin=False)
            + frame(0, deflated(b"x" * 301)[2:]),
            id="fragments",
        ),
        pytest.param(b"\xc2\xff" + (2**62).to_bytes(8, "big") + MASK, id="its header alone"),
        pytest.param(frame(2 | RSV1, b"\x00\x00\x00\xff\xff" * 100), id="empty blocks"),
    ],
)
def test_all_12_a_message_over_the_limit_is_1009(wire: bytes) -> None:
    assert received(wire) == [Broken(1009)]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(frame(1 | RSV1, b"\xff\xff\xff"), id="no such stream"),
        pytest.param(frame(1 | RSV1, finished(b"one") + deflated(b"two")), id="behind the end"),
        pytest.param(frame(1 | RSV1, deflated(b"\xff")), id="no UTF-8"),
    ],
)
def test_what_cannot_be_inflated_is_1007(wire: bytes) -> None:
    assert received(wire) == [Broken(1007)]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(frame(9 | RSV1, b""), id="a ping"),
        pytest.param(
            frame(1 | RSV1, b"", fin=False) + frame(0 | RSV1, deflated(b"x")), id="a continuation"
        ),
        pytest.param(frame(0x21, deflated(b"x")), id="another bit"),
    ],
)
def test_the_bit_elsewhere_is_1002(wire: bytes) -> None:
    assert received(wire) == [Broken(1002)]


@st.composite
def faulty(draw: st.DrawFn) -> bytes:
    """Frames of which several are wrong in several ways: out of turn, too long before or after they
    are inflated, no UTF-8, no deflate stream.
    """
    sizes = st.integers(0, LIMIT + 9)
    wire = b""
    for _ in range(draw(st.integers(1, 3))):
        fill, bad = (
            draw(st.sampled_from([b"x", b"\xc5\xbc"])),
            draw(st.sampled_from([b"", b"\xff"])),
        )
        message = fill * draw(sizes) + bad + fill * draw(sizes)
        payload = bytearray(draw(st.sampled_from([deflated, finished]))(message))
        if draw(st.booleans()):
            payload[draw(st.integers(0, len(payload) - 1))] ^= draw(st.integers(1, 255))
        cut = draw(st.integers(0, len(payload)))
        opcodes = st.sampled_from([1 | RSV1, 1 | RSV1, 2 | RSV1, 0, 1])
        wire += frame(draw(opcodes), bytes(payload[:cut]), fin=draw(st.booleans()))
        wire += frame(draw(st.sampled_from([0, 0, 1 | RSV1])), bytes(payload[cut:]))
    return wire


@given(faulty())
def test_of_several_faults_the_same_one_is_told_whatever_the_cut(wire: bytes) -> None:
    whole = received(wire)
    for cut in range(1, len(wire)):
        inbound = Inbound(LIMIT, deflate=True)
        assert inbound.feed(wire[:cut]) + inbound.feed(wire[cut:]) == whole, cut
    assert in_steps(wire, 1) == whole


@pytest.mark.parametrize("opcode", [1 | RSV1, 1])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_what_comes_first_in_a_message_is_told(opcode: int, step: int) -> None:
    """Bad UTF-8, and behind it too much; too much, and behind it bad UTF-8; a message in another
    that could not be inflated either.
    """
    early, late = b"x\xff" + b"x" * LIMIT, b"x" * LIMIT + b"x\xff"
    begun = frame(1 | RSV1, deflated(b"x"), fin=False)
    for wire, code in (
        (frame(1 | RSV1, deflated(early)), 1007),
        (frame(1 | RSV1, deflated(late)), 1009),
        (begun + frame(opcode, b"\xff\xff\xff"), 1002),
    ):
        assert in_steps(wire, step) == [Broken(code)]
