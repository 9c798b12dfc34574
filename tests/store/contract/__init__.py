"""What every store keeps. A suite of an adapter subclasses these and brings two fixtures: `store`,
an empty one, and `other`, a second one open on the same database.
"""

from tests.store.contract.administering import Administering
from tests.store.contract.apikeys import ApiKeys
from tests.store.contract.archiving import Archiving
from tests.store.contract.conversations import Conversations
from tests.store.contract.landing import Landing
from tests.store.contract.logins import Logins
from tests.store.contract.logs import Logs
from tests.store.contract.messages import Messages
from tests.store.contract.opening import Opening
from tests.store.contract.outsiders import Outsiders
from tests.store.contract.people import People
from tests.store.contract.rooms import Rooms
from tests.store.contract.writing import Writing

__all__ = [
    "Administering",
    "ApiKeys",
    "Archiving",
    "Conversations",
    "Landing",
    "Logins",
    "Logs",
    "Messages",
    "Opening",
    "Outsiders",
    "People",
    "Rooms",
    "Writing",
]
