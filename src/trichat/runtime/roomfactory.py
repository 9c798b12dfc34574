"""What belongs to no room yet: the making of rooms, one direct room per pair, users' quotas.

One transaction each against unique indexes; the loser of a race reads the winner's row.
"""

import logging

import trio

from trichat.core.answers import Direct
from trichat.core.events import RoomOpened
from trichat.core.ids import is_uuid
from trichat.core.model import Kind, Origin, Room, User
from trichat.core.quota import SlidingWindow
from trichat.core.refusals import (
    Failed,
    NoSuchRoom,
    NoSuchUser,
    RateLimited,
    Refusal,
    RoomEnded,
    RoomFull,
    Taken,
    Yourself,
)
from trichat.core.text import check_handle, check_name
from trichat.runtime.clock import Clock, new_uuid
from trichat.runtime.directory import RoomDirectory
from trichat.runtime.feeds import Feeds
from trichat.runtime.notices import Notices
from trichat.runtime.silentreaper import SilentRoomReaper
from trichat.runtime.storage import Storage
from trichat.settings import Settings
from trichat.store.port import Store
from trichat.store.rooms import Allowance, CreateRoom, OpenDirect, Opened

_log = logging.getLogger(__name__)

# What the first user of an empty installation finds (channels-rest 3).
FIRST_ROOMS = (
    ("general", "Talk about anything"),
    ("random", "Whatever fits nowhere else"),
    ("announcements", "News for everyone"),
)
MINUTE, HOUR = 60.0, 3600.0
# A room that is found may be forgotten, or made by another, in the next moment.
TRIES = 3


class RoomFactory:
    """Makes rooms and keeps quotas."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        directory: RoomDirectory,
        feeds: Feeds,
        notices: Notices,
        settings: Settings,
        clock: Clock,
        reaper: SilentRoomReaper,
    ) -> None:
        self._store = store
        self._storage = storage
        self._directory = directory
        self._feeds = feeds
        self._notices = notices
        self._settings = settings
        self._clock = clock
        self._reaper = reaper
        self._lobby_sends = SlidingWindow(settings.lobby.max_messages_per_min, MINUTE)
        self._sends = SlidingWindow(settings.limits.messages_per_minute, MINUTE)
        self._bytes = SlidingWindow(settings.limits.bytes_per_hour, HOUR, grain=1.0)

    # -- rooms

    async def open_first_rooms(self, user: User) -> None:
        """A failure of this fails nothing else."""
        for name, description in FIRST_ROOMS:
            opened = await self.open_channel(user, name, description, private=False, charged=False)
            if isinstance(opened, Refusal):
                _log.warning("the first room %s was not made: %s", name, opened)

    async def open_channel(
        self,
        by: User,
        name: str,
        description: str | None,
        *,
        private: bool,
        charged: bool = True,
    ) -> Room | Refusal:
        """A room with a unique name; its maker owns it. charged: whether it counts for them.
        Invalid, Taken, TooManyRooms, RateLimited or Failed.
        """
        invalid = check_handle(name)
        if invalid is not None:
            return invalid
        kind = Kind.PRIVATE if private else Kind.PUBLIC
        for _ in range(TRIES):
            opened = await self._open(
                CreateRoom(
                    new_uuid(), kind, name, Origin.REST, by, self._clock(), handle=name,
                    description=description, owned=True,
                    allowance=self._allowance(by) if charged else None, charged=charged,
                )
            )  # fmt: skip
            there = await self._store.room_by_handle(name) if isinstance(opened, Taken) else None
            if there is None or not await self._reaper.make_way(there):
                break
        return opened

    async def open_lobby_room(
        self, by: User, title: str, kind: Kind, max_users: int | None, invite: tuple[str, ...]
    ) -> Room | Refusal:
        """A room whose name is a label (all-13). Invalid, NoSuchUser, RoomFull (of the invited
        alone), TooManyRooms or Failed.
        """
        invalid = check_name(title)
        if invalid:
            return invalid
        wanted = {uuid.lower() for uuid in invite}
        invited = await self._store.users(wanted) if wanted else {}
        if len(invited) < len(wanted):
            return NoSuchUser()
        lobby = self._settings.lobby
        seats = max_users or lobby.default_max_users
        if len(invited.keys() | {by.uuid}) > seats:
            return RoomFull()
        return await self._open(
            CreateRoom(
                new_uuid(), kind, title, Origin.LOBBY, by, self._clock(),
                max_users=seats, owned=True,
                invited=tuple(invited.values()), limit=lobby.max_rooms_per_user,
            )
        )  # fmt: skip

    async def room_named(self, name: str, by: User) -> Room | Refusal:
        """The room that the room dialect means: by UUID any but a direct one, by name the one of
        that name, made now if need be (room-4, all-13).
        """
        if is_uuid(name):
            room = await self._directory.find(name)
            return room if room and room.kind is not Kind.DIRECT else NoSuchRoom()
        invalid = check_handle(name)
        if invalid or "/" in name:
            return invalid or NoSuchRoom()
        for _ in range(TRIES):
            found = await self._store.room_by_handle(name)
            if found and not self._directory.is_retired(found):
                return found
            if not self._settings.rooms.create_on_connect:
                return RoomEnded() if await self._store.was_borne(name) else NoSuchRoom()
            opened = await self._open(
                CreateRoom(
                    new_uuid(), Kind.PUBLIC, name, Origin.ROOM, by, self._clock(),
                    handle=name, allowance=self._allowance(by),
                )
            )  # fmt: skip
            if isinstance(opened, Room):
                self._reaper.made(opened)
            if not isinstance(opened, Taken):
                return opened
        return NoSuchRoom()

    def _allowance(self, by: User) -> Allowance | None:
        """None: administrators make as many rooms as they like (all-25)."""
        if by.administers:
            return None
        rooms = self._settings.rooms
        return Allowance(
            rooms.max_created, rooms.max_created_per_hour, self._reaper.deserted(by.id)
        )

    async def _open(self, write: CreateRoom) -> Room | Refusal:
        outcome = await self._make(write)
        return outcome.room if isinstance(outcome, Opened) else outcome

    async def open_direct(self, by: User, other_id: int) -> Direct | Refusal:
        """The room of two; the other's open sockets follow it at once (conversations-9)."""
        if other_id == by.id:
            return Yourself()
        other = await self._store.user(other_id) if 0 < other_id < 2**53 else None
        if other is None:
            return NoSuchUser()
        outcome = await self._make(OpenDirect(new_uuid(), by, other, self._clock()))
        if not isinstance(outcome, Opened):
            return outcome
        return Direct(outcome.room, (by, other))

    async def _make(self, write: CreateRoom | OpenDirect) -> Opened | Refusal:
        """Seen through, though the asker may go: nobody else would ever notify the sockets of the
        members.
        """
        with trio.CancelScope(shield=True), self._feeds.making(write.uuid):
            outcome = await self._storage.submit(write)
            if isinstance(outcome, Opened):
                await self._publish(outcome, write.by)
                return outcome
        return outcome if isinstance(outcome, Refusal) else Failed()

    async def _publish(self, opened: Opened, by: User) -> None:
        if not opened.events and opened.room.origin is not Origin.ROOM:
            return  # it was there already
        await self._feeds.publish(opened.room, opened.events)
        admitted = {event.user.id for event in opened.events if hasattr(event, "user")}
        await self._notices.opened(RoomOpened(opened.room, by, self._clock()), admitted)

    # -- quotas

    def may_send(self, user: User, text: str, *, quota: bool) -> RateLimited | None:
        """Take one message from the user's allowance: the lobby's binds lobby connections, the
        operator's binds all (lobby-13); and the bytes of its text (all-25).
        """
        if not (quota or self._sends.limit or self._bytes.limit):
            return None
        now = trio.current_time()
        wait = self._lobby_sends.take(user.id, now) if quota else None
        if wait is not None:
            return RateLimited(wait)
        wait = self._sends.take(user.id, now)
        limited = self.may_store(user, text) if wait is None else RateLimited(wait)
        if limited is not None:
            if wait is None:
                self._sends.give_back(user.id)
            if quota:
                self._lobby_sends.give_back(user.id)
        return limited

    def not_sent(self, user: User, text: str, *, quota: bool) -> None:
        """It was refused: only accepted sends count."""
        self._sends.give_back(user.id)
        if quota:
            self._lobby_sends.give_back(user.id)
        self.not_stored(user, text)

    def may_store(self, user: User, text: str) -> RateLimited | None:
        """Take the bytes of a text from the user's allowance of an hour (all-25)."""
        if not self._bytes.limit:
            return None
        wait = self._bytes.take(user.id, trio.current_time(), _size(text))
        return None if wait is None else RateLimited(wait)

    def not_stored(self, user: User, text: str) -> None:
        """It was refused."""
        if self._bytes.limit:
            self._bytes.give_back(user.id, _size(text))


def _size(text: str) -> int:
    """Bytes of UTF-8; what cannot be written so is refused for it."""
    return len(text.encode(errors="replace"))
