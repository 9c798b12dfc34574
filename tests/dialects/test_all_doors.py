"""What holds at the doors of all five dialects: paths, credentials, ends."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import jwt
import pytest
import trio
from trio.testing import MockClock
from typed_settings import Secret

from tests.dialects.speech import CLOSED, DIALECTS, heard
from tests.server import NEW_KEY, ChatServer, open_chat_server, settings_for
from tests.wire.scripted import START, open_bench
from trichat.core.answers import Direct
from trichat.settings import Auth, Cors, Settings

SECRET = "Zm9yIHRoZSB0ZXN0cyBhbG9uZSwgbm90IGEgc2VjcmV0"
CLIENTS = ("trio-websocket", "httpx", "httpcore")  # the loggers of the tests' own clients
LATE = ("chats", "room", "channels", "conversations")  # refused after the upgrade


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A server whose signing secret the tests know."""
    async with open_chat_server(settings_for(tmp_path / "data", auth=auth())) as server:
        yield server


def auth(**given: Any) -> Auth:
    return Auth(
        secret=Secret(SECRET), argon2_time=1, argon2_memory=8, argon2_parallelism=1, **given
    )


async def test_all_1_five_paths_that_differ_by_a_slash(server: ChatServer) -> None:
    assert Settings().server.port == 8000
    ann = await server.person("ann")
    for dialect in DIALECTS:  # each path speaks its own dialect
        async with server.socket(dialect, ann, "general") as client:
            await heard(client, dialect)


@pytest.mark.parametrize("path", [
    "/ws/", "/chats/ws/", "/chats", "/", "//ws", "//ws/chat", "//ws/chat/", "//chats/ws",
    "/ws//chat", "/ws/chat//", "/ws/chat/a/b/", "/ws/chat/general//", "/WS", "/Chats/ws",
])  # fmt: skip
async def test_all_1_any_other_path_is_nobodys_and_nothing_redirects(
    server: ChatServer, path: str
) -> None:
    ann = await server.person("ann")
    answer = await server.upgrade(f"{path}?token={ann.token}")
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"location" not in answer.lower()


@pytest.mark.parametrize("dialect", LATE)
async def test_all_2_a_refused_socket_reads_nothing_and_is_gone_within_5_s(
    server: ChatServer, dialect: str
) -> None:
    path = server.url(dialect, "nonsense", "general").partition(server.address)[2]
    said = b"\x81\x82\0\0\0\0{}"  # a frame whose mask is nought
    began = trio.current_time()
    async with await server.plain(path) as stream:
        await stream.send_all(said)
        answer = b""
        with trio.fail_after(5):
            async for data in stream:
                answer += bytes(data)
        head, _, frames = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert frames == b"\x88\x0f" + CLOSED[dialect].to_bytes(2, "big") + b"token invalid"
        with pytest.raises(trio.BrokenResourceError):
            await talk_on(stream, said, began + 5)
    assert len(server.runtime.connections) == 0


async def talk_on(stream: trio.SocketStream, said: bytes, until: float) -> None:
    """Never answer the close, and go on sending."""
    while trio.current_time() < until:
        await stream.send_all(said)
        await trio.sleep(0.05)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_3_every_dialect_has_its_own_answers(server: ChatServer, dialect: str) -> None:
    """Malformed JSON, an unknown type, and a bad token: none of the five are alike."""
    malformed, unknown = {
        "chats": (1007, {"error": "Unknown action", "status": "error"}),
        "room": ({"error": "Invalid JSON"}, {"error": "The message is empty"}),
        "lobby": 2 * ({"type": "error", "data": {"message": "invalid message"}},),
        "channels": (
            {"type": "error", "error_code": "invalid_json", "message": "Invalid JSON format",
             "details": ""},
            {"type": "error", "error_code": "unknown_message_type",
             "message": "Unknown message type: x", "details": ""},
        ),
        "conversations": (
            {"type": "error", "message": "Invalid JSON"},
            {"type": "error", "message": "Unknown message type"},
        ),
    }[dialect]  # fmt: skip
    async with server.socket(dialect, await server.person("ann"), "hall") as client:
        await heard(client, dialect)
        assert await client.request({"type": "x", "action": "x"}) == unknown
        if isinstance(malformed, int):
            await client.send("{")
            assert await client.close_code() == malformed
        else:
            assert await client.request("{") == malformed
    if dialect == "lobby":
        assert (await server.refusal("/ws/chat?token=x")).status_code == 401
    else:
        async with server.socket(dialect, "x", "hall") as client:
            assert await client.close_code() == CLOSED[dialect]


def bad_tokens(subject: str) -> dict[str, str]:
    """Tokens that are almost good."""
    now = int(time.time())
    good = {"sub": subject, "exp": now + 600, "iat": now}

    def signed(claims: dict[str, object], key: str = SECRET, algorithm: str = "HS256") -> str:
        return jwt.encode(claims, key, algorithm)

    return {
        "expired": signed({**good, "exp": now - 1}),
        "not yet": signed({**good, "nbf": now + 600}),
        "no sub": signed({"exp": now + 600}),
        "no exp": signed({"sub": subject}),
        "wrong key": signed(good, SECRET[::-1]),
        "other algorithm": signed(good, SECRET * 2, "HS512"),
        "none": jwt.encode(good, None, "none"),  # type: ignore[arg-type]
        "refresh": signed({**good, "type": "refresh"}),
        "token_type": signed({**good, "token_type": "refresh"}),
        "typ": signed({**good, "typ": "refresh"}),
        "nobody": signed({**good, "sub": "00000000-0000-4000-8000-000000000000"}),
        "audience": signed({**good, "aud": "another"}),
        "empty": "",
    }


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_5_a_token_that_is_not_good_in_every_way_opens_nothing(
    server: ChatServer, dialect: str
) -> None:
    ann = await server.person("ann")
    for why, token in bad_tokens(ann.uuid).items():
        if dialect == "lobby":
            assert (await server.refusal(f"/ws/chat?token={token}")).status_code == 401, why
        else:
            async with server.socket(dialect, token, "hall") as client:
                assert await client.close_code() == CLOSED[dialect], why


# Why a token of bad_tokens() is refused, where that is more than that it is none for here.
TOLD = {"expired": "token expired", "empty": "token missing"}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_22_who_is_not_let_in_is_told_why(server: ChatServer, dialect: str) -> None:
    """And that it has expired only of a token that was good."""
    ann = await server.person("ann")
    shown: dict[str, str | None] = {**bad_tokens(ann.uuid), "absent": None}
    forged = {"sub": ann.uuid, "exp": int(time.time()) - 60}
    shown["expired and forged"] = jwt.encode(forged, SECRET[::-1], "HS256")
    for why, token in shown.items():
        told = TOLD.get(why, "token missing" if token is None else "token invalid")
        if dialect == "lobby":
            query = "" if token is None else f"?token={token}"
            reason = (await server.refusal(f"/ws/chat{query}")).json()["detail"]
        else:
            async with server.socket(dialect, token, "hall") as client:
                code, reason = await client.closed()
                assert code == CLOSED[dialect]
        word, _, where = reason.partition(": ")
        assert word == told, why
        assert ("?token=" in where) is (told == "token missing"), why


async def test_all_22_no_reason_tells_which_users_and_rooms_there_are(server: ChatServer) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    direct = await server.runtime.room_factory.open_direct(ann.user, bob.id)
    assert isinstance(direct, Direct)
    private = await server.channel(bob, "secret", private=True)

    async def ends(name: str) -> tuple[int, str]:
        async with server.socket("room", ann, name) as client:
            return await client.closed()

    unknown = await ends("00000000-0000-4000-8000-000000000000")
    assert unknown == await ends(direct.room.uuid) == (4000, "room not found")
    assert await ends(private) == await ends("secret") == (4003, "room is private")


@pytest.mark.parametrize("type_", [{}, {"type": "access"}])
async def test_all_5_an_absent_use_is_accepted(server: ChatServer, type_: dict[str, str]) -> None:
    ann = await server.person("ann")
    claims = {"sub": ann.uuid, "exp": int(time.time()) + 600, **type_}
    token = jwt.encode(claims, SECRET, "HS256")
    for dialect in DIALECTS:
        async with server.socket(dialect, token, "hall") as client:
            await heard(client, dialect)


async def test_all_5_the_first_credential_decides_without_falling_back(server: ChatServer) -> None:
    ann = await server.person("ann")
    key = (await server.rest(ann, "POST", "/auth/keys", NEW_KEY))[1]["key"]
    bad_header = {"authorization": "Bearer nonsense"}
    assert (await server.refusal("/ws/chat", {**bad_header, "x-api-key": key})).status_code == 401
    wrong_key = f"/ws/chat?token={ann.token}"
    assert (await server.refusal(wrong_key, {"x-api-key": "nonsense"})).status_code == 401
    async with server.socket("room", ann, "hall", bad_header) as client:
        assert await client.close_code() == 4001
    for dialect in ("chats", "channels", "conversations"):  # these take the query alone
        async with server.socket(dialect, ann, "hall", bad_header) as client:
            await heard(client, dialect)
    for dialect in LATE:  # of two in the query, the first
        async with server.socket(dialect, f"{ann.token}&token=nonsense", "hall") as client:
            await heard(client, dialect)
        async with server.socket(dialect, f"nonsense&token={ann.token}", "hall") as client:
            assert await client.close_code() == CLOSED[dialect]
    assert (await server.refusal(f"/ws/chat?token=x&token={ann.token}")).status_code == 401


async def test_all_5_a_token_in_a_query_string_never_reaches_a_log(
    server: ChatServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("trichat", "hypercorn.error", "hypercorn.access", "quart.app"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    ann = await server.person("ann")
    bad = ann.token[:-4] + "AAAA"
    for dialect in DIALECTS:
        async with server.socket(dialect, ann, "hall") as client:
            await heard(client, dialect)
        if dialect != "lobby":
            async with server.socket(dialect, bad, "hall") as client:
                await client.close_code()
    await server.refusal(f"/ws/chat?token={bad}")
    await server.upgrade(f"/ws/nowhere?token={bad}")
    ours = [record for record in caplog.records if not record.name.startswith(CLIENTS)]
    shown = "\n".join(record.getMessage() for record in ours) + "".join(capfd.readouterr())
    assert "turned away" in shown
    assert ann.token not in shown
    assert bad not in shown


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_all_17_a_barred_user_loses_every_socket_at_once(
    server: ChatServer, dialect: str
) -> None:
    ann, bob = await server.person("ann"), await server.person("bob")
    async with AsyncExitStack() as sockets:
        first = await sockets.enter_async_context(server.socket(dialect, ann, "hall"))
        second = await sockets.enter_async_context(server.socket(dialect, ann, "hall"))
        other = await sockets.enter_async_context(server.socket(dialect, bob, "hall"))
        for client in (first, second, other):
            await heard(client, dialect)
        server.runtime.connections.suspend(ann.id, "spam")
        for client in (first, second):
            assert await client.close_code() == CLOSED[dialect]
        await heard(other, dialect)


async def test_all_17_expiry_may_be_left_to_the_client(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_bench(tmp_path, Settings(auth=auth(close_on_expiry=False))) as bench:
        link = bench.connect("chats", await bench.user("ann"), expires_at=START / 1000 + 50)
        await trio.sleep(55)
        assert link.closed is None


@pytest.mark.parametrize("origin", ["https://anywhere.example", "null"])
async def test_all_18_origin_is_not_checked(server: ChatServer, origin: str) -> None:
    ann = await server.person("ann")
    for dialect in DIALECTS:
        async with server.socket(dialect, ann, "hall", {"origin": origin}) as client:
            await heard(client, dialect)


async def test_all_18_unless_configured(tmp_path: Path) -> None:
    cors = Cors(socket_origins=("https://chat.example",))
    async with open_chat_server(settings_for(tmp_path / "data", cors=cors)) as server:
        ann = await server.person("ann")
        for dialect in DIALECTS:
            path = server.url(dialect, ann.token, "hall").partition(server.address)[2]
            for near in (
                "https://anywhere.example", "http://chat.example", "https://chat.example:8443",
                "https://chat.example.evil", "https://evil-chat.example", "null", "*", "",
            ):  # fmt: skip
                answer = await server.refusal(path, {"origin": near})
                assert answer.status_code == 403, near
            for headers in ({"origin": "https://chat.example"}, {}):  # no browser: no Origin
                async with server.socket(dialect, ann, "hall", headers) as client:
                    await heard(client, dialect)
