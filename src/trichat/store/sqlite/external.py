"""Users whom an identity provider knows."""

import apsw

from trichat.core.model import User
from trichat.core.names import comparison_key, enforced_username
from trichat.core.text import MAX_NAME
from trichat.store.external import AddExternalUser
from trichat.store.sqlite import naming, rows
from trichat.store.sqlite.topic import Reader, Writes
from trichat.store.users import Registered

MOST_NUMBERED = 99  # of one name: ann-2 to ann-99


def find(db: apsw.Connection, issuer: str, subject: str) -> User | None:
    """Whom this provider calls so."""
    query = "SELECT user_id FROM outsiders WHERE issuer = ? AND subject = ?"
    for (user_id,) in db.execute(query, (issuer, subject)):
        return rows.one_user(db, "id", user_id)
    return None


def admit(db: apsw.Connection, write: AddExternalUser) -> Registered:
    """The one there is, else a new one; the primary key decides a race."""
    known = find(db, write.issuer, write.subject)
    if known is not None:
        return Registered(known, first=False)
    email = write.email
    if email is not None and naming.address_is_taken(db, email):
        email = None
    first = db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None
    username = _free_name(db, write)
    db.execute(
        f"INSERT INTO users (uuid, {naming.COLUMNS}, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (write.uuid, *naming.cells(username, email), write.at, write.at),
    )
    user = rows.one_user(db, "uuid", write.uuid)
    assert user is not None
    db.execute(
        "INSERT INTO outsiders (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?)",
        (write.issuer, write.subject, user.id, write.at),
    )
    return Registered(user, first)


def _free_name(db: apsw.Connection, write: AddExternalUser) -> str:
    """As they are called there, or the first of ann-2, ann-3 … that is nobody's and not reserved.
    Where there is none, a name that only they can have.
    """
    for ending in ("", *(f"-{number}" for number in range(2, MOST_NUMBERED + 1))):
        name = enforced_username(write.username[: MAX_NAME - len(ending)] + ending)
        if name is None or comparison_key(name) in write.reserved:
            continue
        if not naming.name_is_taken(db, name):
            return name
    return f"user-{write.uuid}"


WRITES: Writes = {
    AddExternalUser: admit,
}


class ExternalUsers(Reader):
    """What is read of users whom a provider knows."""

    async def external_user(self, issuer: str, subject: str) -> User | None:
        return await self._read(find, issuer, subject)
