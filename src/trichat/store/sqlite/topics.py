"""What the store answers and takes on each topic, put together."""

from trichat.store.health import Probe
from trichat.store.sqlite import (
    apikeys,
    audit,
    ends,
    external,
    history,
    log,
    logins,
    members,
    messages,
    overviews,
    roles,
    rooms,
    signing,
    suspensions,
    tickets,
    users,
)
from trichat.store.sqlite.checking import probe
from trichat.store.sqlite.topic import Writes

WRITES: Writes = {
    **log.WRITES,
    **rooms.WRITES,
    **ends.WRITES,
    **users.WRITES,
    **external.WRITES,
    **roles.WRITES,
    **suspensions.WRITES,
    **logins.WRITES,
    **tickets.WRITES,
    **signing.WRITES,
    **apikeys.WRITES,
    Probe: probe,
}


class Topics(
    users.Users,
    external.ExternalUsers,
    apikeys.ApiKeys,
    logins.Logins,
    signing.SigningKeys,
    roles.Roles,
    audit.Audit,
    rooms.Rooms,
    ends.Ends,
    members.Members,
    log.Log,
    messages.Messages,
    history.History,
    overviews.Overviews,
):
    """All reads of the port."""
