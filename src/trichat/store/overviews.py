"""A user's rooms as a list of conversations shows them."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from trichat.core.model import Kind, Overview


class Overviews(Protocol):
    """Reads of conversations."""

    async def active_rooms(
        self, user_id: int, *, limit: int, kinds: Iterable[Kind] = Kind
    ) -> list[int]:
        """Return the ids of the user's rooms of these kinds, newest activity first."""

    async def overviews(
        self, user_id: int, room_ids: Sequence[int], *, members: int
    ) -> list[Overview]:
        """Return overviews of those of these rooms that the user is still a member of, in the same
        order. members: how many of each are shown.
        """
