"""Lists over REST come in pages, encoded some entries at a time, with a link to the next (all-23).

No list is longer than MAX_ENTRIES entries or much larger than LARGEST bytes, whatever is stored,
and while one is made others have their turns.
"""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, Generic, Protocol, TypeVar

import trio
from attrs import frozen
from quart import Response

from trichat.core.model import User
from trichat.dialects.codec import encode
from trichat.web.rest.errors import json_bytes
from trichat.web.rest.problems import bad_value, invalid
from trichat.web.rest.queries import Count, Query, Text
from trichat.web.rest.turns import pause

T = TypeVar("T")
Shape = TypeVar("Shape")


class Identified(Protocol):
    """An entry with a number of its own."""

    @property
    def id(self) -> int: ...


E = TypeVar("E", bound=Identified)

MAX_ENTRIES: Final = 1000  # entries of a page
LARGEST: Final = 4 * 1024 * 1024  # bytes of one, as good as

# Entries that are read and encoded between two checkpoints: a millisecond or two of work.
SLICE: Final = 100

_NO_PLACE = "must be what the link to a next page has"
_PLACE = re.compile(r"[0-9]{1,16}(-[0-9]{1,16})?")
PAGED: Final[Query] = {
    "limit": Count(MAX_ENTRIES, least=1, most=MAX_ENTRIES),
    "after": Text(most=40, pattern=f"^{_PLACE.pattern}$"),
}
# Of lists by name: a place there has the name, since a user may be called otherwise by now.
_NAMED_PLACE = re.compile(r"([0-9]{1,16})-(([0-9a-f]{2})+)")
NAMED: Final[Query] = {
    **PAGED,
    "after": Text(most=1000, pattern=f"^{_NAMED_PLACE.pattern}$"),
}

# Entries, each with the place behind which the next page begins.
Slices = AsyncGenerator[Sequence[tuple[T, str]]]


@frozen
class Page(Generic[Shape]):
    """Some entries of a list, encoded. following: the query of the next page, if there is one."""

    body: bytes
    following: str | None

    def response(self) -> Response:
        """Return the array, and where it goes on (RFC 8288).

        The link is relative: it holds behind a proxy that serves this API under another path.
        """
        link = {} if self.following is None else {"Link": f'<?{self.following}>; rel="next"'}
        return json_bytes(self.body, headers=link)


async def by_id(read: Callable[[int, int], Awaitable[Sequence[E]]], after: int) -> Slices[E]:
    """Give entries that are read behind the id of one of them. read: given that and how many."""
    while True:
        some = await read(after, SLICE)
        yield [(entry, str(entry.id)) for entry in some]
        if len(some) < SLICE:
            return
        after = some[-1].id


async def by_name(
    read: Callable[[tuple[str, int], int], Awaitable[Sequence[User]]], after: tuple[str, int]
) -> Slices[User]:
    """Give users in the order of their names. read: given the place behind which, and how many."""
    while True:
        some = await read(after, SLICE)
        yield [(user, f"{user.id}-{user.username.encode().hex()}") for user in some]
        if len(some) < SLICE:
            return
        after = some[-1].username, some[-1].id


async def page(slices: Slices[T], make: Callable[[T], Any], limit: int) -> Page[Any]:
    """Return at most `limit` entries, and no more than have space; one in any case."""
    body = bytearray(b"[")
    count, place = 0, ""
    began = trio.current_time()
    async with aclosing(slices):
        async for entries in slices:
            for entry, behind in entries:
                if count == limit or (count and len(body) > LARGEST):
                    return Page(bytes(body) + b"]", f"limit={limit}&after={place}")
                body += (b"," if count else b"") + encode(make(entry))
                count, place = count + 1, behind
            await pause(trio.current_time() - began)
            began = trio.current_time()
    return Page(bytes(body) + b"]", None)


def place(after: str | None) -> tuple[int, int]:
    """Return where a page begins, from its query. Raises RequestError."""
    if after is None:
        return 0, 0
    if not _PLACE.fullmatch(after):
        raise invalid(bad_value(_NO_PLACE, after, "query", "after"))
    first, _, second = after.partition("-")
    return int(first), int(second or 0)


def named_place(after: str | None) -> tuple[str, int]:
    """Return where a page of a list by name begins: a name and an id. Raises RequestError.

    Bytes that are no text are a place too, if one that no link has.
    """
    if after is None:
        return "", 0
    found = _NAMED_PLACE.fullmatch(after)
    if found is None:
        raise invalid(bad_value(_NO_PLACE, after, "query", "after"))
    return bytes.fromhex(found[2]).decode(errors="replace"), int(found[1])
