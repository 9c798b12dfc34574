"""Users are given roles at /api/v1/admin/users/{user_id}/roles, everywhere or in one channel.

Roles in channels are kept; what counts is the highest that holds everywhere.
"""

from attrs import frozen

from trichat.core.authority import Permission
from trichat.core.model import Role, Room, User
from trichat.core.refusals import (
    HasRole,
    NoSuchGrant,
    NoSuchRoom,
    NoSuchUser,
    Outranked,
    Refusal,
    RoleTooHigh,
)
from trichat.runtime.administration import new_reason
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.admin.acts import act, same
from trichat.web.rest.refused import Words
from trichat.web.rest.routes import Route, Said


@frozen
class WhichRole:
    """A role to give or to take. If `channel_id` is null, it is for the whole server."""

    user_id: str
    role: Role
    channel_id: str | None = None


class Roles:
    """Gives and takes roles below the caller's own, to and from users below them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._administration = runtime.administration

    async def assign(self, me: User, user_id: str, body: WhichRole) -> Said | Refusal:
        """Give a user a role, which counts on open connections at once."""
        found = await self._find(user_id, body)
        if isinstance(found, Refusal):
            return found
        user, room = found
        why = new_reason(None, _about(body.role, room))
        outcome = await self._administration.assign(me, user, body.role, room, why)
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Role assigned successfully"}

    async def remove(self, me: User, user_id: str, body: WhichRole) -> Said | Refusal:
        """Take a role from a user, on open connections at once."""
        found = await self._find(user_id, body)
        if isinstance(found, Refusal):
            return found
        user, room = found
        why = new_reason(None, _about(body.role, room))
        outcome = await self._administration.remove(me, user, body.role, room, why)
        if isinstance(outcome, Refusal):
            return outcome
        return {"message": "Role removed successfully"}

    async def _find(self, user_id: str, body: WhichRole) -> tuple[User, Room | None] | Refusal:
        same("user_id", body.user_id, user_id)
        user = await finding.user(self._runtime, user_id)
        if isinstance(user, Refusal):
            return user
        if body.channel_id is None:
            return user, None
        room = await finding.channel(self._runtime, body.channel_id)
        return NoSuchRoom() if room is None else (user, room)


def _about(role: Role, room: Room | None) -> dict[str, str | None]:
    return {"role": role.value, "channel_id": None if room is None else room.uuid}


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/users/{user_id}/roles"""
    roles = Roles(runtime)
    at, needs = "/users/<user_id>/roles", Permission.ASSIGN_ROLES
    words: Words = {
        RoleTooHigh: (403, "Cannot assign role equal to or higher than your own"),
        Outranked: (403, "Cannot change roles of user with equal or higher role"),
    }
    missing = (NoSuchUser, NoSuchRoom)
    return (
        act(
            "POST", at, roles.assign, needs,
            summary="Give a user a role",
            description=(
                "Gives a user a role on the whole server or, with `channel_id`, in one channel."
                " Of the roles on the whole server the highest counts, on open connections too;"
                " a role in a channel is kept and shown, and allows nothing. Fails with 403"
                " unless both the role and the user's present one are below the caller's, with"
                " 400 if the user has the role already, and with 404 if there is no such user or"
                " channel."
            ),
            body=WhichRole, refuses=missing,
            words={**words, HasRole: (400, "User already has this role")},
        ),
        act(
            "DELETE", at, roles.remove, needs,
            summary="Take a role from a user",
            description=(
                "Takes a role away from a user, on the whole server or, with `channel_id`, in"
                " one channel, and from their open connections at once. Fails with 403 unless"
                " both the role and the user's present one are below the caller's, and with 404"
                " if there is no such user or channel, or the user has no such role."
            ),
            body=WhichRole, refuses=missing,
            words={**words, NoSuchGrant: (404, "Role assignment not found")},
        ),
    )  # fmt: skip
