"""Who belongs to which room."""

from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from trichat.core.model import Membership, Room, User


@frozen
class Admission:
    """A room, and one user's membership of it."""

    room: Room
    membership: Membership


class Members(Protocol):
    """Reads of memberships."""

    async def membership(self, room_id: int, user_id: int) -> Membership | None:
        """Return a user's membership of a room."""

    async def rooms_of(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        """Return, for each user, the ids of their living rooms, direct ones left out."""

    async def admissions(
        self,
        user_id: int,
        *,
        direct: bool = True,
        after: tuple[int, int] = (0, 0),
        limit: int | None = None,
    ) -> list[Admission]:
        """Return the user's rooms in order of joining: those behind (time of joining, id of the
        room), at most `limit` of them. direct: whether direct rooms are among them.
        """

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        """Return those of these rooms that the user is a member of, by UUID."""

    async def members_page(
        self, room_id: int, after: tuple[int, int], limit: int
    ) -> list[tuple[User, int]]:
        """Return members and their times of joining, in that order: those behind (time of joining,
        id of the user), at most `limit` of them (-1 for all).
        """

    async def shown_members(
        self, room_ids: Iterable[int], *, limit: int, among: int
    ) -> dict[int, tuple[list[User], int]]:
        """Return, for each room, its first so many members and how many it has. among: a user who
        is among those shown if they are a member.
        """

    async def members_among(self, room_id: int, user_ids: Iterable[int]) -> set[int]:
        """Return those of these users who are members of the room."""

    async def share_a_room(self, user_id: int, other_id: int) -> bool:
        """Return whether two users are members of one room."""

    async def share_a_direct_room(self, user_id: int, other_id: int) -> bool:
        """Return whether there is a direct room of these two."""
