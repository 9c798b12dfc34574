"""A small database in which something of everything has happened."""

from pathlib import Path

from tests.store.ledger import HASH, NOW, Ledger
from trichat.core import commands as c
from trichat.core.model import Kind, Origin, Reason, Role, Status
from trichat.runtime.clock import new_uuid
from trichat.store.apikeys import AddApiKey, RevokeApiKey
from trichat.store.ends import ArchiveRoom, NoteVisited
from trichat.store.external import AddExternalUser
from trichat.store.logins import EndLogin, NewLogin, OpenLogin
from trichat.store.port import Store
from trichat.store.roles import AssignRole, RemoveRole, SetRole
from trichat.store.sqlite import Inline, SqliteStore
from trichat.store.suspensions import SetStatus
from trichat.store.users import UpdateUser

LATER = NOW + 10**9
TEXTS = [
    "plain",
    'with "quotes", \\ and\nlines',
    "ünï\u2028 👩\u200d👧 \x01 \x7f",
    "@bob and @nobody",
]


async def populate(store: Store) -> None:
    """Rows in every table, numbers that were given out and are gone, text of every kind."""
    ledger = Ledger(store, password_hash=HASH)
    ann, bob, cat = await ledger.people("ann", "bob", "cat")
    ann = await ledger.write(SetRole(ann.id, Role.SUPER_ADMIN, NOW))
    await ledger.write(UpdateUser(bob.id, NOW, email="Bob@X.org", avatar="b.png"))
    key = await ledger.write(AddApiKey(bob.id, "d" * 64, "a bot", NOW))
    await ledger.write(AddApiKey(bob.id, "e" * 64, "", NOW))
    await ledger.write(RevokeApiKey(key, NOW + 1))
    await ledger.write(AddExternalUser(new_uuid(), "https://id", "s-1", "dan", None, NOW))
    new = NewLogin(new_uuid(), LATER, LATER, "f" * 64, "0" * 64)
    await ledger.write(OpenLogin(cat.id, HASH, new, NOW, 1))
    await ledger.write(EndLogin("e" * 64, bob.id, NOW, LATER))
    tea = await ledger.room(ann, bob, title="tea", handle="tea", description="about tea")
    den = await ledger.room(cat, title="den", origin=Origin.LOBBY, max_users=5)
    await ledger.room(cat, title="private", kind=Kind.PRIVATE)
    direct = await ledger.direct(ann, bob)
    said = await ledger.say(tea, ann, *TEXTS)
    await ledger.say(direct, bob, "for ann alone")
    await ledger.do(tea, (bob, c.Say("with a key", key="k-1")))
    await ledger.do(tea, (ann, c.Edit(said[0].uuid, "plain, @bob")))
    await ledger.do(tea, (bob, c.React(said[1].uuid, "👍")), (ann, c.React(said[1].uuid, "👍")))
    await ledger.do(tea, (bob, c.React(said[1].uuid, "👍")))
    await ledger.do(tea, (cat, c.Join()), (bob, c.MarkRead()), (bob, c.MarkDelivered(said[1].id)))
    await ledger.do(tea, (ann, c.Delete(said[2].uuid, Reason(new_uuid(), "spam", {"n": 1.5}))))
    await ledger.do(tea, (cat, c.Leave()))
    await ledger.write(NoteVisited(((den.id, NOW),)))
    await ledger.write(ArchiveRoom(den.id, LATER, LATER))
    reason = [Reason(new_uuid(), None, None) for _ in range(4)]
    await ledger.write(SetStatus(reason[0], ann.id, cat.id, Status.BANNED, LATER, LATER + 9))
    await ledger.write(AssignRole(reason[1], ann.id, bob.id, Role.MODERATOR, tea, LATER))
    await ledger.write(AssignRole(reason[2], ann.id, bob.id, Role.ADMIN, None, LATER))
    await ledger.write(RemoveRole(reason[3], ann.id, bob.id, Role.ADMIN, None, LATER))


async def populated(path: Path) -> Path:
    """The file of such a database, closed."""
    store = await SqliteStore.open(path, offload=Inline)
    await populate(store)
    await store.aclose()
    return path
