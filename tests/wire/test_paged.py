"""Long answers: one message in fragments, made page by page as the peer takes it (all-23)."""

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import Pong, TextMessage

from tests.wire.kernel import LIMIT, Desk, of, working
from trichat.runtime import frames
from trichat.wire import paged
from trichat.wire.outbox import HARD_LIMIT
from trichat.wire.paged import CUT, PIECE

pytestmark = pytest.mark.promise("all-23")


class Asker:
    """As much of a session as a long answer needs. ended: whether it was ended."""

    def __init__(self, desk: Desk) -> None:
        self.outbox = desk.outbox
        self.paging = False
        self.ended = False

    def end(self, why: object) -> None:
        self.ended = True


def encode(page: Sequence[Any]) -> bytes:
    return json.dumps({"type": "list", "items": [*page], "at": 7}, separators=(",", ":")).encode()


async def write(desk: Desk, pages: AsyncGenerator[Sequence[Any]]) -> Asker:
    asker = Asker(desk)
    await paged.write(cast(Any, asker), encode, pages)
    return asker


async def pages_of(*pages: Sequence[Any]) -> AsyncGenerator[Sequence[Any]]:
    for page in pages:
        yield page


def heard(desk: Desk) -> list[Any]:
    """What a client reads, by wsproto: pongs, and each message whole."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(desk.link.wire)
    read: list[Any] = []
    text = ""
    for event in client.events():
        if isinstance(event, TextMessage):
            text += event.data
            if event.message_finished:
                read.append(json.loads(text))
                text = ""
        elif isinstance(event, Pong):
            read.append(bytes(event.payload))
    return read


LONG = "x" * (PIECE // 2)


@pytest.mark.parametrize("pages", [[], [[]], [[1, 2]], [[1], [], [2]], [[], [1], [2, 3]]])
async def test_a_short_answer_is_one_ordinary_message(desk: Desk, pages: list[list[int]]) -> None:
    await write(desk, pages_of(*pages))
    items = [item for page in pages for item in page]
    assert desk.link.wire == frames.text(encode(items)).wire


async def test_a_long_one_is_the_same_message_in_fragments(desk: Desk) -> None:
    pages = [[LONG, number] for number in range(9)]
    await write(desk, pages_of(*pages))
    items = [item for page in pages for item in page]
    assert heard(desk) == [{"type": "list", "items": items, "at": 7}]
    assert desk.link.wire[0] == 0x01  # a text message that goes on


async def test_no_page_is_made_before_the_one_before_it_was_taken(desk: Desk) -> None:
    made: list[int] = []

    async def pages() -> AsyncGenerator[Sequence[Any]]:
        for number in range(8):
            made.append(number)
            yield [LONG]

    desk.link.space = 0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(write, desk, pages())
        await wait_all_tasks_blocked()
        assert len(made) == 2  # of half a piece each
        desk.link.reads(PIECE + 100)
        await wait_all_tasks_blocked()
        assert len(made) == 4
        desk.link.reads(None)
    assert len(made) == 8
    assert desk.outbox.waiting == 0


async def test_pushes_and_answers_wait_behind_it_and_pongs_do_not(desk: Desk) -> None:
    desk.link.space = 10
    async with trio.open_nursery() as nursery:
        nursery.start_soon(write, desk, pages_of([LONG] * 2, [LONG] * 2))
        await wait_all_tasks_blocked()
        desk.put('"push"')
        desk.outbox.answer_frame(frames.pong(b"here"))
        desk.outbox.answer(b'"answer"')
        desk.put('"passing"', ephemeral=True)
        assert desk.outbox.slot.descriptor is None
        desk.link.reads(None)
    pong, answer, *behind = heard(desk)
    assert (pong, len(answer["items"])) == (b"here", 4)
    assert behind == ["push", "answer", "passing"]


async def test_what_waits_behind_it_is_bounded(clock: MockClock) -> None:
    desk = Desk()
    async with working(desk), trio.open_nursery() as nursery:
        desk.link.space = 10
        nursery.start_soon(write, desk, pages_of([LONG] * 2, [LONG] * 2))
        await wait_all_tasks_blocked()
        for _ in range(HARD_LIMIT):
            desk.put(of(LIMIT))
        assert desk.said == []
        desk.put("one more")
        assert desk.said == []
        desk.put("and one")
        assert desk.said == ["overflow"]
        nursery.cancel_scope.cancel()


async def test_who_takes_it_is_not_slow_however_long_it_is(clock: MockClock) -> None:
    desk = Desk()
    async with working(desk):
        async with trio.open_nursery() as nursery:
            desk.link.space = 0
            nursery.start_soon(write, desk, pages_of(*[[LONG] * 2] * 5))
            await wait_all_tasks_blocked()
            for _ in range(20):
                desk.put(json.dumps("p" * (LIMIT // 10)))
                await trio.sleep(1.5)
                desk.link.reads(PIECE // 2)
                await wait_all_tasks_blocked()
            desk.link.reads(None)
        assert desk.said == []
        answer, *pushes = heard(desk)
        assert (len(answer["items"]), len(pushes)) == (10, 20)


@pytest.mark.parametrize("begun", [False, True])
async def test_one_that_cannot_be_ended_ends_the_session(desk: Desk, begun: bool) -> None:
    """Nothing can follow the half of a message, but a close frame."""

    async def pages() -> AsyncGenerator[Sequence[Any]]:
        if begun:
            yield [LONG] * 2
        raise RuntimeError("the disk")

    asker = Asker(desk)
    with pytest.raises(RuntimeError):
        await paged.write(cast(Any, asker), encode, pages())
    assert asker.ended
    desk.outbox.answer(b'"and now?"')
    await wait_all_tasks_blocked()
    assert heard(desk) == ([] if begun else ["and now?"])


async def test_one_that_is_cut_off_is_not_followed_by_what_waited_behind_it(desk: Desk) -> None:
    desk.link.space = 10
    asker = Asker(desk)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(paged.write, cast(Any, asker), encode, pages_of([LONG] * 2, [LONG] * 2))
        await wait_all_tasks_blocked()
        desk.put('"behind"')
        nursery.cancel_scope.cancel()
    desk.link.reads(None)
    await desk.outbox.flush()
    assert b"behind" not in desk.link.wire
    assert not asker.ended
    waiting = desk.outbox.waiting
    desk.put('"too late"')
    assert desk.outbox.waiting == waiting  # for what cannot go out any more nothing is kept


async def test_a_link_without_fragments_gets_it_whole(desk: Desk) -> None:
    desk.link.fragments = False
    await write(desk, pages_of([LONG] * 2, [LONG] * 2))
    (answer,) = heard(desk)
    assert len(answer["items"]) == 4
    assert desk.link.wire[0] == 0x81


async def test_what_is_in_memory_is_cut_into_pages_with_others_turns_between() -> None:
    rounds = 0

    async def others() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(others)
        pages = [page async for page in paged.cut(range(3 * CUT + 1))]
        nursery.cancel_scope.cancel()
    assert [len(page) for page in pages] == [CUT, CUT, CUT, 1]
    assert rounds >= 2
