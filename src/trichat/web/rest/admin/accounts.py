"""Administrators see users at /api/v1/admin/users."""

from typing import TypedDict

from trichat.core.authority import Permission
from trichat.core.model import Grant, Role, Status, User
from trichat.core.refusals import NoSuchUser, Refusal
from trichat.dialects.codec import Moment, Uuid, millis
from trichat.dialects.objects import UserObject, UserStatus, full_user_object
from trichat.runtime.server import Runtime
from trichat.store.audit import Account
from trichat.web.rest import finding
from trichat.web.rest.admin.acts import act
from trichat.web.rest.queries import Count, Text
from trichat.web.rest.routes import Route

MAX_SEARCH = 320


class AccountObject(TypedDict):
    """A user with counts of what they did."""

    id: Uuid
    username: str
    email: str | None
    status: UserStatus
    banned_until: Moment | None
    bannedUntil: Moment | None
    message_count: int
    channel_count: int
    created_at: Moment
    createdAt: Moment
    last_active: Moment | None


class GrantObject(TypedDict):
    """A role that a user was given. Without a channel it holds everywhere; without a giver the
    server's operator gave it.
    """

    id: Uuid
    role: Role
    channel_id: Uuid | None
    channelId: Uuid | None
    assigned_at: Moment
    assignedAt: Moment
    assigned_by: Uuid | None
    assignedBy: Uuid | None


class UserWithRoles(UserObject):
    """A user with the roles they were given."""

    roles: list[GrantObject]


def account_object(account: Account) -> AccountObject:
    """Return an account as it is listed."""
    user = full_user_object(account.user)
    return {
        "id": user["id"],
        "username": user["username"],
        "email": user["email"],
        "status": user["status"],
        "banned_until": user["banned_until"],
        "bannedUntil": user["bannedUntil"],
        "message_count": account.messages,
        "channel_count": account.channels,
        "created_at": user["created_at"],
        "createdAt": user["createdAt"],
        "last_active": None,
    }


def grant_object(grant: Grant) -> GrantObject:
    """Return a role in both casings, like everything of the API's."""
    at = millis(grant.at)
    return {
        "id": grant.uuid,
        "role": grant.role,
        "channel_id": grant.room,
        "channelId": grant.room,
        "assigned_at": at,
        "assignedAt": at,
        "assigned_by": grant.by,
        "assignedBy": grant.by,
    }


class Accounts:
    """What callers who may view users see of them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def page(
        self, me: User, page: int, limit: int, status: str | None, search: str | None
    ) -> list[AccountObject]:
        """List users, newest first; `search` is a part of a name or an e-mail address."""
        found = await self._runtime.store.accounts(
            now=self._runtime.clock(),
            limit=limit,
            offset=(page - 1) * limit,
            status=None if status is None else Status(status),
            part=search or "",
        )
        return [account_object(account) for account in found]

    async def one(self, me: User, user_id: str) -> UserWithRoles | Refusal:
        """Show a user with the roles they were given."""
        user = await finding.user(self._runtime, user_id)
        if isinstance(user, Refusal):
            return user
        grants = await self._runtime.store.grants(user.id)
        shown = full_user_object(user.as_of(self._runtime.clock()))
        return {**shown, "roles": [grant_object(grant) for grant in grants]}


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/users"""
    accounts = Accounts(runtime)
    view = Permission.VIEW_USERS
    return (
        act(
            "GET", "/users", accounts.page, view,
            summary="List accounts",
            description=(
                "Returns accounts with their status and how many messages and channels they"
                " have, newest first. `status` picks those of one status, and `search` those"
                " whose name or e-mail address contains the text. `page` counts from 1."
            ),
            query={
                "page": Count(1, least=1),
                "limit": Count(20, least=1, most=100),
                "status": Text(choices=tuple(each.value for each in Status)),
                "search": Text(most=MAX_SEARCH),
            },
        ),
        act(
            "GET", "/users/<user_id>", accounts.one, view,
            summary="Show an account with its roles",
            description=(
                "Returns the account with this id and every role that was given to it, with when"
                " and by whom. Fails with 404 if nobody has this id."
            ),
            refuses=(NoSuchUser,),
        ),
    )  # fmt: skip
