"""Long answers: one message with an array, made page by page while the peer takes it (all-23).

No more than a page and a piece of what was made is in memory for one peer, however long the array.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Protocol, TypeVar

import trio

from trichat.core.answers import Answer
from trichat.core.model import User
from trichat.core.requests import Request
from trichat.dialects.disconnects import DisconnectReason
from trichat.dialects.port import Dialect
from trichat.runtime.server import Runtime
from trichat.wire.outbox import Outbox

T = TypeVar("T")

# Bytes of a piece, at least: one write, and one frame of the message.
PIECE = 65_536

# Items of a page that is cut from what is in memory already: half a millisecond's work.
CUT = 200

Pages = AsyncGenerator[Sequence[T]]
Encode = Callable[[Sequence[T]], bytes]


class Asker(Protocol):
    """The session, as far as a long answer goes. paging: whether one is under way."""

    runtime: Runtime
    dialect: Dialect
    user: User
    outbox: Outbox
    paging: bool

    def end(self, cause: DisconnectReason, reason: str = "") -> None: ...


async def answer(
    session: Asker, request: Request, make: Callable[[Sequence[T]], Answer], pages: Pages[T]
) -> None:
    """An answer whose frame has an array. make: what comes of the request for a page alone."""
    at = session.runtime.clock()

    def encode(page: Sequence[T]) -> bytes:
        (payload,) = session.dialect.answer(request, make(page), session.user, at)
        return payload

    await write(session, encode, pages)


async def write(session: Asker, encode: Encode[T], pages: Pages[T]) -> None:
    """The message whose array holds the items of all pages, made as the peer takes it.

    encode: the whole message for a page alone, the same each time but for its one array. What is
    short goes out as an ordinary message. A drain lets it end; if it cannot be ended, because the
    store fails, that is the end of the session.
    """
    session.paging = True
    try:
        async with aclosing(pages):
            await _write(session.outbox, encode, pages)
    except Exception:
        session.end(DisconnectReason.FAILED)
        raise
    finally:
        session.paging = False
        session.outbox.abandon()


async def _write(outbox: Outbox, encode: Encode[T], pages: Pages[T]) -> None:
    head, tail = encode(()).split(b"[]", 1)
    head, tail = head + b"[", b"]" + tail
    piece, between, begun = bytearray(head), b"", False
    async for page in pages:
        if page:
            piece += between + encode(page)[len(head) : -len(tail)]
            between = b","
        if len(piece) >= PIECE and outbox.fragments:
            await outbox.answer_fragment(bytes(piece))
            begun = True
            piece.clear()
    piece += tail
    if begun:
        await outbox.answer_fragment(bytes(piece), last=True)
    else:
        await outbox.answer_with_backpressure(bytes(piece))


async def cut(items: Iterable[T]) -> Pages[T]:
    """What is in memory already, some at a time."""
    some: list[T] = []
    for item in items:
        some.append(item)
        if len(some) == CUT:
            yield some
            some = []
            await trio.lowlevel.checkpoint()
    yield some
