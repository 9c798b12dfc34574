"""Users whom an identity provider knows."""

import apsw

from trichat.core.model import User
from trichat.core.text import MAX_NAME
from trichat.store import port
from trichat.store.sqlite import rows

MOST_NUMBERED = 99  # of one name: ann-2 to ann-99


def find(db: apsw.Connection, issuer: str, subject: str) -> User | None:
    """Whom this provider calls so."""
    query = "SELECT user_id FROM outsiders WHERE issuer = ? AND subject = ?"
    for (user_id,) in db.execute(query, (issuer, subject)):
        return rows.one_user(db, "id", user_id)
    return None


def admit(db: apsw.Connection, write: port.AdmitOutsider) -> port.Registered:
    """The one there is, else a new one; the primary key decides a race."""
    known = find(db, write.issuer, write.subject)
    if known is not None:
        return port.Registered(known, first=False)
    email = write.email
    if email is not None and rows.one_user(db, "email", email) is not None:
        email = None
    first = db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None
    username = _free_name(db, write)
    db.execute(
        "INSERT INTO users (uuid, username, folded, email, folded_email, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            write.uuid, username, username.casefold(), email, email and email.casefold(),
            write.at, write.at,
        ),
    )  # fmt: skip
    user = rows.one_user(db, "uuid", write.uuid)
    assert user is not None
    db.execute(
        "INSERT INTO outsiders (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?)",
        (write.issuer, write.subject, user.id, write.at),
    )
    return port.Registered(user, first)


def _free_name(db: apsw.Connection, write: port.AdmitOutsider) -> str:
    """As he is called there, or the first of ann-2, ann-3 … that nobody bears."""
    endings = ["", *(f"-{number}" for number in range(2, MOST_NUMBERED + 1)), f"-{write.uuid}"]
    names = (write.username[: MAX_NAME - len(ending)] + ending for ending in endings)
    return next(name for name in names if rows.one_user(db, "username", name) is None)
