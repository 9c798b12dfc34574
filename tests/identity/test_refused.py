"""Which tokens of an identity provider are refused, and how, over a whole server."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from tests.auth.test_provider import by_hand
from tests.identity.providers import (
    REFUSED,
    SECRET,
    assert_refused_everywhere,
    me,
    named,
    published,
    served,
)
from tests.issuer import Issuer, pem, rsa_key, signed
from tests.server import ChatServer, settings_for
from trichat.auth.providererrors import ProviderKeysError
from trichat.auth.secret import WeakSecretError
from trichat.composition.server import open_server
from trichat.settings import Auth, Identity, Settings

BAD: dict[str, Any] = {
    "expired": {"exp": time.time() - 60},
    "not yet valid": {"nbf": time.time() + 3600},
    "issued in the future": {"iat": time.time() + 3600},
    "of another issuer": {"iss": "https://evil.example"},
    "for others": {"aud": "another"},
    "for refreshing": {"typ": "Refresh"},
    "without end": {"exp": None},
}


@pytest.mark.parametrize("claims", BAD.values(), ids=BAD)
async def test_all_5_a_bad_token_is_refused_everywhere(
    server: ChatServer, issuer: Issuer, claims: dict[str, Any]
) -> None:
    token = issuer.token(**claims)
    assert await me(server, token) == (401, {"detail": "Could not validate credentials"})
    await assert_refused_everywhere(server, token)


async def test_all_5_algorithms_are_not_confused(server: ChatServer, issuer: Issuer) -> None:
    public = pem(issuer.keys["one"])
    for token in (
        _signed_with(public, "HS256"),
        _signed_with(public, "none"),
        signed(rsa_key(5), "RS256", "one"),
        signed(rsa_key(), "RS512", "one"),
        signed(rsa_key(), "PS256", "one"),
    ):
        assert (await me(server, token))[0] == 401
    await assert_refused_everywhere(server, _signed_with(public, "HS256"))


def _signed_with(secret: bytes, algorithm: str) -> str:
    """By hand: PyJWT refuses to make such a token."""
    header = {"alg": algorithm, "typ": "JWT", "kid": "one"}
    return by_hand(header, None if algorithm == "none" else secret, exp=time.time() + 60)


async def test_our_own_tokens_need_our_own_secret(server: ChatServer, issuer: Issuer) -> None:
    ann = await server.person("ann")
    forged = issuer.token(sub=ann.uuid, user_id=ann.id, username="ann", type="access")
    assert await named(server, forged) != "ann"
    assert await named(server, ann.token) == "ann"


async def test_the_log_tells_why_a_token_is_neither_ours_nor_its(
    server: ChatServer, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for token, why in (
        (signed(b"x" * 40, "HS256"), "as ours: wrong signature"),
        (issuer.token(exp=1), "as the identity provider's: expired"),
    ):
        assert (await me(server, token))[0] == 401
        assert why in caplog.text
        assert token not in caplog.text


# Keys that change, and a provider that does not answer


async def test_a_rotated_key_is_seen_at_the_first_token(server: ChatServer, issuer: Issuer) -> None:
    assert await named(server, issuer.token(preferred_username="ann")) == "ann"
    issuer.keys = {"two": rsa_key(1)}
    assert await named(server, issuer.token("two")) == "ann"
    old = signed(rsa_key(), "RS256", "one")
    assert (await me(server, old))[0] == 401  # it is withdrawn


async def test_a_provider_that_is_down_stops_no_known_key(
    server: ChatServer, issuer: Issuer
) -> None:
    token = issuer.token(preferred_username="ann")
    assert await named(server, token) == "ann"
    issuer.go_down()
    unknown = signed(rsa_key(1), "RS256", "two")
    assert (await me(server, unknown))[0] == 401
    assert await named(server, issuer.token()) == "ann"
    async with server.socket("channels", token) as client:
        assert (await client.next())["username"] == "ann"
    bob = await server.person("bob")
    assert await named(server, bob.token) == "bob"


async def test_a_provider_that_is_down_does_not_keep_us_from_starting(
    tmp_path: Path, issuer: Issuer
) -> None:
    identity = published(issuer)
    issuer.answer = b"HTTP/1.1 500 Oops\r\n\r\n"
    async with served(tmp_path, identity) as server:
        bob = await server.person("bob")
        assert await named(server, bob.token) == "bob"
        assert (await me(server, issuer.token()))[0] == 503
        issuer.answer = None
        with trio.fail_after(30):
            while (await me(server, issuer.token(preferred_username="ann")))[0] != 200:
                pass


TEMPORARY = "The credentials cannot be validated now, try again later"


async def test_all_5_while_no_key_is_known_the_refusal_is_temporary(
    tmp_path: Path, issuer: Issuer
) -> None:
    """401 would make a client throw its login away over a fault that is not its own."""
    issuer.answer = b"HTTP/1.1 500 Oops\r\n\r\n"
    async with served(tmp_path, published(issuer, jwks_retry=60.0)) as server:
        token = issuer.token(preferred_username="ann")
        assert await me(server, token) == (503, {"detail": TEMPORARY})
        refused = await server.refusal(f"/ws/chat?token={token}")
        assert refused.status_code == 503
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        for dialect in REFUSED:
            async with trio.open_nursery() as nursery:
                client = await server.connect(nursery, dialect, token, "hall")
                assert await client.close_code() == 1013, dialect
                await client.abort()
        bob = await server.person("bob")
        assert await named(server, bob.token) == "bob"
        async with server.socket("channels", bob) as client:
            assert (await client.next())["username"] == "bob"
        for bad in ("nonsense", signed(b"x" * 40, "HS256"), bob.token[:-4] + "AAAA"):
            assert (await me(server, bad))[0] == 401  # no key of the provider's would make it good
        page = (await server.get("/metrics")).text
        assert 'trichat_errors_total{code="undecided",dialect="lobby"} 1.0' in page


async def test_the_temporary_refusal_says_when_to_come_again(
    tmp_path: Path, issuer: Issuer
) -> None:
    issuer.answer = b"HTTP/1.1 500 Oops\r\n\r\n"
    async with served(tmp_path, published(issuer, jwks_retry=60.0)) as server:
        headers = {"authorization": f"Bearer {issuer.token()}"}
        async with httpx.AsyncClient(base_url=f"http://{server.address}") as client:
            answer = await client.get("/api/v1/auth/me", headers=headers)
        assert answer.status_code == 503
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert "www-authenticate" not in answer.headers


async def test_nobody_else_waits_for_a_provider_that_is_slow(
    server: ChatServer, issuer: Issuer
) -> None:
    ann = issuer.token(preferred_username="ann")
    assert await named(server, ann) == "ann"
    bob = await server.person("bob")
    issuer.stuck = trio.Event()
    asked = issuer.asked
    done: list[int] = []

    async def wait_for_it() -> None:
        status, _ = await me(server, signed(rsa_key(1), "RS256", "two"))
        done.append(status)

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait_for_it)
            while issuer.asked == asked:
                await trio.lowlevel.checkpoint()
            assert await named(server, ann) == "ann"
            assert await named(server, bob.token) == "bob"
            async with server.socket("channels", ann) as client:
                assert (await client.next())["username"] == "ann"
            assert (await me(server, "no token"))[0] == 401
            assert not done  # all of that while it waits
            issuer.stuck.set()
    assert done == [401]


# Starting


async def test_a_secret_that_is_ours_is_refused(tmp_path: Path) -> None:
    """Who has it could be anyone here."""
    file = tmp_path / "secret"
    file.write_text(SECRET)
    auth = Auth(secret=SECRET)  # type: ignore[arg-type]
    identity = Identity(algorithms=("HS256",), secret_file=str(file))
    settings = settings_for(tmp_path / "data", auth=auth, identity=identity)
    await assert_no_start(settings, ProviderKeysError, "signs our own tokens")


async def test_a_weak_secret_and_absent_keys_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("changeme-changeme-changeme-changeme")
    weak = Identity(algorithms=("HS256",), secret_file=str(file))
    await assert_no_start(
        settings_for(tmp_path / "a", identity=weak), WeakSecretError, f"^{file} repeats 9 bytes"
    )
    absent = Identity(algorithms=("RS256",), keys_file=str(tmp_path / "absent"))
    settings = settings_for(tmp_path / "b", identity=absent)
    await assert_no_start(settings, ProviderKeysError, "absent: cannot be read")


async def assert_no_start(settings: Settings, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why) as caught:
        async with open_server(settings):
            pass
    assert SECRET not in str(caught.value)
