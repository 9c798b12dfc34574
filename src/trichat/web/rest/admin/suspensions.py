"""Users are turned away at /api/v1/admin/users/{user_id}/ban and suspend, let in at unban."""

from attrs import field, frozen

from trichat.core.authority import Permission
from trichat.core.model import Status, User
from trichat.core.refusals import NoSuchUser, Outranked, Refusal
from trichat.runtime.administration import new_reason
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.admin.acts import MAX_REASON, REASON, act, same
from trichat.web.rest.bodies import ruled, whole
from trichat.web.rest.queries import Text
from trichat.web.rest.routes import Route, Said

# A hundred years: whoever means longer means for ever.
HOURS = ruled(whole(1, 24 * 366 * 100))


@frozen
class Ban:
    """The user to ban, why and for how long. If `duration_hours` is null, the ban is for ever."""

    user_id: str
    reason: str | None = field(default=None, metadata=REASON)
    duration_hours: int | None = field(default=None, metadata=HOURS)


@frozen
class Suspension:
    """The user to suspend, why and for how long. If `duration_hours` is null, it holds until it is
    lifted.
    """

    user_id: str
    reason: str | None = field(default=None, metadata=REASON)
    duration_hours: int | None = field(default=24, metadata=HOURS)


class Suspensions:
    """Bans and suspensions, which end by themselves when their time has come."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._administration = runtime.administration

    async def ban(self, me: User, user_id: str, body: Ban) -> Said | Refusal:
        """Ban a user, and close all their connections."""
        no = await self._put_out(me, user_id, Status.BANNED, body)
        return no or {"message": "User banned successfully"}

    async def suspend(self, me: User, user_id: str, body: Suspension) -> Said | Refusal:
        """Suspend a user for a time, and close all their connections."""
        no = await self._put_out(me, user_id, Status.SUSPENDED, body)
        return no or {"message": "User suspended successfully"}

    async def _put_out(
        self, me: User, user_id: str, status: Status, body: Ban | Suspension
    ) -> Refusal | None:
        same("user_id", body.user_id, user_id)
        user = await finding.user(self._runtime, user_id)
        if isinstance(user, Refusal):
            return user
        hours = body.duration_hours
        why = new_reason(body.reason, {"duration_hours": hours})
        outcome = await self._administration.suspend(me, user, status, why, hours=hours)
        return outcome if isinstance(outcome, Refusal) else None

    async def unban(self, me: User, user_id: str, reason: str | None) -> Said | Refusal:
        """Lift a user's ban or suspension."""
        user = await finding.user(self._runtime, user_id)
        if isinstance(user, Refusal):
            return user
        outcome = await self._administration.reinstate(me, user, new_reason(reason))
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "User unbanned successfully"}


def _above(verb: str) -> tuple[int, str]:
    return 403, f"Cannot {verb} user with equal or higher role"


BAN_ABOVE = _above("ban")


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/users/{user_id}"""
    suspensions = Suspensions(runtime)
    at = "/users/<user_id>"
    # Suspending is refused in the words of banning: so the contract has it.
    words = {Outranked: BAN_ABOVE}
    return (
        act(
            "POST", f"{at}/ban", suspensions.ban, Permission.BAN_USERS,
            summary="Ban a user",
            description=(
                "Closes all connections of a user at once and turns them away, for"
                " `duration_hours` or, if that is null, until the ban is lifted. Clients whose"
                " API has words for it get the reason. An earlier ban or suspension is replaced."
                " Fails with 404 for an unknown user, with 403 for one whose role is not below"
                " the caller's, and with 422 if `user_id` is not the one in the path."
            ),
            body=Ban, words=words, refuses=(NoSuchUser,),
        ),
        act(
            "POST", f"{at}/unban", suspensions.unban, Permission.BAN_USERS,
            summary="Lift a ban or suspension",
            description=(
                "Lets a user in again who was banned or suspended. Fails with 404 for an unknown"
                " user, and with 403 for one whose role is not below the caller's."
            ),
            query={"reason": Text(most=MAX_REASON)},
            words={Outranked: _above("unban")}, refuses=(NoSuchUser,),
        ),
        act(
            "POST", f"{at}/suspend", suspensions.suspend, Permission.SUSPEND_USERS,
            summary="Suspend a user",
            description=(
                "Closes all connections of a user at once and turns them away, for"
                " `duration_hours` (24 if it is absent) or, if that is null, until the"
                " suspension is lifted. Clients whose API has words for it get the reason. An"
                " earlier ban or suspension is replaced. Fails with 404 for an unknown user,"
                " with 403 for one whose role is not below the caller's, and with 422 if"
                " `user_id` is not the one in the path."
            ),
            body=Suspension, words=words, refuses=(NoSuchUser,),
        ),
    )  # fmt: skip
