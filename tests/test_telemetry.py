"""The log: what an entry tells, and that no token and no message's text ever reaches it (all-5)."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
import trio
from trio_websocket import ConnectionClosed

from tests.server import ChatServer, Person
from tests.test_faults import a_rule_that_raises
from trichat.auth import apikeys
from trichat.auth.keys import Key
from trichat.settings import Auth, Log, Ops
from trichat.store.apikeys import AddApiKey
from trichat.store.health import StoreError
from trichat.store.sqlite import SqliteStore
from trichat.store.users import CreateUser, SetPassword
from trichat.telemetry import configure_logging, redact, redact_record
from trichat.web.endpoints import Credential
from trichat.web.rest.auth import Credentials, NewUser

DIALECTS = ("chats", "room", "lobby", "channels", "conversations")
TEXT = "meet-me-at-the-old-mill"
PASSWORD = "Secret1x"  # of everyone in these tests
NO_TOKEN = "hunter2-is-no-token"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"
KEY = "tck_0123456789abcdef"

# Clients run in the same process here, and at debug level they tell all they do.
CLIENTS = ("httpx", "httpcore", "trio-websocket")


@contextmanager
def logging_to(
    stream: io.StringIO, format_: str, quiet: tuple[str, ...] = CLIENTS
) -> Iterator[None]:
    """As `trichat serve` logs at debug level; afterwards as pytest does."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", stream)
        configure_logging(Log("debug", format_))
    for name in quiet:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers = before
        root.setLevel(level)
        for name in CLIENTS:
            logging.getLogger(name).setLevel(logging.NOTSET)
        for name in ("hypercorn.error", "hypercorn.access"):
            logging.getLogger(name).removeFilter(redact_record)


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_own_requests_are_not_noted() -> None:
    """The server asks an identity provider for its keys: what went wrong is told, once."""
    stream = io.StringIO()
    with logging_to(stream, "json", quiet=()):
        logging.getLogger("httpx").info("HTTP Request: GET https://id.example/keys")
        logging.getLogger("httpcore.http11").debug("send_request_headers.started")
        logging.getLogger("trichat.auth.jwks").warning("the keys were not renewed")
    assert [entry["event"] for entry in entries(stream)] == ["the keys were not renewed"]


# What the store's condition tells once


@pytest.mark.parametrize(("level", "told"), [(logging.INFO, ["a bug"]), (logging.DEBUG, None)])
def test_whom_the_store_fails_says_so_only_where_everything_is_told(
    level: int, told: list[str] | None
) -> None:
    stream = io.StringIO()
    with logging_to(stream, "json"):
        logging.getLogger().setLevel(level)
        for error, text in ((StoreError("no disk"), "it failed me"), (ValueError("x"), "a bug")):
            logging.getLogger("trichat.wire").error(text, exc_info=error)
    assert [entry["event"] for entry in entries(stream)] == (told or ["it failed me", "a bug"])


# Tokens and texts


async def show_every_way(server: ChatServer, dialect: str, credential: str) -> None:
    """The credential where a peer may put it, and where they may not."""
    path = server.url(dialect, None, "hall").partition(server.address)[2]
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with httpx.AsyncClient(base_url=f"http://{server.address}", verify=False) as client:
        for query, headers in (
            (f"token={credential}", {}),
            (f"TOKEN={credential}", {}),
            (f"a=b&token={credential}&c=d", {}),
            (f"access_token={credential}&api_key={credential}", {}),
            (f"token={credential}%zz", {}),
            ("", {"authorization": f"Bearer {credential}"}),
            ("", {"authorization": f"bearer  {credential}"}),
            ("", {"authorization": f"Token {credential}"}),
            ("", {"authorization": credential}),
            ("", {"x-api-key": credential}),
            ("", {"sec-websocket-protocol": f"bearer, {credential}"}),
            ("", {"cookie": f"token={credential}"}),
        ):
            async with client.stream("GET", f"{path}?{query}", headers={**upgrade, **headers}):
                pass  # who was let in goes without a word
            for other in ("/api/v1/auth/me", "/nowhere", "/metrics"):
                await client.get(f"{other}?{query}", headers=headers)


def frames_of(hall: str, number: int) -> list[Any]:
    """The text in frames that one dialect or another carries out or refuses, and in no frames."""
    said = {"type": "text", "content": TEXT, "room_id": hall}
    return [
        {"type": "join_room", "data": {"room_id": hall}},
        {"action": "message", "chat_id": hall, "text": TEXT},
        {"action": "message", "chat_id": TEXT, "text": TEXT},
        {"action": TEXT},
        {"action": "subscribe", "chat_ids": [hall, TEXT]},
        {"message": TEXT},
        {"message": [TEXT]},
        {"message": TEXT * 1000},
        {"type": "send_message", "data": said},
        {"type": "send_message", "data": {**said, "type": TEXT}},
        {"type": "send_message", "data": {**said, "room_id": TEXT}},
        {"type": "chat.message", "conversation_id": number, "content": TEXT},
        {"type": "chat.message", "conversation_id": TEXT, "content": TEXT},
        {"type": "chat.search_user", "keyword": TEXT},
        {"type": TEXT, "data": TEXT},
        {"type": "join_channel", "channel_id": TEXT},
        {"type": "typing_indicator", "channel_id": hall, "is_typing": TEXT},
        f'{{"message": "\\ud800 {TEXT}"}}',
    ]


LAST = (f"{{{TEXT}", f'"{TEXT}"', TEXT.encode(), f'{{"message": "{TEXT * 20_000}"}}')


async def say(server: ChatServer, by: Person, dialect: str, hall: str, *frames: Any) -> None:
    """On a connection of its own; it is over when the server has seen all or ended it."""
    async with trio.open_nursery() as nursery:
        client = await server.connect(nursery, dialect, by, "hall")
        with suppress(ConnectionClosed):
            for frame in frames:
                await client.send(frame)
        await client.close()
        nursery.cancel_scope.cancel()


async def post(server: ChatServer, by: Person, hall: str) -> None:
    for body in (
        {"channel_id": hall, "content": TEXT},
        {"channel_id": TEXT, "content": TEXT},
        {"channel_id": hall, "content": [TEXT]},
        {"channel_id": hall, "content": TEXT * 1000},
        {TEXT: TEXT},
    ):
        await server.rest(by, "POST", "/messages/", body)


@contextmanager
def a_full_disk(server: ChatServer) -> Iterator[None]:
    """A real SQLITE_FULL for whatever needs a page more."""
    store = server.runtime.store
    assert isinstance(store, SqliteStore)
    limit = store._writer.pragma("max_page_count")
    store._writer.pragma("max_page_count", store._writer.pragma("page_count"))
    yield
    store._writer.pragma("max_page_count", limit)


@pytest.mark.parametrize(
    ("dialect", "format_"), [("room", "console"), *((dialect, "json") for dialect in DIALECTS)]
)
async def test_all_5_no_token_and_no_text_reaches_the_log(
    server: ChatServer, dialect: str, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    with logging_to(stream, format_):
        ann = await server.person("ann")
        hall = await server.channel(ann, "hall")
        key, digest = apikeys.new_key()
        await server.runtime.storage.submit(AddApiKey(ann.id, digest, "a bot", 0))
        credentials = (ann.token, NO_TOKEN, f"{ann.token}x", key, f"{key}x", JWT)
        for credential in credentials:
            await show_every_way(server, dialect, credential)
        body = {"username": "ann", "password": f"{PASSWORD}-wrong"}
        await server.rest(None, "POST", "/auth/login", body)
        frames = frames_of(hall, await server.room_id(hall))
        await say(server, ann, dialect, hall, *frames)
        for last in LAST:
            await say(server, ann, dialect, hall, last)
        await post(server, ann, hall)
        with a_rule_that_raises(monkeypatch):
            await server.rest(ann, "POST", "/messages/", {"channel_id": hall, "content": "poison"})
        with a_full_disk(server):
            for _ in range(5):
                await post(server, ann, hall)
            await say(server, ann, dialect, hall, *frames)
        await server.runtime.drain()
    log = stream.getvalue()
    for secret in (*credentials, TEXT, PASSWORD):
        assert secret not in log, log[max(0, log.index(secret) - 300) : log.index(secret) + 300]
    for sign in ("turned away", "connection closed", "Traceback"):
        assert sign in log, sign  # it was not silent


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"GET /ws?token={NO_TOKEN}&x=1", "GET /ws?token=[redacted]&x=1"),
        (f"?a=b&access_token={JWT} 101", "?a=b&access_token=[redacted] 101"),
        (f"/ws?api_key={NO_TOKEN}'", "/ws?api_key=[redacted]'"),
        (f"Authorization: Bearer {NO_TOKEN}", "Authorization: Bearer [redacted]"),
        (f"{{b'authorization': b'bearer {JWT}'}}", "{b'authorization': b'bearer [redacted]'}"),
        (f"x-api-key: {NO_TOKEN}", "x-api-key: [redacted]"),
        (f"(b'x-api-key', b'{NO_TOKEN}')", "(b'x-api-key', b'[redacted]')"),
        (f"args: [('token', '{NO_TOKEN}')]", "args: [('token', '[redacted]')]"),
        (f'{{"access_token": "{NO_TOKEN}", "x": 1}}', '{"access_token": "[redacted]", "x": 1}'),
        (f"{{b'api_key': b'{NO_TOKEN}'}}", "{b'api_key': b'[redacted]'}"),
        ("token: one", "token: one"),
        (f"key {KEY} of ann", "key [redacted] of ann"),
        (f"claims of {JWT}: bad", "claims of [redacted]: bad"),
        (f"token={NO_TOKEN}\\n", "token=[redacted]\\n"),
        ("a token is missing", "a token is missing"),
        ("eyJ.is.short", "eyJ.is.short"),
    ],
)
def test_what_is_taken_out_of_a_line(line: str, shown: str) -> None:
    assert redact(line) == shown


def test_a_token_in_an_exception_is_taken_out_too() -> None:
    stream = io.StringIO()
    with logging_to(stream, "json"):
        try:
            raise ValueError(f"cannot open /ws?token={NO_TOKEN}")
        except ValueError:
            logging.getLogger("any").exception("with %s", JWT, extra={"code": 7, "text": TEXT})
    (entry,) = entries(stream)
    assert entry["event"] == "with [redacted]"
    assert entry["code"] == 7
    assert "text" not in entry
    assert "cannot open /ws?token=[redacted]" in entry["exception"]


def test_hypercorns_own_handlers_get_records_without_tokens() -> None:
    """Its access log has handlers of its own and hands nothing on."""
    own = io.StringIO()
    handler = logging.StreamHandler(own)
    with logging_to(io.StringIO(), "json"):
        for name in ("hypercorn.access", "hypercorn.error"):
            logger = logging.getLogger(name)
            logger.addHandler(handler)
            try:
                logger.error("%(r)s", {"r": f"GET /ws?token={JWT}"})
                raise ValueError(f"token={NO_TOKEN}")
            except ValueError:
                logger.exception("Error in ASGI Framework")
            finally:
                logger.removeHandler(handler)
    assert own.getvalue().count("GET /ws?token=[redacted]") == 2
    assert JWT not in own.getvalue()
    assert NO_TOKEN not in own.getvalue()


def test_what_holds_a_secret_does_not_show_it() -> None:
    """Whoever prints it, in an exception's text for one."""
    for holder in (
        Key("HS256", NO_TOKEN.encode()),
        Credential(NO_TOKEN),
        NewUser("ann@example.com", "ann", NO_TOKEN),
        Credentials("ann", NO_TOKEN),
        CreateUser("uuid", "ann", None, NO_TOKEN, None, 0),
        SetPassword(1, NO_TOKEN, 0),
        Auth(secret=NO_TOKEN),  # type: ignore[arg-type]
        Ops(metrics_token=NO_TOKEN),  # type: ignore[arg-type]
    ):
        assert NO_TOKEN not in f"{holder!r} {holder}", type(holder)


# What an entry tells


async def test_an_entry_tells_its_connection_and_the_end_of_it_tells_how(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    with logging_to(stream, "json"):
        ann = await server.person("ann")
        await server.channel(ann, "hall")
        async with server.socket("chats", ann), server.socket("room", ann, "hall") as client:
            with a_rule_that_raises(monkeypatch):
                await client.send({"message": "poison"})
                while "could not be sent" not in await client.raw():
                    pass
        async with trio.open_nursery() as nursery:
            bad = await server.connect(nursery, "chats", NO_TOKEN)
            assert await bad.close_code() == 1008
            await bad.abort()
        await server.runtime.drain()
    told = entries(stream)
    opened = {entry["connection"]: entry for entry in told if entry["event"] == "connection open"}
    closed = {entry["connection"]: entry for entry in told if entry["event"] == "connection closed"}
    assert len(opened) == len(closed) == 2
    assert opened.keys() == closed.keys()
    assert sorted(entry["dialect"] for entry in closed.values()) == ["chats", "room"]
    for entry in closed.values():
        assert (entry["user"], entry["code"], entry["level"]) == (ann.id, 1000, "info")
        assert 0 <= entry["seconds"] < 60
        assert entry["logger"] == "trichat.wire.session"
        assert entry["timestamp"].endswith("Z")
    (refused,) = [entry for entry in told if entry["event"].startswith("turned away")]
    assert refused["dialect"] == "chats"
    assert refused["connection"] not in opened
    assert "user" not in refused
    # The room's actor was woken by that connection and outlives it: what it logs is its own.
    (fault,) = [entry for entry in told if "cannot decide" in entry["event"]]
    assert "a bug in a rule" in fault["exception"]
    assert not {"connection", "dialect", "user"} & fault.keys()
