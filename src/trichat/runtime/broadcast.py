"""Some events of a room on their way to everyone who gets a frame of them, in any dialect."""

from collections.abc import Sequence

from trichat.core.events import Event, Mark, Numbered, Said
from trichat.core.model import Room
from trichat.runtime.audience import Audience
from trichat.runtime.connections import Connections
from trichat.runtime.encoding import Encoded, Encoder
from trichat.runtime.fanout import FanOut, notify, offer, users_named
from trichat.runtime.listener import Batch, Listener
from trichat.runtime.subscription import State, Subscription


class Broadcast:
    """Who gets it is decided in one step, `begin`; the rest of a large audience is written to by
    `finish`, which may be cancelled and called again.

    ending: subscriptions whose connections have left the room, but for what was before.
    """

    __slots__ = ("_connections", "_encoder", "_ending", "_fan_outs", "_later")

    def __init__(
        self, encoder: Encoder, connections: Connections, ending: Sequence[Subscription]
    ) -> None:
        self._encoder = encoder
        self._connections = connections
        self._ending = ending
        self._fan_outs: list[FanOut] = []
        self._later: list[tuple[Listener, Subscription | None, Batch]] = []

    def begin(self, room: Room, events: Sequence[Event], audience: Audience | None) -> None:
        """For everyone whose subscription is not LIVE, and the first of the others."""
        said: dict[str, Encoded] = {}
        fan_outs: list[FanOut] = []
        if audience is not None:
            for (name, placed), group in audience.groups.items():
                encoded = said.get(name)
                if encoded is None:
                    encoded = said[name] = self._encoder.encode(name, events)
                if encoded.frames:
                    named = () if encoded.plain else self._named(audience, encoded)
                    fan_outs.append(FanOut(encoded, group, named, placed=placed))
        if _may_reach_outside(events):
            for name in self._encoder.names:
                encoded = said.get(name)
                if encoded is None:
                    encoded = self._encoder.encode(name, events)
                self._begin_anywhere(room, audience, name, encoded)
        for fan_out in fan_outs:
            fan_out.begin()
            if not fan_out.done:
                self._fan_outs.append(fan_out)

    @property
    def done(self) -> bool:
        """Whether there is nothing to finish."""
        return not self._fan_outs and not self._later

    async def finish(self) -> None:
        """For the others, in chunks; then what goes to somebody anywhere."""
        for fan_out in self._fan_outs:
            if not fan_out.done:
                await fan_out.finish()
        later, self._later = self._later, []
        for listener, subscription, batch in later:
            if subscription is None or subscription.closed:  # it has left since
                notify(listener, batch)
            else:
                offer(subscription, _in_form(subscription, batch))

    def _named(self, audience: Audience, encoded: Encoded) -> Sequence[Subscription]:
        user_ids = users_named(encoded)
        if not user_ids:
            return ()
        here = [each for user_id in user_ids for each in audience.of(user_id)]
        return here + [each for each in self._ending if each.listener.user.id in user_ids]

    def _begin_anywhere(
        self, room: Room, audience: Audience | None, name: str, encoded: Encoded
    ) -> None:
        """Whoever is named hears it by their subscription if they have one. A subscription that is
        not LIVE takes or drops it now, in the state in which the event met it.
        """
        for part, push in encoded.frames:
            if not push.anywhere or push.only is None:
                continue
            batch = Batch([part])
            for user_id in push.only:
                here = () if audience is None else audience.of(user_id)
                for listener in self._connections.of(user_id):
                    if listener.dialect.name == name and room.kind in listener.dialect.kinds:
                        subscription = next((s for s in here if s.listener is listener), None)
                        self._aim(listener, subscription, batch)

    def _aim(self, listener: Listener, subscription: Subscription | None, batch: Batch) -> None:
        if subscription is None or subscription.group is None:
            if subscription is None or not _is_replayed(subscription, batch):
                self._later.append((listener, None, batch))
        elif subscription.state is State.LIVE:
            self._later.append((listener, subscription, batch))
        else:
            offer(subscription, _in_form(subscription, batch))


def _in_form(subscription: Subscription, batch: Batch) -> Batch:
    return batch.placed if subscription.placed else batch


def _is_replayed(subscription: Subscription, batch: Batch) -> bool:
    """Whether a subscription that began behind the event gets it by its replay."""
    return subscription.placed and batch.unnumbered is None


def _may_reach_outside(events: Sequence[Event]) -> bool:
    """Whether a frame of them may go to somebody who does not hear the room: of anything that is
    stored, but a message that names nobody.
    """
    for event in events:
        if isinstance(event, Said):
            if event.notified:
                return True
        elif isinstance(event, (Numbered, Mark)):
            return True
    return False
