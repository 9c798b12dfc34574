"""Over HTTP/2 who opens no window for his response is not waited for (stalls.py)."""

from collections import defaultdict
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import trio
import trio.testing
from attrs import define, field
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from quart_trio import QuartTrio

from tests.wire.client import Client
from tests.worker.serving import serving
from trichat.worker import WorkerLimits

LIMITS = WorkerLimits(write_timeout=10)
BIG = 100_000


@define
class Pages:
    """ended: set when the big page's handler is over."""

    ended: trio.Event = field(factory=trio.Event)

    def app(self) -> QuartTrio:
        app = QuartTrio("pages")

        @app.get("/")
        async def small() -> str:
            return "hello"

        @app.get("/big")
        async def big() -> Any:
            async def parts() -> Any:
                try:
                    yield b"x" * BIG
                finally:
                    self.ended.set()

            return parts()

        return app


class Peer:
    """An HTTP/2 client whose windows open by hand."""

    def __init__(self, client: Client, window: int) -> None:
        self._client = client
        self.http = h2.connection.H2Connection(h2.config.H2Configuration())
        self.http.local_settings = h2.settings.Settings(
            client=True, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: window}
        )
        self.bodies: defaultdict[int, bytes] = defaultdict(bytes)
        self.ended: dict[int, int] = {}  # by stream: the code of its reset, or 0

    async def ask(self, path: str) -> int:
        stream = self.http.get_next_available_stream_id()
        head = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", path)]
        self.http.send_headers(stream, head, end_stream=True)
        await self.flush()
        return stream

    async def until_ended(self, stream: int) -> int:
        while stream not in self.ended:
            await self.hear()
        return self.ended[stream]

    async def hear(self) -> None:
        data = bytes(await self._client.stream.receive_some())
        assert data
        for event in self.http.receive_data(data):
            match event:
                case h2.events.DataReceived():
                    self.bodies[event.stream_id] += event.data
                case h2.events.StreamEnded():
                    self.ended.setdefault(event.stream_id, 0)
                case h2.events.StreamReset():
                    self.ended[event.stream_id] = int(event.error_code)
        await self.flush()

    async def flush(self) -> None:
        await self._client.send(self.http.data_to_send())


async def test_a_response_that_nobody_takes_is_reset_and_the_others_go_on(
    clock: trio.testing.MockClock,
) -> None:
    pages = Pages()
    async with (
        serving(pages.app(), limits=LIMITS) as server,
        server.client() as client,
    ):
        peer = Peer(client, window=0)
        peer.http.initiate_connection()
        stalled, small = await peer.ask("/big"), await peer.ask("/")
        peer.http.increment_flow_control_window(100, small)
        await peer.flush()

        assert await peer.until_ended(small) == 0
        assert peer.bodies[small] == b"hello"

        began = trio.current_time()
        assert await peer.until_ended(stalled) == ErrorCodes.CANCEL
        assert trio.current_time() - began <= 11
        await pages.ended.wait()

        again = await peer.ask("/")
        peer.http.increment_flow_control_window(100, again)
        await peer.flush()
        assert await peer.until_ended(again) == 0


async def test_who_takes_a_little_at_a_time_gets_all(clock: trio.testing.MockClock) -> None:
    async with (
        serving(Pages().app(), limits=LIMITS) as server,
        server.client() as client,
    ):
        peer = Peer(client, window=0)
        peer.http.initiate_connection()
        stream = await peer.ask("/big")
        while len(peer.bodies[stream]) < BIG:
            await trio.sleep(8)
            peer.http.increment_flow_control_window(20_000, stream)
            if len(peer.bodies[stream]) == 0:
                peer.http.increment_flow_control_window(BIG)
            await peer.flush()
            had = len(peer.bodies[stream])
            while len(peer.bodies[stream]) < min(BIG, had + 20_000):
                await peer.hear()
        assert await peer.until_ended(stream) == 0
        assert len(peer.bodies[stream]) == BIG
