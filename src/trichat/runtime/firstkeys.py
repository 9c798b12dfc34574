"""A data directory that has no key file yet is given one, by a server's start or by a command."""

from pathlib import Path

import trio

from trichat.auth import signingkey
from trichat.auth.signing import SigningKeys
from trichat.auth.signingkey import FILE_NAME, SigningKeyError
from trichat.store.port import Store


async def first_keys(store: Store, data: Path, now: int) -> SigningKeys:
    """Make a key file, where there is none. Whoever calls this holds the data directory.

    Raises SigningKeyError where somebody is logged in by the key that is missing: it may have been
    lost on the way, with a volume or a copy. What was opened by it ends with Signing.begin.
    """
    stored = await store.signing()
    expected = bool(stored.kid) and not stored.moved  # it was here, and nobody took it away
    logins = await store.count_logins(now) if expected else 0
    if logins:
        raise SigningKeyError(
            f"{data / FILE_NAME}: is missing, and {logins} logins are open by it; put it back"
            " (mode 0600), or end them with: trichat logout --all; the next start makes a new key"
            " then"
        )
    return await trio.to_thread.run_sync(signingkey.create, data)
