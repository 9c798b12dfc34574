"""Below the reserve of free disk each dialect refuses sends in its words, and all else goes on."""

import logging

import pytest

from tests.dialects.speech import heard, texts
from tests.dialects.test_all_sends import KEY, about, first_answer, keyed
from tests.listeners import DIALECTS, FAILED
from tests.rooms import open_room
from tests.server import PASSWORD, ChatServer
from trichat.logevents import LogEvent

pytestmark = pytest.mark.promise("all-25")

UNAVAILABLE = {"detail": "Storage is unavailable, nothing was changed; try again later"}


def fill(server: ChatServer, *, full: bool = True) -> None:
    """The disk, as it is seen from now on."""
    reserve = server.runtime.reserve
    reserve._measure = lambda place: 0 if full else 1 << 40
    reserve._judge(reserve._measure(reserve._place))


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_send_is_refused_in_the_dialects_words_and_taken_later(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    async with server.socket(dialect, ann, "hall") as one, server.socket("chats", bob) as other:
        await place.entered(one, dialect)
        await place.entered(other, "chats")
        await heard(one, dialect)
        fill(server)
        for _ in range(2):
            await one.send(place.message(dialect, "refused"))
            assert await one.next() == FAILED[dialect]
        assert texts(await heard(other, "chats"), "chats") == []
        fill(server, full=False)
        await one.send(place.message(dialect, "taken"))
        assert "taken" in texts(await heard(one, dialect), dialect) or dialect == "chats"
        assert texts(await heard(other, "chats"), "chats") == ["taken"]


async def test_rest_refuses_a_send_and_nothing_else(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "hall", bob)
    post = {"channel_id": place.uuid, "content": "hello"}
    _, message = await server.rest(ann, "POST", "/messages/", post)
    fill(server)
    assert await server.rest(ann, "POST", "/messages/", post) == (503, UNAVAILABLE)
    stranger = {"channel_id": place.uuid, "content": ""}
    assert (await server.rest(ann, "POST", "/messages/", stranger))[0] == 422  # as ever
    at = f"/messages/{message['id']}"
    reaction = {"message_id": message["id"], "emoji": "👍"}
    register = {"username": "eve", "email": "eve@example.com", "password": PASSWORD}
    for method, path, body in (
        ("GET", f"/messages/channel/{place.uuid}", None),
        ("POST", "/auth/login", {"username": "ann", "password": PASSWORD}),
        ("POST", "/auth/register", register),
        ("POST", "/messages/reactions", reaction),
        ("PUT", at, {"content": "edited"}),
        ("DELETE", at, None),
        ("POST", "/channels/", {"name": "another"}),
        ("DELETE", f"/channels/{place.uuid}/leave", None),
    ):
        status, answer = await server.rest(ann, method, path, body)
        assert status == 200, (method, path, answer)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_was_sent_before_is_answered_as_it_was_then(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    async with server.socket(dialect, ann, "hall", resume="1") as client:
        await place.entered(client, dialect)
        await client.send(keyed(place, dialect, "hello", KEY))
        await heard(client, dialect)
        fill(server)
        await client.send(keyed(place, dialect, "hello", KEY))
        frames = about(await heard(client, dialect))
        assert frames == [await first_answer(server, place, dialect)]


async def test_who_may_not_send_learns_nothing_of_the_disk(server: ChatServer) -> None:
    ann, eve = await server.person("ann"), await server.person("eve")
    uuid = await server.channel(ann, "secret", private=True)
    post = {"channel_id": uuid, "content": "hello"}
    before = await server.rest(eve, "POST", "/messages/", post)
    fill(server)
    assert await server.rest(eve, "POST", "/messages/", post) == before


async def test_the_log_and_the_metrics_tell_it_once(
    server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trichat.events")
    ann = await server.person("ann")
    place = await open_room(server, ann, "hall")
    post = {"channel_id": place.uuid, "content": "hello"}
    for full in (True, False):
        for _ in range(3):
            fill(server, full=full)
            await server.rest(ann, "POST", "/messages/", post)
        shown = server.runtime.metrics.registry.get_sample_value
        assert shown("trichat_storage_short") == full
        assert shown("trichat_storage_free_bytes") == (0 if full else 1 << 40)
    told = [record.getMessage() for record in caplog.records]
    episode = [name for name in told if name.startswith("disk reserve")]
    assert episode == [LogEvent.RESERVE_REACHED, LogEvent.RESERVE_LEFT]
