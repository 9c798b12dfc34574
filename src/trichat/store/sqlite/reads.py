"""The port's reads: each is one function of a reader's connection."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

import apsw

from trichat.core.events import RoomEvent
from trichat.core.lookup import Lookup, Needs
from trichat.core.model import (
    Act,
    Action,
    Grant,
    Kind,
    Membership,
    Message,
    Overview,
    Reaction,
    Room,
    Status,
    Target,
    User,
)
from trichat.core.roomstate import RoomState
from trichat.store import port
from trichat.store.sqlite import (
    acts,
    apikeys,
    ends,
    history,
    log,
    logins,
    members,
    messages,
    outsiders,
    overviews,
    people,
    places,
    ranks,
    reactions,
)

P = ParamSpec("P")
T = TypeVar("T")
Query = Callable[Concatenate[apsw.Connection, P], T]


class Reads(ABC):
    """What the store answers; how a reader is found and its faults are told is the adapter's."""

    @abstractmethod
    async def _read(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the query on a reader, at one moment of the database. Raises StoreError."""

    async def user(self, user_id: int) -> User | None:
        return await self._read(people.by, "id", user_id)

    async def user_by_uuid(self, uuid: str) -> User | None:
        return await self._read(people.by, "uuid", uuid)

    async def user_by_name(self, username: str) -> User | None:
        return await self._read(people.by, "username", username)

    async def users(self, uuids: Iterable[str]) -> dict[str, User]:
        return await self._read(people.by_uuids, uuids)

    async def credentials(self, username: str) -> tuple[User, str | None] | None:
        return await self._read(people.credentials, username)

    async def key_holder(self, digest: str) -> port.KeyHolder | None:
        return await self._read(apikeys.holder, digest)

    async def living_keys(self, ids: Iterable[int]) -> set[int]:
        return await self._read(apikeys.living, ids)

    async def user_of_living_key(self, key_id: int) -> User | None:
        return await self._read(apikeys.of_living, key_id)

    async def bearer(self, uuid: str, login: str) -> port.Bearer | None:
        return await self._read(logins.bearer, uuid, login)

    async def ended_logins(self, names: Iterable[str]) -> set[str]:
        return await self._read(logins.ended, names)

    async def tokens_since(self, user_ids: Iterable[int]) -> dict[int, int]:
        return await self._read(logins.tokens_since, user_ids)

    async def signing(self) -> port.Signing:
        return await self._read(logins.signing)

    async def count_logins(self, now: int) -> int:
        return await self._read(logins.count, now)

    async def outsider(self, issuer: str, subject: str) -> User | None:
        return await self._read(outsiders.find, issuer, subject)

    async def api_keys(self, user_id: int) -> list[port.ApiKey]:
        return await self._read(apikeys.of_user, user_id)

    async def active_users(
        self, *, now: int, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        return await self._read(people.active, now, after, limit)

    async def all_users(
        self, *, after: tuple[str, int] = ("", 0), limit: int | None = None
    ) -> list[User]:
        return await self._read(people.everyone, after, limit)

    async def search_names(self, part: str, *, limit: int, without: int) -> list[User]:
        return await self._read(people.search_names, part, limit, without)

    async def search_users(self, part: str, *, limit: int) -> list[User]:
        return await self._read(people.search, part, limit)

    async def accounts(
        self, *, now: int, limit: int, offset: int, status: Status | None = None, part: str = ""
    ) -> list[port.Account]:
        return await self._read(acts.accounts, now, limit, offset, status, part)

    async def grants(self, user_id: int) -> list[Grant]:
        return await self._read(ranks.grants, user_id)

    async def acts(
        self,
        *,
        limit: int,
        offset: int = 0,
        action: Action | None = None,
        target: Target | None = None,
        by: str | None = None,
    ) -> list[Act]:
        return await self._read(acts.read, limit, offset, action, target, by)

    async def tally(self, *, now: int, since: int) -> port.Tally:
        return await self._read(acts.tally, now, since)

    async def room(self, room_id: int) -> Room | None:
        return await self._read(places.by, "id", room_id)

    async def room_by_uuid(self, uuid: str) -> Room | None:
        return await self._read(places.by, "uuid", uuid)

    async def room_by_handle(self, handle: str) -> Room | None:
        return await self._read(places.by, "handle", handle)

    async def count_rooms(self) -> dict[Kind, int]:
        return await self._read(places.count)

    async def open_rooms(
        self, *, kind: Kind | None, user_id: int, after: int = 0, limit: int | None = None
    ) -> list[Room]:
        return await self._read(places.open_rooms, kind, user_id, after, limit)

    async def open_rooms_before(self, *, kind: Kind | None, user_id: int, newest: int) -> int:
        return await self._read(places.open_rooms_before, kind, user_id, newest)

    async def membership(self, room_id: int, user_id: int) -> Membership | None:
        return await self._read(places.membership, room_id, user_id)

    async def rooms_of(self, user_ids: Iterable[int]) -> dict[int, list[int]]:
        return await self._read(places.rooms_of, user_ids)

    async def admissions(
        self,
        user_id: int,
        *,
        direct: bool = True,
        after: tuple[int, int] = (0, 0),
        limit: int | None = None,
    ) -> list[port.Admission]:
        return await self._read(places.admissions, user_id, direct, after, limit)

    async def admitted(self, user_id: int, uuids: Iterable[str]) -> dict[str, Room]:
        return await self._read(places.admitted, user_id, uuids)

    async def members(self, room_id: int) -> list[User]:
        return await self._read(members.all_of, room_id)

    async def members_page(
        self, room_id: int, after: tuple[int, int], limit: int
    ) -> list[tuple[User, int]]:
        return await self._read(members.page, room_id, after, limit)

    async def shown_members(
        self, room_ids: Iterable[int], *, limit: int, among: int
    ) -> dict[int, tuple[list[User], int]]:
        return await self._read(members.shown, room_ids, limit, among)

    async def members_among(self, room_id: int, user_ids: Iterable[int]) -> set[int]:
        return await self._read(places.members_among, room_id, user_ids)

    async def deserted(self, before: int) -> list[Room]:
        return await self._read(places.deserted, before)

    async def was_borne(self, name: str) -> bool:
        return await self._read(ends.was_borne, name)

    async def silent(self) -> list[Room]:
        return await self._read(ends.silent)

    async def is_silent(self, room_id: int) -> bool:
        return await self._read(ends.is_silent, room_id)

    async def channels(
        self, *, limit: int, offset: int, archived: bool | None = None, part: str = ""
    ) -> list[port.Channel]:
        return await self._read(acts.channels, limit, offset, archived, part)

    async def share_a_room(self, user_id: int, other_id: int) -> bool:
        return await self._read(places.share_a_room, user_id, other_id)

    async def share_a_direct_room(self, user_id: int, other_id: int) -> bool:
        return await self._read(places.share_a_direct_room, user_id, other_id)

    async def load(self, room_id: int) -> RoomState | None:
        return await self._read(places.load, room_id)

    async def log(self, room_id: int, after: int, limit: int) -> list[RoomEvent]:
        return await self._read(log.read, room_id, after, limit)

    async def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        return await self._read(log.heads, room_ids)

    async def admission(self, room_id: int, user_id: int, after: int) -> int | None:
        return await self._read(log.admission, room_id, user_id, after)

    async def lookup(self, room_id: int, needs: Needs) -> Lookup:
        return await self._read(messages.lookup, room_id, needs)

    async def message(self, uuid: str, *, with_reactions: bool = True) -> Message | None:
        return await self._read(messages.by, "uuid", uuid, with_reactions)

    async def message_by_id(self, message_id: int) -> Message | None:
        return await self._read(messages.by, "id", message_id, with_reactions=False)

    async def history(
        self, room_id: int, *, limit: int, offset: int = 0, before_id: int | None = None
    ) -> tuple[list[Message], int]:
        return await self._read(messages.history, room_id, limit, offset, before_id)

    async def history_pages(
        self, room_id: int, *, limit: int, text_bytes: int, before_id: int | None = None
    ) -> port.Pages:
        return await self._read(history.pages, room_id, limit, text_bytes, before_id)

    async def history_page(self, room_id: int, first_id: int, end_id: int) -> list[Message]:
        return await self._read(history.page, room_id, first_id, end_id)

    async def reaction_home(self, reaction: str, user_id: int) -> Message | None:
        return await self._read(messages.reaction_home, reaction, user_id)

    async def reactions_of(
        self, message_id: int, *, limit: int, before: str | None = None
    ) -> list[Reaction] | None:
        return await self._read(reactions.page, message_id, limit, before)

    async def only_reaction_near(self, user_id: int, at: int, span: int) -> tuple[str, str] | None:
        return await self._read(messages.only_reaction_near, user_id, at, span)

    async def mentions_of(self, user_id: int, *, limit: int, offset: int) -> list[Message]:
        return await self._read(messages.mentions_of, user_id, limit, offset)

    async def active_rooms(
        self, user_id: int, *, limit: int, kinds: Iterable[Kind] = Kind
    ) -> list[int]:
        return await self._read(overviews.active, user_id, limit, kinds)

    async def overviews(
        self, user_id: int, room_ids: Sequence[int], *, members: int
    ) -> list[Overview]:
        return await self._read(overviews.of, user_id, room_ids, members)
