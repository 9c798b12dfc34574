"""Tokens of an identity provider: what is accepted, whom it names, and what is refused (all-5)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.issuer import AUDIENCE, ISSUER, ec_key, pem, rsa_key, signed
from trichat.auth.keys import FixedKeys, Key
from trichat.auth.provider import MOST_TRIED, Claimed, ExternalUser, Provider
from trichat.auth.tokens import LONGEST_TOKEN, InvalidTokenError

SECRET = b"q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"
NOW = 1_800_000_000.0
EXP = NOW + 60
RS, ES, HS = ("RS256",), ("ES256",), ("HS256",)

KEYS = FixedKeys(
    [
        Key("RS256", rsa_key().public_key(), "one"),
        Key("RS256", rsa_key(1).public_key(), "two"),
        Key("ES256", ec_key().public_key(), "three"),
    ]
)


def provider(algorithms: tuple[str, ...] = RS, **more: Any) -> Provider:
    options: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "clock": lambda: NOW}
    keys = FixedKeys([Key("HS256", SECRET)]) if algorithms == HS else KEYS
    return Provider(keys, algorithms, **(options | more))


def token(kid: str | None = "one", **claims: Any) -> str:
    return signed(rsa_key(), "RS256", kid, **({"exp": EXP} | claims))


def by_hand(header: dict[str, Any], secret: bytes | None, **claims: Any) -> str:
    """Whatever the header says, signed as HS256 or not at all."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": EXP} | claims
    parts = [json.dumps(part).encode() for part in (header, claims)]
    head = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = b"" if secret is None else hmac.new(secret, head, hashlib.sha256).digest()
    return (head + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def refusal(text: str, by: Provider | None = None) -> str:
    with pytest.raises(InvalidTokenError) as caught:
        await (by or provider()).verify(text)
    assert text not in str(caught.value) or not text
    return str(caught.value)


# Accepted


async def test_a_token_names_its_user() -> None:
    claims = {"preferred_username": "ann", "email": "ann@example.com"}
    assert await provider().verify(token(**claims)) == ExternalUser(
        ISSUER, "ann-at-home", "ann", "ann@example.com", EXP
    )


@pytest.mark.parametrize(
    ("algorithms", "text"),
    [
        (RS, signed(rsa_key(), "RS256", "one", exp=EXP)),
        (RS, signed(rsa_key(1), "RS256", "two", exp=EXP)),
        (RS, signed(rsa_key(1), "RS256", None, exp=EXP)),
        (ES, signed(ec_key(), "ES256", "three", exp=EXP)),
        ((*RS, *ES), signed(ec_key(), "ES256", None, exp=EXP)),
        (HS, signed(SECRET, "HS256", None, exp=EXP)),
        (HS, signed(SECRET, "HS256", "any", exp=EXP)),
    ],
)
async def test_each_algorithm_and_key(algorithms: tuple[str, ...], text: str) -> None:
    assert (await provider(algorithms).verify(text)).subject == "ann-at-home"


async def test_a_framework_that_names_users_by_integers() -> None:
    mapped = Claimed(subject="user_id", username="name", email="mail")
    by = provider(claimed=mapped)
    text = token(
        sub=None, user_id=42, name="Ann", mail="ann@example.com", token_type="access", jti="x"
    )
    assert await by.verify(text) == ExternalUser(ISSUER, "42", "Ann", "ann@example.com", EXP)
    assert (await by.verify(token(sub=7, user_id=2**40))).subject == str(2**40)


@pytest.mark.parametrize("subject", ["", " " * 300, None, True, 1.5, [], {}, "a\0b", "x" * 256])
async def test_a_subject_that_names_nobody_is_refused(subject: Any) -> None:
    assert await refusal(token(sub=subject)) in ("sub names nobody", "sub is missing")


@pytest.mark.parametrize(
    ("claims", "username", "email"),
    [
        ({}, None, None),
        ({"preferred_username": "", "email": ""}, None, None),
        ({"preferred_username": "x" * 101, "email": "x" * 400}, None, None),
        ({"preferred_username": "a\nb", "email": "no address"}, None, None),
        ({"preferred_username": 7, "email": 7}, None, None),
        ({"preferred_username": "a\u200bb"}, None, None),
        ({"preferred_username": " \uff21nn\u3000 Lee "}, "Ann Lee", None),
        ({"email": "ann@example.com", "email_verified": False}, None, None),
        ({"email": "ann@example.com", "email_verified": "false"}, None, None),
        ({"email": "ann@example.com", "email_verified": "true"}, None, "ann@example.com"),
        ({"email": "ann@example.com", "email_verified": True}, None, "ann@example.com"),
    ],
)
async def test_a_name_or_address_that_could_not_be_his_is_left_out(
    claims: dict[str, Any], username: str | None, email: str | None
) -> None:
    outsider = await provider().verify(token(**claims))
    assert (outsider.username, outsider.email) == (username, email)


async def test_without_an_issuer_of_ours_its_own_is_part_of_who_he_is() -> None:
    by = provider(issuer=None)
    assert (await by.verify(token(iss="https://a.example"))).issuer == "https://a.example"
    assert (await by.verify(token(iss=None))).issuer == ""


# Confusion of algorithms


@pytest.mark.parametrize("secret", [pem(rsa_key()), pem(rsa_key()).strip()])
@pytest.mark.parametrize("algorithms", [RS, ES, HS, (*RS, *ES)])
async def test_all_5_a_public_key_is_no_secret(algorithms: tuple[str, ...], secret: bytes) -> None:
    text = by_hand({"alg": "HS256", "typ": "JWT", "kid": "one"}, secret)
    expected = "wrong signature" if algorithms == HS else "algorithm not allowed"
    assert await refusal(text, provider(algorithms)) == expected


@pytest.mark.parametrize("name", ["none", "None", "NONE", "", "HS512", "RS512", "PS256", "EdDSA"])
@pytest.mark.parametrize("algorithms", [RS, HS])
async def test_all_5_no_other_algorithm(algorithms: tuple[str, ...], name: str) -> None:
    for secret in (None, SECRET, pem(rsa_key())):
        text = by_hand({"alg": name, "typ": "JWT"}, secret)
        assert await refusal(text, provider(algorithms)) in ("algorithm not allowed", "not a token")


async def test_all_5_a_key_is_of_one_algorithm() -> None:
    both = provider((*RS, *ES))
    as_rsa = signed(ec_key(), "ES256", "one", exp=EXP)  # the name of a key of RSA
    assert await refusal(as_rsa, both) == "signed with an unknown key"
    assert await refusal(signed(ec_key(), "ES256", "three", exp=EXP)) == "algorithm not allowed"


@pytest.mark.parametrize("field", ["jwk", "jku", "x5u", "x5c"])
async def test_all_5_no_key_that_the_token_itself_brings(field: str) -> None:
    brought = {
        "jwk": json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(2).public_key())),
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/cert",
        "x5c": ["AAAA"],
    }[field]
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": EXP}
    text = jwt.encode(claims, rsa_key(2), "RS256", headers={"kid": "one", field: brought})
    assert await refusal(text) == "wrong signature"


# Refused


async def test_an_unknown_key_is_refused() -> None:
    assert await refusal(token("unknown")) == "signed with an unknown key"
    assert await refusal(signed(rsa_key(2), "RS256", "one", exp=EXP)) == "wrong signature"
    assert await refusal(signed(rsa_key(2), "RS256", None, exp=EXP)) == "wrong signature"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": NOW}, "expired"),
        ({"exp": NOW - 3600}, "expired"),
        ({"exp": None}, "exp is missing"),
        ({"exp": "soon"}, "exp is not a time"),
        ({"nbf": NOW + 1}, "not yet valid"),
        ({"iat": NOW + 1}, "issued in the future"),
        ({"iss": "https://evil.example"}, "wrong issuer"),
        ({"iss": None}, "iss is missing"),
        ({"iss": ISSUER + "/"}, "wrong issuer"),
        ({"aud": "another"}, "wrong audience"),
        ({"aud": []}, "aud is missing"),
        ({"aud": None}, "aud is missing"),
        ({"typ": "Refresh"}, "typ names another use than access"),
        ({"token_type": "refresh"}, "token_type names another use than access"),
        ({"typ": "ID"}, "typ names another use than access"),
    ],
)
async def test_all_5_what_else_is_wrong_is_refused(claims: dict[str, Any], why: str) -> None:
    assert await refusal(token(**claims)) == why


async def test_of_many_keys_a_few_are_tried_for_a_token_that_names_none() -> None:
    keys = [ec_key(number) for number in range(MOST_TRIED + 1)]
    by = Provider(FixedKeys([Key("ES256", key.public_key()) for key in keys]), ES)
    claims: dict[str, Any] = {"aud": None, "exp": time.time() + 60}
    await by.verify(signed(keys[MOST_TRIED - 1], "ES256", **claims))
    assert await refusal(signed(keys[MOST_TRIED], "ES256", **claims), by) == "wrong signature"


async def test_what_is_too_long_is_not_looked_at() -> None:
    assert await refusal("x" * (LONGEST_TOKEN + 1)) == "too long"
    assert await refusal(token(pad="x" * LONGEST_TOKEN)) == "too long"


async def test_one_audience_of_several_is_ours() -> None:
    await provider().verify(token(aud=["other", AUDIENCE]))
    unaddressed = provider(audience=None)
    await unaddressed.verify(token(aud=None))
    assert await refusal(token(), unaddressed) == "wrong audience"


async def test_leeway_forgives_and_is_part_of_the_end() -> None:
    by = provider(leeway=30)
    assert (await by.verify(token(exp=NOW - 29))).expires_at == NOW + 1
    assert await refusal(token(exp=NOW - 30), by) == "expired"
    await by.verify(token(nbf=NOW + 30))
    assert await refusal(token(nbf=NOW + 31), by) == "not yet valid"
    assert (await by.verify(token(iat=NOW + 30))).issued_at == NOW + 30
    assert await refusal(token(iat=NOW + 30.5), by) == "issued in the future"


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b.c", "é.é.é", "x" * (LONGEST_TOKEN + 1), "e30.e30.e30", "\ud800", "\0"],
)
async def test_what_is_no_token_is_refused(text: str) -> None:
    assert await refusal(text) in ("not a token", "too long", "algorithm not allowed")


header_values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), header_values),
    st.text(max_size=20),
)
async def test_no_header_raises_anything_else(header: dict[str, Any], rest: str) -> None:
    for alg in ({}, {"alg": "RS256"}):
        with pytest.raises(InvalidTokenError):
            await provider().verify(by_hand(header | alg, SECRET))
        with pytest.raises(InvalidTokenError):
            await provider().verify(by_hand(header | alg, SECRET).rpartition(".")[0] + rest)
