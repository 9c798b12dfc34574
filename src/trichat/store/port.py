"""What the runtime needs of a store. Every adapter passes tests/store/contract/.

A store is what it answers on each topic: users, rooms, messages and so on, each in a module of its
own with the writes it takes. An adapter has a module of the same name, and so has the contract.

Writes are values: the storage task hands over as many as have arrived, the adapter runs them in
one transaction, and gives one outcome per write, in order. A refusal or a failure of one undoes
that one alone. Reads see all that was committed before they
began. Whatever the database itself refuses is a StoreError.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from trichat.core.model import User
from trichat.core.refusals import Refusal
from trichat.store.apikeys import ApiKeys, ApiKeyWrite
from trichat.store.audit import Audit
from trichat.store.ends import Ends, EndWrite
from trichat.store.external import AddExternalUser, ExternalUsers
from trichat.store.health import Probe, StoreHealth
from trichat.store.history import History
from trichat.store.log import Commit, Committed, Log, Stale
from trichat.store.logins import LoggedIn, Logins, LoginWrite, Renewed
from trichat.store.members import Members
from trichat.store.messages import Messages
from trichat.store.overviews import Overviews
from trichat.store.roles import Roles, RoleWrite
from trichat.store.rooms import Changed, Opened, Rooms, RoomWrite
from trichat.store.signing import SigningKeys, SigningWrite
from trichat.store.suspensions import SuspensionWrite
from trichat.store.tickets import Ticket, TicketWrite
from trichat.store.users import Registered, Users, UserWrite

Write = (
    Commit
    | RoomWrite
    | EndWrite
    | UserWrite
    | AddExternalUser
    | RoleWrite
    | SuspensionWrite
    | LoginWrite
    | TicketWrite
    | SigningWrite
    | ApiKeyWrite
    | Probe
)
Outcome = (
    Committed
    | Stale
    | Registered
    | Opened
    | Changed
    | User
    | LoggedIn
    | Renewed
    | Ticket
    | int
    | bool
    | Refusal
)

OnOutcomes = Callable[[Sequence[Outcome]], None]


class Store(
    Users,
    ExternalUsers,
    ApiKeys,
    Logins,
    SigningKeys,
    Roles,
    Audit,
    Rooms,
    Ends,
    Members,
    Log,
    Messages,
    History,
    Overviews,
    Protocol,
):
    """The port. Every method may raise StoreError. condition: reads report to it by themselves,
    whoever writes reports the writes.
    """

    health: StoreHealth

    async def write(
        self,
        writes: Sequence[Write],
        batch: str | None = None,
        then: OnOutcomes | None = None,
    ) -> Sequence[Outcome]:
        """Commit the writes in one transaction. batch: a name for it that nothing else has. If it
        raises, it is open whether they are stored: ask commit_status(). then: called with the
        outcomes as soon as they are known, before the caller has its turn, so that whoever waits
        for them has theirs at the same time.
        """

    async def commit_status(self, batch: str) -> Sequence[Outcome] | None:
        """Return the outcomes of this store's last transaction of that name, whose answer was lost;
        None where nothing of it is stored, nor ever will be. The answer is final. While it cannot
        be known, because the transaction may be under way or the database is away, this waits or
        raises StoreError, and is asked again.
        """

    async def changed_elsewhere(self) -> bool:
        """Return whether another process has written since this was last asked."""

    async def aclose(self) -> None:
        """Close the database."""
