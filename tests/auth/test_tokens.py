"""Tokens (all-5): what is accepted, what is refused, and with which word."""

import base64
import json
import secrets
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trichat.auth.secret import WeakSecretError
from trichat.auth.signing import SigningKey, SigningKeys
from trichat.auth.tokens import (
    LONGEST_TOKEN,
    Claims,
    InvalidTokenError,
    Tokens,
)

pytestmark = pytest.mark.promise("all-5")

SECRET = b"q7Zk3vX9pL2mN8bT4cR6wY1sD5fG0hJa"
USER = "6f1b3c52-8d0e-4b7a-9c55-0a4f5d3e2b10"
NOW = 1_800_000_000.5


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def tokens(clock: Clock | None = None, **options: Any) -> Tokens:
    return Tokens(SECRET, clock=clock or Clock(), **({"lifetime": 1800} | options))


def signed(secret: bytes = SECRET, /, **claims: Any) -> str:
    return jwt.encode({"sub": USER, "exp": NOW + 60} | claims, secret, "HS256")


def by_hand(header: object, claims: object, secret: bytes = SECRET) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    head = b".".join(parts)
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head, secret)
    return (head + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def refusal(token: str, **options: Any) -> str:
    with pytest.raises(InvalidTokenError) as caught:
        tokens(**options).verify(token)
    return str(caught.value)


def test_an_issued_token_is_accepted_and_names_the_user() -> None:
    issued = tokens().issue(USER, 7, "ada")
    claims = tokens().verify(issued)
    payload = jwt.decode(issued, options={"verify_signature": False})
    assert claims == Claims(USER, 1_800_001_801, payload["jti"], issued_at=1_800_000_000)
    assert payload == {
        "sub": USER,
        "user_id": 7,
        "username": "ada",
        "iat": 1_800_000_000,
        "exp": 1_800_001_801,
        "jti": claims.jti,
        "type": "access",
    }
    header = jwt.get_unverified_header(issued)
    assert header == {"alg": "HS256", "typ": "JWT", "kid": SigningKey(SECRET).kid}


def test_no_two_tokens_share_an_id() -> None:
    issuer = tokens()
    assert len({issuer.verify(issuer.issue(USER, 7, "ada")).jti for _ in range(50)}) == 50


@pytest.mark.parametrize("leeway", [0, 30])
def test_a_token_ends_at_its_expiry_plus_the_leeway(leeway: float) -> None:
    clock = Clock()
    service = tokens(clock, leeway=leeway)
    token = signed(exp=NOW + 60)
    end = service.verify(token).expires_at
    assert end == NOW + 60 + leeway
    clock.now = end - 0.001
    assert service.verify(token).expires_at == end
    clock.now = end
    with pytest.raises(InvalidTokenError, match=r"^expired$"):
        service.verify(token)


def test_not_before_is_kept_with_the_leeway() -> None:
    assert refusal(signed(nbf=NOW + 0.5)) == "not yet valid"
    assert tokens(leeway=1).verify(signed(nbf=NOW + 0.5)).subject == USER
    assert tokens().verify(signed(nbf=NOW)).subject == USER


def test_a_foreign_clock_that_runs_ahead_is_forgiven() -> None:
    assert tokens().verify(signed(iat=NOW + 3600)).subject == USER


@pytest.mark.parametrize("missing", ["sub", "exp"])
def test_sub_and_exp_are_required(missing: str) -> None:
    claims = {"sub": USER, "exp": NOW + 60}
    del claims[missing]
    assert refusal(jwt.encode(claims, SECRET, "HS256")) == f"{missing} is missing"


@pytest.mark.parametrize("sub", [7, True, ["x"], {"id": 1}])
def test_sub_must_be_a_string(sub: object) -> None:
    token = by_hand({"alg": "HS256"}, {"sub": sub, "exp": NOW + 60})
    assert refusal(token) == "sub is not a string"


def test_an_empty_sub_names_nobody() -> None:
    assert refusal(signed(sub="")) == "sub is empty"


@pytest.mark.parametrize("exp", ["soon", "1800000060", True, [], {}, float("nan"), 10**400])
def test_exp_must_be_a_time(exp: object) -> None:
    assert refusal(by_hand({"alg": "HS256"}, {"sub": USER, "exp": exp})) == "exp is not a time"


def test_nbf_must_be_a_time() -> None:
    assert refusal(signed(nbf="soon")) == "nbf is not a time"


@pytest.mark.parametrize("name", ["token_type", "typ", "type"])
@pytest.mark.parametrize("use", ["refresh", "REFRESH", "id", "reset", "", 1, ["access"]])
def test_a_token_for_another_use_is_refused(name: str, use: object) -> None:
    assert refusal(signed(**{name: use})) == f"{name} names another use than access"


@pytest.mark.parametrize("name", ["token_type", "typ", "type"])
@pytest.mark.parametrize("use", ["access", "Access", "Bearer", None])
def test_a_token_for_access_or_for_no_named_use_is_accepted(name: str, use: object) -> None:
    assert tokens().verify(signed(**{name: use})).subject == USER


def test_the_header_typ_is_no_claim() -> None:
    token = jwt.encode(
        {"sub": USER, "exp": NOW + 60}, SECRET, "HS256", headers={"typ": "refresh+jwt"}
    )
    assert tokens().verify(token).subject == USER


def test_a_wrong_signature_is_refused() -> None:
    assert refusal(signed(secrets.token_bytes(32))) == "wrong signature"
    head, _, signature = signed().rpartition(".")
    other = "A" if signature[0] != "A" else "B"
    assert refusal(f"{head}.{other}{signature[1:]}") == "wrong signature"
    assert refusal(f"{head}.") == "wrong signature"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "HS512", "RS256", "", None, [], 1])
def test_only_hs256_is_allowed_whatever_the_header_says(algorithm: object) -> None:
    token = by_hand({"alg": algorithm}, {"sub": USER, "exp": NOW + 60})
    assert refusal(token) == "algorithm not allowed"


def test_a_properly_signed_token_of_another_algorithm_is_refused() -> None:
    longer = SECRET * 2
    token = jwt.encode({"sub": USER, "exp": NOW + 60}, longer, "HS512")
    with pytest.raises(InvalidTokenError, match=r"^algorithm not allowed$"):
        Tokens(longer, lifetime=60, clock=Clock()).verify(token)


def test_an_unsigned_token_is_refused() -> None:
    token = jwt.encode({"sub": USER, "exp": NOW + 60}, "", "none")
    assert refusal(token) == "algorithm not allowed"


def test_issuer_and_audience_are_demanded_once_configured() -> None:
    configured: dict[str, Any] = {"issuer": "house", "audience": "chat"}
    assert tokens(**configured).verify(tokens(**configured).issue(USER, 7, "ada")).subject == USER
    assert refusal(signed(aud="chat"), **configured) == "iss is missing"
    assert refusal(signed(iss="other", aud="chat"), **configured) == "wrong issuer"
    assert refusal(signed(iss="house", aud="mail"), **configured) == "wrong audience"
    assert refusal(signed(iss="house"), **configured) == "aud is missing"


def test_without_an_audience_of_our_own_a_token_for_another_one_is_refused() -> None:
    assert refusal(signed(aud="mail")) == "wrong audience"
    assert tokens().verify(signed(iss="anyone")).subject == USER


def test_a_long_token_is_refused_before_it_is_parsed() -> None:
    assert refusal("a" * (LONGEST_TOKEN + 1)) == "too long"
    assert refusal(signed(pad="x" * LONGEST_TOKEN)) == "too long"


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "Bearer x", "é" * 9, "\ud800", "\0", "a"])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert refusal(text) == "not a token"


def test_a_claims_set_that_is_no_object_is_refused() -> None:
    assert refusal(by_hand({"alg": "HS256"}, [USER])) == "not a token"
    assert refusal(by_hand({"alg": "HS256"}, {"sub": USER, "exp": 1, "jti": 5})) == (
        "jti is not a string"
    )


@given(st.text())
def test_arbitrary_text_is_refused_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        tokens().verify(text)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["sub", "exp", "nbf", "iat", "aud", "iss", "jti", "typ", "type"])


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64"]), anything) | anything,
    st.dictionaries(names, anything) | anything,
    st.booleans(),
)
def test_arbitrary_parts_are_refused_or_accepted_and_nothing_else_is_raised(
    header: Any, claims: Any, good: bool
) -> None:
    if good:
        header = {"alg": "HS256"}
        if isinstance(claims, dict):
            claims = {"sub": USER, "exp": NOW + 60} | claims
    try:
        accepted = tokens().verify(by_hand(header, claims))
    except InvalidTokenError:
        return
    assert accepted.expires_at > NOW


def test_a_weak_secret_signs_nothing() -> None:
    with pytest.raises(WeakSecretError, match="the signing secret has 31 bytes: expected 32"):
        Tokens(SECRET[:31], lifetime=60)


# -- several keys

NEXT, BEFORE = b"Ht6Wq2Zx8Lc4Vb0Nm5Kj9Pf3Rd7Sg1Ya", b"Xm3Bv7Nc1Qw5Er9Ty2Ui6Op0As4Df8Gh"
UNTIL = 1_800_000_500.0


def rotated(**options: Any) -> Tokens:
    former = (SigningKey(SECRET, UNTIL), SigningKey(BEFORE, UNTIL - 300))
    keys = SigningKeys(SigningKey(NEXT), former)
    return Tokens(keys, lifetime=1800, clock=options.pop("clock", Clock()), **options)


def test_all_5_what_a_key_of_before_signed_counts_until_its_time() -> None:
    clock = Clock()
    by = rotated(clock=clock)
    last = tokens().issue(USER, 7, "ada")
    first = Tokens(BEFORE, lifetime=1800, clock=clock).issue(USER, 7, "ada")
    bare = jwt.encode({"sub": USER, "exp": 1_900_000_000}, SECRET, "HS256")  # before keys had ids
    for token in (last, first, bare, by.issue(USER, 7, "ada")):
        assert by.verify(token).subject == USER
    clock.now = UNTIL - 300
    refused(by, first)
    clock.now = UNTIL - 0.5
    assert by.verify(last).subject == by.verify(bare).subject == USER
    clock.now = UNTIL
    for token in (last, bare):
        refused(by, token)
    assert by.verify(by.issue(USER, 7, "ada")).subject == USER


def test_all_5_no_other_key_signs_whatever_it_is_called() -> None:
    by = rotated()
    forged = Tokens(b"Zz1Yy2Xx3Ww4Vv5Uu6Tt7Ss8Rr9Qq0Pp", lifetime=60, clock=Clock())
    claims = {"sub": USER, "exp": 1_900_000_000}
    for kid in (SigningKey(NEXT).kid, SigningKey(SECRET).kid, "other", "", None):
        header = None if kid is None else {"kid": kid}
        refused(by, jwt.encode(claims, forged._keys.current.secret, "HS256", headers=header))
    named = jwt.encode(claims, SECRET, "HS256", headers={"kid": SigningKey(NEXT).kid})
    refused(by, named)  # a token says whose it is: that key, and no other, is tried
    elsewhere = jwt.encode(claims, SECRET, "HS256", headers={"kid": "another's"})
    assert by.verify(elsewhere).subject == USER


def test_the_keys_may_change_under_way() -> None:
    by = tokens()
    old = by.issue(USER, 7, "ada")
    by.use(SigningKeys(SigningKey(NEXT), (SigningKey(SECRET, UNTIL),)))
    new = by.issue(USER, 7, "ada")
    assert jwt.get_unverified_header(new)["kid"] == SigningKey(NEXT).kid
    assert by.verify(old).subject == by.verify(new).subject == USER
    assert by.signs_with(NEXT)
    assert by.signs_with(SECRET)
    by.use(SigningKeys(SigningKey(NEXT)))
    refused(by, old)
    assert not by.signs_with(SECRET)


def refused(by: Tokens, token: str) -> None:
    with pytest.raises(InvalidTokenError, match="wrong signature"):
        by.verify(token)
