"""Frames behind the upgrade request, in the same packet or right after it (gate.py)."""

import pytest
import trio

from tests.worker.echo import Echo
from tests.worker.serving import serving
from trichat.wire.link import Closed, Text

tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@tls
async def test_a_frame_in_the_packet_of_the_handshake_is_the_links_first(tls: bool) -> None:
    app = Echo()
    with trio.fail_after(20):
        async with serving(app, tls=tls) as server, server.client() as client:
            head = await client.upgrade(early=client.text("early"), offer_deflate=True)
            assert b" 101 " in head
            assert b"permessage-deflate" not in head
            assert await client.message() == "early"
            await client.send(client.text("late"))
            assert await client.message() == "late"
            assert await client.bye(4000) == 4000
    assert app.handled == [Text("early"), Text("late"), Closed(4000)]


@tls
async def test_every_frame_before_a_clean_close_is_handled(tls: bool) -> None:
    app = Echo()
    sent = [str(number) for number in range(300)]
    with trio.fail_after(20):
        async with serving(app, tls=tls) as server, server.client() as client:
            await client.upgrade(early=b"".join(map(client.text, sent)) + client.closing())
            assert await client.close_code() == 1000
    assert app.handled == [*map(Text, sent), Closed(1000)]
