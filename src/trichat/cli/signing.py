"""Commands use the key that signs tokens beside a server or without one."""

from math import ceil

import attrs
import trio

from trichat.auth import signingkey
from trichat.auth.signing import SigningKeys
from trichat.auth.signingkey import FILE_NAME
from trichat.cli.migrating import RefusedError
from trichat.composition.tokens import keys_of_settings
from trichat.datadir import DataDirectory, DataDirectoryInUseError
from trichat.runtime.clock import wall_clock
from trichat.runtime.firstkeys import first_keys
from trichat.settings import Settings
from trichat.store.port import Store


async def keys_to_sign(settings: Settings, store: Store) -> SigningKeys:
    """Return the keys that the server signs with, made where there is no server and no login yet.

    Raises RefusedError, SigningKeyError or WeakSecretError.
    """
    data = settings.server.data
    keys = keys_of_settings(settings) or signingkey.load(data)
    if keys is not None:
        return keys
    try:
        with DataDirectory(data):
            return await first_keys(store, data, wall_clock())
    except DataDirectoryInUseError as error:
        raise RefusedError(
            f"{data / FILE_NAME}: is missing, and no command makes one beside a server ({error});"
            " a server that is started without it makes a new key"
        ) from None


@attrs.frozen
class Rotated:
    """The ids of the key that signs now and of the one before it.

    until: UNIX seconds for which what that one signed counts.
    """

    kid: str
    former: str
    until: float


async def rotate(settings: Settings) -> Rotated:
    """Put a new key into the file. Raises RefusedError or SigningKeyError."""
    if keys_of_settings(settings) is not None:
        raise RefusedError(
            "auth.secret is set, and signs: set another in its place, and this one as"
            " auth.former_secret for as long as a token lives"
        )
    auth, data = settings.auth, settings.server.data
    life = ceil(auth.token_lifetime + auth.leeway) + 1
    keys = await trio.to_thread.run_sync(lambda: signingkey.rotate(data, life=life))
    if keys is None:
        raise RefusedError(f"{data / FILE_NAME}: is missing; a server's start makes it")
    last = keys.former[0]
    return Rotated(keys.current.kid, last.kid, last.until)
