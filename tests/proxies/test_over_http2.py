"""A socket over HTTP/2 (RFC 8441), as browsers open it where a proxy offers that: HAProxy does."""

from pathlib import Path

import h2.config
import h2.connection
import h2.events
import trio

from tests.e2e.raw import masked, target
from tests.e2e.users import PATIENCE, Person
from tests.proxies.configured import Proxy
from tests.proxies.running import Front, by, fronted


async def _stream(front: Front) -> trio.SSLStream[trio.SocketStream]:
    port = int(front.address.rpartition(":")[2])
    tcp = await trio.open_tcp_stream("127.0.0.1", port)
    front.trusting.set_alpn_protocols(["h2"])
    return trio.SSLStream(tcp, front.trusting, server_hostname="localhost", https_compatible=True)


def _asks(front: Front, ann: Person) -> list[tuple[str, str]]:
    return [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", target(front.users, "channels", ann)),
        (":authority", front.address.partition("://")[2]),
        ("sec-websocket-version", "13"),
    ]


@by("haproxy")
async def test_a_socket_is_a_stream_of_a_browsers_connection(proxy: Proxy, tmp_path: Path) -> None:
    async with fronted(proxy, tmp_path) as front:
        (ann,) = await front.users.people("ann")
        stream = await _stream(front)
        client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        client.initiate_connection()
        heard = b""
        with trio.fail_after(PATIENCE):
            await stream.send_all(client.data_to_send())
            while b'"pong"' not in heard:
                data = await stream.receive_some(65536)
                assert data, heard
                for event in client.receive_data(bytes(data)):
                    if isinstance(event, h2.events.RemoteSettingsChanged):
                        assert client.remote_settings.enable_connect_protocol
                        client.send_headers(1, _asks(front, ann))
                    elif isinstance(event, h2.events.ResponseReceived):
                        assert (b":status", b"200") in (event.headers or ())
                        client.send_data(1, masked(b'{"type": "ping"}'))
                    elif isinstance(event, h2.events.DataReceived):
                        heard += event.data
                await stream.send_all(client.data_to_send())
        await trio.aclose_forcefully(stream)
