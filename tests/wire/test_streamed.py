from contextlib import AbstractAsyncContextManager

from tests.wire.client import Client
from tests.wire.contract import LIMITS, TakenContract
from tests.wire.linked import linked
from trichat.wire.direct import LinkLimits
from trichat.wire.link import Link


class TestStreamedLink(TakenContract):
    def connect(self, limits: LinkLimits) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        return linked(limits, tls=True)

    def connect_holding(self, held: bytes) -> AbstractAsyncContextManager[tuple[Link, Client]]:
        return linked(LIMITS, tls=True, held=held)
