"""The settings describe the identity provider whose tokens count beside ours."""

from pathlib import Path

from trichat.auth.keys import FixedKeys, Key, Keys, pem_file, secret_file
from trichat.auth.provider import Claimed, Provider
from trichat.auth.providererrors import ProviderKeysError
from trichat.auth.tokens import Tokens
from trichat.settings import Identity


def make_provider(identity: Identity, ours: Tokens) -> Provider | None:
    """Make the identity provider, if there is one. Raises ProviderKeysError or WeakSecretError."""
    if not identity.algorithms:
        return None
    return Provider(
        _provider_keys(identity, ours),
        identity.algorithms,
        issuer=identity.issuer or None,
        audience=identity.audience or None,
        leeway=identity.leeway,
        claimed=Claimed(identity.subject_claim, identity.username_claim, identity.email_claim),
        create=identity.create_users,
    )


def _provider_keys(identity: Identity, ours: Tokens) -> Keys:
    if identity.secret_file:
        secret = secret_file(Path(identity.secret_file))
        if ours.signs_with(secret):
            raise ProviderKeysError(
                f"{identity.secret_file}: holds the secret that signs our own tokens: "
                "expected another, or its holder could be anyone here"
            )
        return FixedKeys([Key("HS256", secret)])
    if identity.keys_file:
        return FixedKeys(pem_file(Path(identity.keys_file)))
    # Few servers have a provider, and httpx takes a tenth of the time of all other imports.
    from trichat.auth.jwks import PublishedKeys, over_http

    fetch = over_http(identity.jwks_url, timeout=identity.jwks_timeout, limit=identity.jwks_bytes)
    return PublishedKeys(
        fetch,
        refresh=identity.jwks_refresh,
        retry=identity.jwks_retry,
        patience=identity.jwks_timeout,
    )
