"""Signing keys over a whole server: one takes the place of another, and nothing ends."""

import pytest
import trio

from tests.dialects.speech import heard
from tests.server import ChatServer
from tests.signing.keyed import BAD, kid, log_in, me, open_again, refreshed, until_kid_is_not
from trichat.auth import signingkey
from trichat.settings import Settings

pytestmark = pytest.mark.promise("all-17")


async def test_a_rotated_key_ends_nothing(server: ChatServer, settings: Settings) -> None:
    old = await server.person("ann")
    _, refresh = await log_in(server, "ann")
    async with server.socket("channels", old) as client:
        await heard(client, "channels")
        rotated = signingkey.rotate(settings.server.data, life=60)
        assert rotated is not None
        new = await until_kid_is_not(server, "ann", kid(old.token))
        assert kid(new.token) == rotated.current.kid
        assert (await me(server, old))[0] == (await me(server, new))[0] == 200
        status, answer = await refreshed(server, refresh)
        assert (status, kid(answer["access_token"])) == (200, rotated.current.kid)
        await heard(client, "channels")
    async with server.socket("lobby", old) as client:
        await heard(client, "lobby")
    async with open_again(server, settings) as again:
        assert (await me(again, old))[0] == 200  # a restart knows of it too
        assert (await refreshed(again, answer["refresh_token"]))[0] == 200


async def test_what_the_key_before_signed_ends_with_its_time(
    server: ChatServer, settings: Settings
) -> None:
    old = await server.person("ann")
    assert signingkey.rotate(settings.server.data, life=0) is not None
    new = await until_kid_is_not(server, "ann", kid(old.token))
    with trio.fail_after(10):
        while (await me(server, old))[0] == 200:  # for less than a second
            pass
    assert await me(server, old) == BAD
    assert (await me(server, new))[0] == 200


async def test_an_answer_that_was_lost_before_the_rotation_is_given_again(
    server: ChatServer, settings: Settings
) -> None:
    """The token that follows is made by the key: by the one of then."""
    ann = await server.person("ann")
    _, refresh = await log_in(server, "ann")
    _, lost = await refreshed(server, refresh)
    signingkey.rotate(settings.server.data, life=60)
    await until_kid_is_not(server, "ann", kid(ann.token))
    status, again = await refreshed(server, refresh)
    assert (status, again["refresh_token"]) == (200, lost["refresh_token"])
    assert (await refreshed(server, again["refresh_token"]))[0] == 200
    assert (await refreshed(server, refresh))[0] == 401  # used twice, now that its successor was
