"""A user's rooms as a list of conversations shows them."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from trichat.core.model import Kind, Overview


class Overviews(Protocol):
    """What is read of conversations."""

    async def active_rooms(
        self, user_id: int, *, limit: int, kinds: Iterable[Kind] = Kind
    ) -> list[int]:
        """The ids of the rooms of these kinds the user is a member of, newest activity first."""

    async def overviews(
        self, user_id: int, room_ids: Sequence[int], *, members: int
    ) -> list[Overview]:
        """Of these rooms, those the user is still a member of, in the same order."""
