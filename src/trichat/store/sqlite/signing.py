"""Which key signs tokens, and the end of everything that was signed."""

import apsw

from trichat.store.signing import EndEverything, Signing, UseSigningKey
from trichat.store.sqlite import apikeys
from trichat.store.sqlite.topic import Reader, Writes


def end_everything(db: apsw.Connection, write: EndEverything) -> bool:
    """Of everybody."""
    _end_of_everybody(db, write.at)
    if write.keys:
        apikeys.revoke_all(db, write.at)
    db.execute(
        "INSERT INTO signing (one, everyone_out_at) VALUES (1, ?1)"
        " ON CONFLICT (one) DO UPDATE SET everyone_out_at = max(?1, everyone_out_at + 1)",
        (write.at,),
    )
    return True


def use_signing_key(db: apsw.Connection, write: UseSigningKey) -> bool:
    """And perhaps the end of what another gave out."""
    if write.ends:
        _end_of_everybody(db, write.at)
    db.execute(
        "INSERT INTO signing (one, kid) VALUES (1, ?1) ON CONFLICT (one)"
        " DO UPDATE SET kid = ?1, moved = 0",
        (write.kid,),
    )
    return True


def _end_of_everybody(db: apsw.Connection, at: int) -> None:
    db.execute("UPDATE logins SET ended_at = ? WHERE ended_at IS NULL", (at,))
    db.execute("UPDATE users SET tokens_since = ?1 WHERE tokens_since < ?1", (at,))
    db.execute("DELETE FROM tickets")


def signing(db: apsw.Connection) -> Signing:
    """As it was stored last."""
    query = "SELECT kid, everyone_out_at, moved FROM signing WHERE one = 1"
    for kid, everyone_out_at, moved in db.execute(query):
        return Signing(kid, everyone_out_at, bool(moved))
    return Signing()


WRITES: Writes = {
    UseSigningKey: use_signing_key,
    EndEverything: end_everything,
}


class SigningKeys(Reader):
    """What is read of signing keys."""

    async def signing(self) -> Signing:
        return await self._read(signing)
