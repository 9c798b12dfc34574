"""The whole runtime as one value, and the order in which it begins and ends."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import trio
from attrs import frozen

from trichat.auth.passwords import Passwords
from trichat.auth.provider import Provider
from trichat.auth.tokens import Tokens
from trichat.core.model import Room
from trichat.core.names import reserved_keys
from trichat.core.reactions import Bounds
from trichat.dialects.port import Dialect
from trichat.runtime.accounts import Accounts
from trichat.runtime.administration import Administration
from trichat.runtime.admissions import Admissions
from trichat.runtime.audience import Audiences
from trichat.runtime.clock import Clock, wall_clock
from trichat.runtime.connections import Connections
from trichat.runtime.directory import RoomDirectory
from trichat.runtime.encoding import Encoder
from trichat.runtime.expiry import Expiry
from trichat.runtime.externalchanges import ExternalChanges
from trichat.runtime.feeds import Feeds
from trichat.runtime.keyuses import KeyUses
from trichat.runtime.lobbyreaper import LobbyRoomReaper
from trichat.runtime.logins import Logins
from trichat.runtime.logreader import LogReader
from trichat.runtime.metrics import Metrics
from trichat.runtime.notices import Notices
from trichat.runtime.presence import Presence
from trichat.runtime.reserve import Reserve
from trichat.runtime.rests import Rests
from trichat.runtime.roomfactory import RoomFactory
from trichat.runtime.rooms import RoomActor
from trichat.runtime.shares import Shares
from trichat.runtime.silentreaper import SilentRoomReaper
from trichat.runtime.sparing import SparingLog
from trichat.runtime.storage import Storage
from trichat.runtime.timerqueue import TimerQueue
from trichat.runtime.typists import Typing
from trichat.runtime.yieldlimiter import YieldLimiter
from trichat.settings import Settings
from trichat.settings.addresses import Addresses
from trichat.store.port import Store

_log = logging.getLogger(__name__)

LAST_WORDS = 1.0  # seconds for writing down, at the end, what may as well be lost


@frozen(eq=False)
class Runtime:
    """What a connection or a request works with."""

    settings: Settings
    clock: Clock
    store: Store
    logs: LogReader
    storage: Storage
    accounts: Accounts
    logins: Logins
    room_factory: RoomFactory
    administration: Administration
    directory: RoomDirectory
    audiences: Audiences
    connections: Connections
    feeds: Feeds
    notices: Notices
    typing: Typing
    metrics: Metrics
    timers: TimerQueue
    turns: YieldLimiter
    rests: Rests
    shares: Shares  # of pages being read
    answers: Shares  # of large answers over REST, until they are sent
    admissions: Admissions
    addresses: Addresses
    turned_away: SparingLog
    reserve: Reserve

    async def retire(self) -> None:
        """Tell load balancers, give them time to notice, and then drain."""
        self.connections.ready = False
        await trio.sleep(self.settings.server.drain_notice)
        await self.drain()

    async def drain(self) -> None:
        """Let nobody in; end every session with 1001, answering what is in flight, within the
        deadline.
        """
        self.admissions.close()
        server = self.settings.server
        await self.connections.drain(server.drain_deadline, server.drain_spread)

    def unfinished(self) -> str:
        """What an end would still have to wait for, in words. Any thread may ask."""
        return f"{len(self.connections)} connections, {self.storage.unanswered} writes"


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    store: Store,
    dialects: Iterable[Dialect],
    *,
    tokens: Tokens,
    passwords: Passwords,
    provider: Provider | None = None,
    clock: Clock = wall_clock,
    metrics: Metrics | None = None,
) -> AsyncIterator[Runtime]:
    """The living server. On leaving: sessions first, then actors, then storage, then the store.

    metrics: those that the store counts its faults in, if it does.
    """
    metrics = metrics or Metrics()
    connections = Connections(
        on_edge=lambda user, online: presence.edge(user, online),
        on_key=lambda key_id: key_uses.used(key_id),
    )
    audiences = Audiences(lambda room: emptied(room))
    encoder, logs = Encoder(dialects), LogReader(store)
    notices = Notices(encoder, connections)
    timers, turns, rests = TimerQueue(), YieldLimiter(), Rests()

    def stored(writes: int, seconds: float) -> None:
        metrics.committed(writes, seconds)
        rests.stir()

    storage = Storage(store, batch=settings.storage.batch, observe=stored)
    presence = Presence(store, audiences, encoder, notices, clock, tick=settings.presence.tick)

    least = 0 if settings.storage.memory else settings.storage.reserve
    reserve = Reserve(settings.database.parent, least)
    limits = settings.limits
    bounds = Bounds(limits.emojis_per_message, limits.reactions_per_user)

    def emptied(room: Room) -> None:
        lobby_room_reaper.emptied(room)
        reaper.emptied(room)

    def make(room: Room) -> RoomActor:
        feed, end = feeds.open(room), directory.end
        return RoomActor(room, store, storage, feed, connections, clock, bounds, reserve, end)

    try:
        async with (
            _until_closed(storage.run, storage.close),
            _cancelled_at_the_end() as background,
            trio.open_nursery() as actors,
        ):
            feeds = Feeds(
                encoder, audiences, connections, logs, actors, lambda room: directory.changed(room)
            )
            typing = Typing(feeds, timers, clock)
            directory = RoomDirectory(
                store,
                actors,
                make,
                timers,
                inbox=settings.rooms.inbox,
                idle=settings.rooms.idle_unload,
                followed=feeds.followed,
            )
            reaper = SilentRoomReaper(
                store, storage, audiences, directory, ttl=settings.rooms.empty_ttl
            )
            room_factory = RoomFactory(
                store, storage, directory, feeds, notices, settings, clock, reaper
            )
            reserved = reserved_keys(settings.auth.reserved_names)
            accounts = Accounts(
                store,
                storage,
                passwords,
                tokens,
                clock,
                provider,
                room_factory.open_first_rooms,
                reserved=reserved,
            )
            runtime = Runtime(
                settings=settings,
                clock=clock,
                store=store,
                logs=logs,
                storage=storage,
                accounts=accounts,
                logins=Logins(storage, passwords, tokens, connections, settings.auth),
                room_factory=room_factory,
                administration=Administration(
                    storage,
                    directory,
                    connections,
                    clock,
                    reserved=reserved,
                    renames=settings.limits.renames_per_day,
                ),
                directory=directory,
                audiences=audiences,
                connections=connections,
                feeds=feeds,
                notices=notices,
                typing=typing,
                metrics=metrics,
                timers=timers,
                turns=turns,
                rests=rests,
                shares=Shares(rests),
                answers=Shares(),
                admissions=Admissions(
                    rate=settings.limits.admissions,
                    patience=settings.limits.admission_wait,
                    share=settings.limits.admission_share,
                    per_user=settings.limits.connections_per_user,
                    departures=turns,
                ),
                addresses=Addresses(settings.server.trusted_proxies),
                turned_away=SparingLog(logging.getLogger("trichat.web.sockets")),
                reserve=reserve,
            )
            await background.start(reserve.run)
            background.start_soon(storage.watch)
            background.start_soon(timers.run)
            background.start_soon(presence.run)
            background.start_soon(runtime.admissions.run)
            if provider is not None:
                background.start_soon(provider.run)
            background.start_soon(ExternalChanges(store, connections, clock).run)
            lobby_room_reaper = LobbyRoomReaper(
                store, storage, audiences, directory, feeds, clock,
                ttl=settings.lobby.empty_room_ttl,
            )  # fmt: skip
            background.start_soon(lobby_room_reaper.run)
            background.start_soon(reaper.run)
            expiry = Expiry(storage, tokens, leeway=settings.auth.leeway)
            background.start_soon(expiry.run)
            key_uses = KeyUses(storage, connections, clock)
            background.start_soon(key_uses.run)
            yield runtime
            await runtime.drain()
            with trio.move_on_after(LAST_WORDS):
                await key_uses.write()
            directory.finish()
            feeds.finish()
    finally:
        await store.aclose()


@asynccontextmanager
async def _until_closed(
    run: Callable[[], Awaitable[object]], close: Callable[[], None]
) -> AsyncIterator[None]:
    """A task that is not cancelled with what uses it, but finishes after it."""

    async def sheltered() -> None:
        with trio.CancelScope(shield=True):
            await run()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(sheltered)
        try:
            yield
        finally:
            close()


@asynccontextmanager
async def _cancelled_at_the_end() -> AsyncIterator[trio.Nursery]:
    """A nursery of tasks that run for ever, until all within it has ended."""
    async with trio.open_nursery() as nursery:
        yield nursery
        nursery.cancel_scope.cancel()
