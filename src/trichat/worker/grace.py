"""The fault: an application cannot know how long its server lets a shutdown take.

Hypercorn's graceful_timeout cuts off sessions that still answer what is in flight if it is shorter
than they need. The cure puts it into the lifespan's state, so that the drain is shortened to fit.

A lifespan begins before Hypercorn listens, so this is also where TLS is set up with HTTP/1.1 as the
one protocol here (docs/adr/0008), whoever made the configuration.
"""

from typing import Any

from hypercorn.config import Config
from hypercorn.trio.lifespan import Lifespan
from hypercorn.typing import AppWrapper, LifespanState

from trichat.wire.handshake import GRACE


class TellingLifespan(Lifespan):
    """Hypercorn's lifespan, which install() replaces with this one."""

    def __init__(self, app: AppWrapper, config: Config, state: LifespanState) -> None:
        config.alpn_protocols = ["http/1.1"]
        shared: dict[str, Any] = state
        shared[GRACE] = config.graceful_timeout
        super().__init__(app, config, state)
