"""Who belongs to which room."""

from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from trichat.core.model import Membership, Room, User


@frozen
class Admission:
    """A room together with one user's membership of it."""

    room: Room
    membership: Membership


class Members(Protocol):
    """What is read of memberships."""

    async def membership(self, room_id: int, user_id: int) -> Membership | None: ...
    async def rooms_of(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        """The ids of the living rooms, but direct ones, that each of them is a member of."""

    async def admissions(
        self,
        user_id: int,
        *,
        direct: bool = True,
        after: tuple[int, int] = (0, 0),
        limit: int | None = None,
    ) -> list[Admission]:
        """The user's rooms in order of joining: those behind (time of joining, id of the room), at
        most `limit` of them. direct: whether direct ones are among them.
        """

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        """Of these rooms, those the user is a member of."""

    async def members_page(
        self, room_id: int, after: tuple[int, int], limit: int
    ) -> list[tuple[User, int]]:
        """The members with their times of joining, in that order: those behind (time of joining, id
        of the user).
        """

    async def shown_members(
        self, room_ids: Iterable[int], *, limit: int, among: int
    ) -> dict[int, tuple[list[User], int]]:
        """By room: the first so many members, that user among them if they are one, and how many
        there are.
        """

    async def members_among(self, room_id: int, user_ids: Iterable[int]) -> set[int]:
        """Those of them who are members of the room."""

    async def share_a_room(self, user_id: int, other_id: int) -> bool: ...
    async def share_a_direct_room(self, user_id: int, other_id: int) -> bool: ...
