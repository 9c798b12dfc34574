"""The settings say how tokens are signed, and for how long they live."""

from trichat.auth.signing import SigningKeys
from trichat.auth.signingkey import configured_keys
from trichat.auth.tokens import Tokens
from trichat.settings import Settings


def keys_of_settings(settings: Settings) -> SigningKeys | None:
    """Return the keys that sign in place of a key file, if the settings hold any.

    Raises WeakSecretError.
    """
    auth = settings.auth
    return configured_keys(auth.secret.get_secret_value(), auth.former_secret.get_secret_value())


def make_tokens(settings: Settings, keys: SigningKeys) -> Tokens:
    """Make what signs tokens with these keys, and verifies them."""
    auth = settings.auth
    return Tokens(
        keys,
        lifetime=auth.token_lifetime,
        leeway=auth.leeway,
        issuer=auth.issuer or None,
        audience=auth.audience or None,
    )
