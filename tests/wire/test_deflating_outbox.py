"""The outbox of a peer who inflates: what is compressed, what is not, and how often."""

import zlib
from typing import Any

import pytest

from tests.wire.kernel import Kernel, Owner, working
from trichat.runtime import frames
from trichat.runtime.listener import Batch, Part
from trichat.runtime.subscription import Gate, Step
from trichat.wire.deflating import DeflatingOutbox, outbox_for
from trichat.wire.outbox import Outbox

LONG = b"the same words again, " * 30
SHORT = b"hello"


class Window(Kernel):
    """A kernel whose peer has a window of so many bits."""

    def __init__(self, window: int | None) -> None:
        super().__init__()
        self.window = window  # type: ignore[assignment]


class Desk:
    """An outbox at work."""

    def __init__(self, window: int | None = 15) -> None:
        self.link = Window(window)
        self.outbox = outbox_for(self.link, 10_000, on_lost=lambda: None, on_overflow=lambda: None)


def batch(*payloads: bytes) -> Batch:
    return Batch([Part(None, frames.text(payload)) for payload in payloads])


def messages(wire: bytes) -> list[tuple[bool, bytes]]:
    """What the peer reads: whether it was compressed, and what it says."""
    found = []
    while wire:
        size, head = wire[1], 2
        if size == 126:
            size, head = int.from_bytes(wire[2:4], "big"), 4
        body, compressed = wire[head : head + size], bool(wire[0] & 0x40)
        if compressed:
            body = zlib.decompress(body + b"\x00\x00\xff\xff\x01\x00\x00\xff\xff", wbits=-15)
        found.append((compressed, body))
        wire = wire[head + size :]
    return found


async def test_long_messages_are_compressed_and_short_ones_are_not() -> None:
    desk = Desk()
    desk.outbox.put(batch(LONG, SHORT))
    desk.outbox.answer(LONG)
    desk.outbox.answer_frame(frames.pong(LONG[:125]))
    assert messages(desk.link.wire) == [
        (True, LONG), (False, SHORT), (True, LONG), (False, LONG[:125])
    ]  # fmt: skip
    assert len(desk.link.wire) < len(LONG)


async def test_paced_answers_are_compressed() -> None:
    desk = Desk()
    async with working(desk):  # type: ignore[arg-type]
        await desk.outbox.answer_with_backpressure(LONG)
    assert messages(desk.link.wire) == [(True, LONG)]


async def test_what_was_held_is_compressed() -> None:
    desk = Desk()
    gate = Gate(Owner(desk.outbox))
    gate.offer(batch(LONG, LONG))
    assert desk.link.wire == b""
    gate.take(Step.CAUGHT_UP)
    assert messages(desk.link.wire) == [(True, LONG), (True, LONG)]
    assert desk.outbox.waiting == 0  # it was counted as it is


async def test_what_a_narrow_window_might_not_reach_is_not_compressed() -> None:
    desk = Desk(9)
    desk.outbox.put(batch(LONG[:512], LONG[:513]))
    assert messages(desk.link.wire) == [(True, LONG[:512]), (False, LONG[:513])]


async def test_a_frame_is_compressed_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    make = zlib.compressobj

    def counted(**how: Any) -> Any:
        made.append(how)
        return make(**how)

    monkeypatch.setattr(zlib, "compressobj", counted)
    told = batch(LONG)
    desks = [Desk(), Desk(), Desk(12)]
    for desk in desks:
        desk.outbox.put(told)
    assert [messages(desk.link.wire) for desk in desks] == [[(True, LONG)]] * 3
    assert len(made) == 1


async def test_noise_is_left_as_it_is() -> None:
    noise = bytes(range(33, 127))
    desk = Desk()
    desk.outbox.answer(noise)
    assert messages(desk.link.wire) == [(False, noise)]


async def test_who_has_no_window_gets_the_outbox_that_compresses_nothing() -> None:
    assert type(Desk(None).outbox) is Outbox
    assert isinstance(Desk().outbox, DeflatingOutbox)
