"""Keys that a provider publishes: fetched, kept, renewed, and never waited for without need."""

import json
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.issuer import Issuer, ec_key, jwk, open_issuer, rsa_key
from tests.wire import tls
from trichat.auth.jwks import PublishedKeys, over_http
from trichat.auth.providererrors import KeysNotKnownError, ProviderKeysError

REFRESH, RETRY, PATIENCE = 600.0, 10.0, 5.0


class Provider:
    """What is published, by kid; it answers after `delay` seconds, or not while it is down."""

    def __init__(self, *kids: str) -> None:
        self.kids = kids
        self.delay = 0.0
        self.down = False
        self.asked: list[float] = []

    async def fetch(self) -> bytes:
        self.asked.append(trio.current_time())
        await trio.sleep(self.delay)
        if self.down:
            raise ProviderKeysError("is down")
        return json.dumps({"keys": [jwk(rsa_key(), kid) for kid in self.kids]}).encode()


@asynccontextmanager
async def kept(provider: Provider) -> AsyncIterator[PublishedKeys]:
    keys = PublishedKeys(provider.fetch, refresh=REFRESH, retry=RETRY, patience=PATIENCE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keys.run)
        yield keys
        nursery.cancel_scope.cancel()


async def kids(keys: PublishedKeys, kid: str | None) -> list[str | None]:
    return [key.kid for key in await keys.find("RS256", kid)]


async def test_the_first_token_waits_for_the_first_fetch(autojump_clock: MockClock) -> None:
    provider = Provider("one")
    provider.delay = 3
    async with kept(provider) as keys:
        began = trio.current_time()
        assert await kids(keys, "one") == ["one"]
        assert trio.current_time() - began == 3
        assert await kids(keys, None) == ["one"]
        assert await keys.find("ES256", "one") == []
    assert len(provider.asked) <= 2


async def test_keys_are_renewed_on_an_interval(autojump_clock: MockClock) -> None:
    provider = Provider("one")
    async with kept(provider) as keys:
        await kids(keys, "one")
        provider.kids = ("two",)
        await trio.sleep(REFRESH + 1)
        assert len(provider.asked) == 2
        assert await kids(keys, "two") == ["two"]
        assert len(provider.asked) == 2
        await trio.sleep(RETRY)
        assert await kids(keys, "one") == []  # withdrawn


async def test_an_unknown_key_is_asked_for_at_once_and_at_a_bounded_rate(
    autojump_clock: MockClock,
) -> None:
    provider = Provider("one")
    async with kept(provider) as keys:
        await kids(keys, "one")
        await trio.sleep(RETRY)
        provider.kids = ("one", "two")
        began = trio.current_time()
        assert await kids(keys, "two") == ["two"]  # rotated: seen without waiting for the interval
        assert trio.current_time() == began
        for number in range(1000):  # made up by anybody
            assert await kids(keys, f"unknown {number}") == []
            await trio.sleep(0.1)
    assert 10 <= len(provider.asked) <= 13
    gaps = [
        after - before
        for before, after in zip(provider.asked[1:], provider.asked[2:], strict=False)
    ]
    assert min(gaps) >= RETRY


async def test_many_at_once_share_one_fetch(autojump_clock: MockClock) -> None:
    provider = Provider("one")
    async with kept(provider) as keys:
        await kids(keys, "one")
        await trio.sleep(RETRY)
        provider.kids = ("one", "two")
        provider.delay = 1
        found: list[list[str | None]] = []

        async def request() -> None:
            found.append(await kids(keys, "two"))

        async with trio.open_nursery() as nursery:
            for _ in range(50):
                nursery.start_soon(request)
    assert found == [["two"]] * 50
    assert len(provider.asked) == 2


async def test_a_provider_that_is_down_stops_no_known_key(autojump_clock: MockClock) -> None:
    provider = Provider("one")
    async with kept(provider) as keys:
        await kids(keys, "one")
        provider.down = True
        for _ in range(10):
            await trio.sleep(REFRESH)
            began = trio.current_time()
            assert await kids(keys, "one") == ["one"]
            assert trio.current_time() == began
        provider.down = False
        provider.kids = ("two",)
        await trio.sleep(RETRY + 1)  # after a failure it is tried again sooner
        assert await kids(keys, "two") == ["two"]


async def test_after_a_failure_it_is_asked_again_sooner(autojump_clock: MockClock) -> None:
    provider = Provider("one")
    provider.down = True
    async with kept(provider) as keys:
        await trio.sleep(2 * RETRY + 1)
        provider.down = False
        await trio.sleep(RETRY)
        assert await kids(keys, "one") == ["one"]
        await trio.sleep(2 * RETRY)
    assert provider.asked == [pytest.approx(provider.asked[0] + n * RETRY) for n in range(4)]


async def test_until_a_fetch_succeeds_nobody_can_tell_which_keys_there_are(
    autojump_clock: MockClock,
) -> None:
    provider = Provider("one")
    provider.delay, provider.down = 1, True
    async with kept(provider) as keys:
        for waits in (RETRY, RETRY - 3):  # asked again so many seconds later
            with pytest.raises(KeysNotKnownError) as caught:
                await keys.find("RS256", "one")
            assert caught.value.retry_after == pytest.approx(waits)
            await trio.sleep(3)
        provider.down = False
        await trio.sleep(RETRY)
        assert await kids(keys, "one") == ["one"]
        provider.down = True
        await trio.sleep(2 * REFRESH)
        assert await kids(keys, "two") == []  # what was known is known


async def test_a_provider_that_never_answers_is_waited_for_no_longer_than_is_said(
    autojump_clock: MockClock,
) -> None:
    provider = Provider("one")
    provider.delay = 3600
    async with kept(provider) as keys:
        began = trio.current_time()
        with pytest.raises(KeysNotKnownError) as caught:
            await keys.find("RS256", "one")
        assert trio.current_time() - began == PATIENCE
        assert caught.value.retry_after == 1


async def test_who_has_a_known_key_does_not_wait_for_a_slow_provider(
    autojump_clock: MockClock,
) -> None:
    provider = Provider("one")
    async with kept(provider) as keys:
        await kids(keys, "one")
        await trio.sleep(RETRY)
        provider.delay = 3600
        async with trio.open_nursery() as nursery:
            nursery.start_soon(kids, keys, "unknown")
            await wait_all_tasks_blocked(0.0)
            began = trio.current_time()
            assert await kids(keys, "one") == ["one"]
            assert trio.current_time() == began
        assert trio.current_time() - began == PATIENCE  # and that one not for ever


async def test_a_fault_of_ours_does_not_end_the_task(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    provider = Provider("one")
    good = provider.fetch
    faults = [RuntimeError("a bug")]

    async def fetch() -> bytes:
        if faults:
            raise faults.pop()
        return await good()

    provider.fetch = fetch  # type: ignore[method-assign]
    async with kept(provider) as keys:
        with pytest.raises(KeysNotKnownError):
            await kids(keys, "one")
        await trio.sleep(RETRY)
        assert await kids(keys, "one") == ["one"]
    assert "a bug" in caplog.text


# Over HTTP


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with open_issuer() as issuer:
        yield issuer


def raw(status: str, body: bytes, *headers: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}".encode(), *headers]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body])


async def refusal(issuer: Issuer, *, timeout: float = 5.0, limit: int = 10_000) -> str:
    with trio.fail_after(30), pytest.raises(ProviderKeysError) as caught:
        await over_http(issuer.url, timeout=timeout, limit=limit)()
    return str(caught.value)


async def test_a_set_is_fetched(issuer: Issuer) -> None:
    issuer.keys["two"] = ec_key()
    body = await over_http(issuer.url, timeout=10, limit=100_000)()
    assert [key["kid"] for key in json.loads(body)["keys"]] == ["one", "two"]


@pytest.mark.parametrize("status", ["500 Oops", "404 Not Found", "204 No Content"])
async def test_another_status_is_none(issuer: Issuer, status: str) -> None:
    issuer.answer = raw(status, b"")
    assert f"answered {status[:3]}" in await refusal(issuer)


async def test_a_redirect_is_not_followed(issuer: Issuer) -> None:
    issuer.answer = raw("302 Found", b"", f"location: {issuer.url}/other".encode())
    assert "answered 302" in await refusal(issuer)
    assert issuer.asked == 1


async def test_too_much_is_not_read(issuer: Issuer) -> None:
    issuer.answer = raw("200 OK", b"x" * 2_000_000)
    assert "sent more than 10000 bytes" in await refusal(issuer)


@pytest.mark.parametrize(
    "answer", [b"", b"no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"]
)
async def test_half_an_answer_is_none(issuer: Issuer, answer: bytes) -> None:
    issuer.answer = answer
    assert "cannot be read" in await refusal(issuer)


async def test_one_that_does_not_answer_is_given_up_and_holds_nobody(issuer: Issuer) -> None:
    issuer.stuck = trio.Event()
    fetch = over_http(issuer.url, timeout=0.3, limit=10_000)
    with trio.fail_after(30):
        for _ in range(3):  # each has the one thread to itself: the one before has let go
            with pytest.raises(ProviderKeysError, match=r"took longer than 0.3 s|cannot be read"):
                await fetch()
    issuer.stuck.set()
    issuer.stuck = None
    patient = over_http(issuer.url, timeout=10, limit=10_000)
    assert json.loads(await patient())["keys"]


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "begun",
    [HEAD + b"x: ", HEAD + b"content-length: 9999\r\n\r\n", HEAD + b"connection: close\r\n\r\n"],
    ids=["the head", "the body", "the body till the end"],
)
async def test_one_that_drips_is_given_up_and_holds_nobody(begun: bytes) -> None:
    asked = 0

    async def answer(stream: trio.SocketStream) -> None:
        nonlocal asked
        asked += 1
        first = asked == 1
        await stream.receive_some()
        with suppress(trio.BrokenResourceError):
            await stream.send_all(begun if first else raw("200 OK", b"good"))
            while first:
                await trio.sleep(0.02)
                await stream.send_all(b"x")

    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, answer, [listener])
        port = listener.socket.getsockname()[1]
        fetch = over_http(f"http://127.0.0.1:{port}/", timeout=0.5, limit=10_000)
        with trio.fail_after(5), pytest.raises(ProviderKeysError):
            await fetch()
        assert await fetch() == b"good"  # the one thread is free
        nursery.cancel_scope.cancel()


async def test_a_name_that_is_looked_up_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = threading.Event()

    def look_up(*asked: Any) -> Any:
        *_, flags = asked
        if flags & socket.AI_NUMERICHOST:  # which asks nobody
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        found.wait()
        raise OSError("nobody of that name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        for _ in range(2):
            with trio.fail_after(5), pytest.raises(ProviderKeysError, match="took longer"):
                await over_http("https://id.example/", timeout=0.1, limit=10_000)()
    finally:
        found.set()


async def test_the_certificate_must_be_good_and_reading_it_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    read_in: list[threading.Thread] = []
    trusting = ssl.create_default_context

    def trusts() -> ssl.SSLContext:
        read_in.append(threading.current_thread())
        return trusting()

    async with open_issuer(tls.serving()) as issuer:
        monkeypatch.setattr(ssl, "create_default_context", trusts)
        assert "CERTIFICATE_VERIFY_FAILED" in await refusal(issuer)
        assert issuer.asked == 0
        tls.authority().cert_pem.write_to_path(str(root))
        body = await over_http(issuer.url, timeout=10, limit=10_000)()
        assert json.loads(body)["keys"]
        other = issuer.url.replace("localhost", "127.0.0.1")  # which the certificate does not name
        with pytest.raises(ProviderKeysError, match="CERTIFICATE_VERIFY_FAILED"):
            await over_http(other, timeout=10, limit=10_000)()
        assert issuer.asked == 1
    assert len(read_in) == 3
    assert threading.main_thread() not in read_in


@pytest.mark.parametrize("host", ["a..b", "x" * 70])
async def test_a_host_that_cannot_be(host: str) -> None:
    with pytest.raises(ProviderKeysError, match="cannot be read"):
        await over_http(f"https://{host}/keys", timeout=10, limit=10_000)()


async def test_nobody_there(issuer: Issuer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        issuer.port = taken.getsockname()[1]
        assert "cannot be read" in await refusal(issuer)
