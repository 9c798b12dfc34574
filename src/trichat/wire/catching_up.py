"""From coming into rooms to hearing them live, for a session that waits in them."""

import logging
from collections.abc import Sequence

from trichat.core.model import Room
from trichat.dialects.disconnects import DisconnectReason
from trichat.runtime.subscription import State, Subscription
from trichat.store.health import StoreError
from trichat.wire.replaying import chase
from trichat.wire.session import Session

_log = logging.getLogger(__name__)


async def begin(session: Session, rooms: Sequence[Room]) -> None:
    """Hear these rooms, and whatever other room the session waits in. Where nothing was said since
    it came in it hears them at once, in the same step; elsewhere that is replayed from the log
    before. A session that resumes gets in these what it missed.
    """
    resumption = session.resumption
    if resumption is not None:
        resumption.entered(rooms)
        await resumption.catch_up()
    behind = [each for each in _waiting(session) if not _go_on(session, each)]
    try:
        for subscription in behind:
            await chase(session, subscription, subscription.upto)
    except StoreError:
        _log.exception("what was said meanwhile could not be read")
        session.end(DisconnectReason.STORAGE_FAILED)


def _waiting(session: Session) -> list[Subscription]:
    return [each for each in session.subscriptions.values() if each.state is State.WAITING]


def _go_on(session: Session, subscription: Subscription) -> bool:
    return session.runtime.feeds.open(subscription.room).go_on(subscription)
