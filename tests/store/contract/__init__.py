"""What every store keeps, topic by topic as the port has them. The tests of an adapter subclass
`Contract` and bring two fixtures: `store`, an empty one, and `other`, a second one open on the
same database.
"""

from tests.store.contract.apikeys import ApiKeys
from tests.store.contract.audit import Audit
from tests.store.contract.ends import Ends
from tests.store.contract.external import ExternalUsers
from tests.store.contract.history import History
from tests.store.contract.log import Log
from tests.store.contract.logins import Logins
from tests.store.contract.marks import Marks
from tests.store.contract.members import Members
from tests.store.contract.messages import Messages
from tests.store.contract.overviews import Overviews
from tests.store.contract.roles import Roles
from tests.store.contract.rooms import Rooms
from tests.store.contract.signing import SigningKeys
from tests.store.contract.suspensions import Suspensions
from tests.store.contract.tickets import Tickets
from tests.store.contract.transactions import Transactions
from tests.store.contract.users import Users


class Contract(
    ApiKeys,
    Audit,
    Ends,
    History,
    Log,
    Logins,
    Marks,
    Members,
    Messages,
    ExternalUsers,
    Overviews,
    Roles,
    Rooms,
    SigningKeys,
    Suspensions,
    Tickets,
    Transactions,
    Users,
):
    """All of it."""
