"""An identity provider as the settings describe it: every one of them has its effect."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.issuer import AUDIENCE, ISSUER, Issuer, open_issuer, pem, rsa_key, signed
from trichat.auth.provider import Provider
from trichat.auth.providererrors import KeysNotKnownError
from trichat.auth.tokens import InvalidTokenError, Tokens
from trichat.composition.identity_provider import make_provider
from trichat.settings import Identity

OURS = Tokens(b"q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa", lifetime=60)


def provider(identity: Identity) -> Provider:
    made = make_provider(identity, OURS)
    assert made is not None
    return made


@asynccontextmanager
async def published(issuer: Issuer, **more: Any) -> AsyncIterator[Provider]:
    given: dict[str, Any] = {"algorithms": ("RS256",), "jwks_url": issuer.url, "audience": AUDIENCE}
    async with trio.open_nursery() as nursery:
        made = provider(Identity(**(given | more)))
        nursery.start_soon(made.run)
        with trio.fail_after(30):
            yield made
        nursery.cancel_scope.cancel()


async def refusal(by: Provider, token: str) -> str:
    with pytest.raises(InvalidTokenError) as caught:
        await by.verify(token)
    return str(caught.value)


async def undecided(by: Provider, token: str) -> None:
    with pytest.raises(KeysNotKnownError):
        await by.verify(token)


async def accepted(by: Provider, token: str) -> bool:
    with suppress(InvalidTokenError):
        await by.verify(token)
        return True
    await trio.lowlevel.checkpoint()
    return False


def test_there_is_none_unless_algorithms_are_named() -> None:
    assert make_provider(Identity(), OURS) is None


async def test_what_a_token_must_say_and_what_it_is_read_for(tmp_path: Path) -> None:
    file = tmp_path / "keys.pem"
    file.write_bytes(pem(rsa_key()))
    by = provider(
        Identity(
            algorithms=("RS256",),
            keys_file=str(file),
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=60,
            subject_claim="user_id",
            username_claim="nick",
            email_claim="mail",
            create_users=True,
        )
    )
    claims: dict[str, Any] = {"user_id": 7, "nick": "ann", "mail": "ann@example.com"}
    found = await by.verify(signed(rsa_key(), "RS256", exp=time.time() - 30, **claims))
    assert (found.subject, found.username, found.email) == ("7", "ann", "ann@example.com")
    assert by.create
    for more, why in (
        ({"exp": time.time() - 61}, "expired"),
        ({"iss": "https://evil.example"}, "wrong issuer"),
        ({"aud": "another"}, "wrong audience"),
        ({"user_id": None}, "user_id is missing"),
    ):
        assert await refusal(by, signed(rsa_key(), "RS256", **(claims | more))) == why


async def test_keys_at_an_address_are_looked_at_as_often_as_is_said() -> None:
    async with open_issuer() as issuer:
        async with published(issuer, jwks_refresh=0.01) as by:
            await by.verify(issuer.token())
            while issuer.asked < 4:
                await trio.lowlevel.checkpoint()
        async with published(issuer, jwks_retry=0.001) as by:  # and when a key is unknown
            await by.verify(issuer.token())
            issuer.keys = {"two": rsa_key(1)}
            with trio.fail_after(5):  # less than the default
                while not await accepted(by, issuer.token("two")):
                    pass


async def test_no_more_is_read_and_no_longer_waited_than_is_said() -> None:
    async with open_issuer() as issuer:
        async with published(issuer, jwks_bytes=10) as by:
            await undecided(by, issuer.token())
        issuer.stuck = trio.Event()
        asked = issuer.asked
        async with published(issuer, jwks_timeout=0.1, jwks_retry=0.01) as by:
            with trio.fail_after(5):  # the default
                await undecided(by, issuer.token())
                while issuer.asked < asked + 3:
                    await trio.lowlevel.checkpoint()
        issuer.stuck.set()
