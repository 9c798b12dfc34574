"""What ends a login ends its sockets at once in every dialect, and no others (all-17); tickets open
them all.
"""

import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock

from tests.dialects.speech import CLOSED, DIALECTS, heard, texts
from tests.rooms import open_room
from tests.server import NEW_KEY, PASSWORD, ChatServer, Client, Person
from tests.wire.scripted import START, open_bench
from trichat.auth import apikeys
from trichat.auth.refreshing import new_ticket
from trichat.runtime.accounts import NotIdentifiedError
from trichat.store.apikeys import AddApiKey

UNUSED, _ = new_ticket()
each = pytest.mark.parametrize("dialect", DIALECTS)


async def again(server: ChatServer, person: Person) -> tuple[Person, str]:
    """The same person by another login, with its refresh token."""
    body = {"username": person.name, "password": "Secret1x", "refresh": True}
    status, answer = await server.rest(None, "POST", "/auth/login", body)
    assert status == 200, answer
    return evolve(person, token=answer["access_token"]), answer["refresh_token"]


async def post(server: ChatServer, by: Person | None, path: str, body: Any = None) -> Any:
    method = "PUT" if path == "password" else "POST"
    status, answer = await server.rest(by, method, f"/auth/{path}", body)
    assert status == 200, answer
    return answer


class Doorway:
    """Sockets of one dialect, each heard once, so that it is in."""

    def __init__(self, server: ChatServer, dialect: str, stack: AsyncExitStack) -> None:
        self.server, self.dialect, self.stack = server, dialect, stack

    async def open(self, by: Person | str, **headers: str) -> Client:
        socket = self.server.socket(self.dialect, by, "hall", headers)
        client = await self.stack.enter_async_context(socket)
        await heard(client, self.dialect)
        return client

    async def ended(self, *clients: Client) -> None:
        for client in clients:
            assert await client.close_code() == CLOSED[self.dialect]

    async def goes_on(self, *clients: Client) -> None:
        for client in clients:
            await heard(client, self.dialect)


@each
@pytest.mark.promise("all-17")
async def test_all_17_logout_ends_the_sockets_of_its_login(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    other, refresh = await again(server, ann)
    async with AsyncExitStack() as stack:
        door = Doorway(server, dialect, stack)
        mine = [await door.open(ann), await door.open(ann)]
        by_ticket = await door.open((await post(server, ann, "ticket"))["ticket"])
        others = [await door.open(other), await door.open(bob)]
        renewed = evolve(
            other,
            token=(await post(server, None, "refresh", {"refresh_token": refresh}))["access_token"],
        )
        others.append(await door.open(renewed))
        await post(server, ann, "logout")
        await door.ended(*mine, by_ticket)
        await door.goes_on(*others)
        await post(server, other, "logout")  # of one login, before and behind its refreshing
        await door.ended(others[0], others[2])
        await door.goes_on(others[1])


@each
@pytest.mark.promise("all-17")
async def test_all_17_a_new_password_ends_every_other_login(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    other, _ = await again(server, ann)
    bare = server.runtime.accounts.token(ann.user)  # an operator's, of no login
    async with AsyncExitStack() as stack:
        door = Doorway(server, dialect, stack)
        mine = await door.open(ann)
        others = [await door.open(other), await door.open(bare)]
        body = {"current_password": "Secret1x", "new_password": "Secret2x"}
        await post(server, ann, "password", body)
        await door.ended(*others)
        await door.goes_on(mine)
        await post(server, ann, "logout-everywhere")
        await door.ended(mine)


@each
@pytest.mark.promise("all-17")
async def test_all_17_a_refresh_token_used_twice_ends_its_login(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    other, refresh = await again(server, ann)
    async with AsyncExitStack() as stack:
        door = Doorway(server, dialect, stack)
        mine, others = await door.open(ann), await door.open(other)
        first = await post(server, None, "refresh", {"refresh_token": refresh})
        await post(server, None, "refresh", {"refresh_token": first["refresh_token"]})
        status, _ = await server.rest(None, "POST", "/auth/refresh", {"refresh_token": refresh})
        assert status == 401
        await door.ended(others)
        await door.goes_on(mine)


async def test_all_17_an_api_key_has_an_end_of_its_own(server: ChatServer) -> None:
    ann = await server.person("ann")
    key = (await server.rest(ann, "POST", "/auth/keys", NEW_KEY))[1]["key"]
    assert apikeys.is_key(key)
    async with server.socket("lobby", None, headers={"x-api-key": key}) as bot:
        await heard(bot, "lobby")
        await post(server, ann, "logout-everywhere")
        await heard(bot, "lobby")


@pytest.mark.promise("lobby-2")
@pytest.mark.parametrize("keeps", [False, True])
async def test_all_17_a_new_password_ends_what_api_keys_opened(
    server: ChatServer, keeps: bool
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    headers = []
    for person in (ann, ann, bob):
        _, made = await server.rest(person, "POST", "/auth/keys", NEW_KEY)
        headers.append({"x-api-key": made["key"]})
    async with AsyncExitStack() as stack:
        hers, her_other, his = [
            await stack.enter_async_context(server.socket("lobby", None, headers=each))
            for each in headers
        ]
        own = await stack.enter_async_context(server.socket("lobby", ann))
        body = {"current_password": PASSWORD, "new_password": "Another-2", "keep_api_keys": keeps}
        assert (await server.rest(ann, "PUT", "/auth/password", body))[0] == 200
        for bot in (hers, her_other):
            if keeps:
                await heard(bot, "lobby")
            else:
                assert await bot.close_code() == CLOSED["lobby"]
        await heard(his, "lobby")
        await heard(own, "lobby")
        refused = await server.refusal("/ws/chat", headers[0])
        assert refused.status_code == (101 if keeps else 401)


@pytest.mark.promise("lobby-2")
async def test_all_17_a_socket_ends_with_its_api_key(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path) as bench:
        ann = await bench.user("ann")
        key, digest = apikeys.new_key()
        made = AddApiKey(ann.id, digest, "bot", START, expires_at=START + 600_000)
        number = await bench.runtime.storage.submit(made)
        identity = await bench.runtime.accounts.identify_key(key)
        assert (identity.key_id, identity.expires_at) == (number, START / 1000 + 600)
        link = bench.connect("lobby", ann, key_id=number, expires_at=identity.expires_at)
        for_ever = bench.connect("lobby", ann, key_id=99)
        link.pings = for_ever.pings = False
        await trio.sleep(599)
        assert not link.ended.is_set()
        await trio.sleep(2)
        assert (link.closed, link.reason) == (1008, "API key expired")
        assert for_ever.closed is None
        with pytest.raises(NotIdentifiedError, match="expired"):
            await bench.runtime.accounts.identify_key(key)


# -- tickets


@each
async def test_a_ticket_opens_one_socket(server: ChatServer, dialect: str) -> None:
    ann = await server.person("ann")
    ticket = (await post(server, ann, "ticket"))["ticket"]
    async with server.socket(dialect, ticket, "hall") as client:
        await heard(client, dialect)
        for refused in (ticket, UNUSED, "tct_x", "tct_"):
            await is_refused(server, dialect, refused)
        await heard(client, dialect)
    await is_refused(server, dialect, ticket)


@each
async def test_a_ticket_ends_with_the_login_that_it_was_given_for(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    ticket = (await post(server, ann, "ticket"))["ticket"]
    await post(server, ann, "logout")
    await is_refused(server, dialect, ticket)


@each
async def test_the_token_decides_where_both_are_shown(server: ChatServer, dialect: str) -> None:
    ann = await server.person("ann")
    ticket = (await post(server, ann, "ticket"))["ticket"]
    await is_refused(server, dialect, f"nonsense&ticket={ticket}")
    async with server.socket(dialect, f"{ann.token}&ticket=nonsense", "hall") as client:
        await heard(client, dialect)
    async with server.socket(dialect, ticket, "hall") as client:  # nobody has used it
        await heard(client, dialect)


@pytest.mark.promise("all-5")
async def test_all_5_tickets_and_refresh_tokens_reach_no_log(
    server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "trichat")
    ann, refresh = await again(server, await server.person("ann"))
    ticket = (await post(server, ann, "ticket"))["ticket"]
    async with server.socket("chats", ticket) as client:
        await heard(client, "chats")
    await is_refused(server, "chats", ticket)
    renewed = await post(server, None, "refresh", {"refresh_token": refresh})
    await post(server, None, "refresh", {"refresh_token": renewed["refresh_token"]})
    await server.rest(None, "POST", "/auth/refresh", {"refresh_token": refresh})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("trichat")]
    assert any("used twice" in line for line in ours)
    for secret in (ticket, refresh, renewed["refresh_token"]):
        assert not any(secret[4:] in line for line in ours)


async def is_refused(server: ChatServer, dialect: str, shown: str) -> None:
    """In the dialect's own way."""
    if dialect == "lobby":
        path = server.url(dialect, shown).partition(server.address)[2]
        refused = await server.refusal(path)
        assert refused.status_code == 401
        assert refused.json()["detail"].partition(": ")[0] in ("token invalid", "ticket invalid")
        return
    async with server.socket(dialect, shown, "hall") as client:
        assert await client.close_code() == CLOSED[dialect]


# -- lost membership


@pytest.mark.parametrize("dialect", ["chats", "channels", "conversations"])
async def test_who_has_left_hears_nothing_that_is_said_later(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    place = await open_room(server, ann, "den", bob, private=True)
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(server.socket(dialect, bob, "den")) for _ in range(2)
        ]
        for client in sockets:
            await place.entered(client, dialect)
        for number in range(3):
            body = {"channel_id": place.uuid, "content": f"before {number}"}
            await server.rest(ann, "POST", "/messages/", body)
        assert (await server.rest(bob, "DELETE", f"/channels/{place.uuid}/leave"))[0] == 200
        for number in range(3):
            body = {"channel_id": place.uuid, "content": f"@bob after {number}"}
            await server.rest(ann, "POST", "/messages/", body)
        for client in sockets:
            said = texts(await heard(client, dialect), dialect)
            assert said == [f"before {number}" for number in range(3)]
