"""Administrators see what was done at /api/v1/admin/actions, and counts at /dashboard."""

from collections.abc import Mapping
from typing import Any, TypedDict

from trichat.core.authority import Permission
from trichat.core.model import Action, AuditEntry, Role, Status, Target, User
from trichat.dialects.codec import Moment, Uuid, millis
from trichat.dialects.objects import UserObject, user_object
from trichat.runtime.server import Runtime
from trichat.web.rest.admin.acts import act
from trichat.web.rest.queries import Count, Text
from trichat.web.rest.routes import Route

DAY = 86_400_000  # milliseconds
RECENT = 10


class ActObject(TypedDict):
    """An entry of the audit log."""

    id: Uuid
    action: Action
    target_type: Target
    target_id: Uuid
    reason: str | None
    metadata: Mapping[str, Any] | None
    created_at: Moment
    createdAt: Moment
    admin_id: Uuid
    admin: UserObject


class Dashboard(TypedDict):
    """Counts of what there is. Direct rooms and what is said there are not counted."""

    total_users: int
    active_users: int
    suspended_users: int
    banned_users: int
    total_channels: int
    public_channels: int | None
    private_channels: int | None
    total_messages: int
    messages_today: int
    recent_actions: list[ActObject]


def act_object(done: AuditEntry, now: int) -> ActObject:
    """Return an entry with who did it, as they stand now."""
    at = millis(done.at)
    return {
        "id": done.reason.act,
        "action": done.action,
        "target_type": done.target,
        "target_id": done.target_id,
        "reason": done.reason.text,
        "metadata": done.reason.metadata,
        "created_at": at,
        "createdAt": at,
        "admin_id": done.by.uuid,
        "admin": user_object(done.by.as_of(now)),
    }


class Log:
    """What administrators may know."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock

    async def actions(
        self,
        me: User,
        page: int,
        limit: int,
        action_type: str | None,
        target_type: str | None,
        admin_id: str | None,
    ) -> list[ActObject]:
        """List the audit log, newest first."""
        acts = await self._store.acts(
            limit=limit,
            offset=(page - 1) * limit,
            action=None if action_type is None else Action(action_type),
            target=None if target_type is None else Target(target_type),
            by=None if admin_id is None else admin_id.lower(),
        )
        now = self._clock()
        return [act_object(done, now) for done in acts]

    async def dashboard(self, me: User) -> Dashboard:
        """Show counts and the last ten entries of the audit log; today began at midnight UTC."""
        now = self._clock()
        tally = await self._store.tally(now=now, since=now - now % DAY)
        recent = await self._store.acts(limit=RECENT)
        return {
            "total_users": sum(tally.users.values()),
            "active_users": tally.users[Status.ACTIVE],
            "suspended_users": tally.users[Status.SUSPENDED],
            "banned_users": tally.users[Status.BANNED],
            "total_channels": tally.channels,
            "public_channels": None,  # so the contract has it
            "private_channels": None,
            "total_messages": tally.messages,
            "messages_today": tally.messages_since,
            "recent_actions": [act_object(done, now) for done in recent],
        }


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/dashboard and /actions"""
    log = Log(runtime)
    return (
        act(
            "GET", "/dashboard", log.dashboard, Role.ADMIN,
            summary="Show the dashboard",
            description=(
                "Returns how many users, channels and messages there are, and the last ten"
                " entries of the audit log. Today begins at midnight UTC. Direct conversations"
                " and what is said there do not count."
            ),
        ),
        act(
            "GET", "/actions", log.actions, Permission.VIEW_AUDIT_LOGS,
            summary="List the audit log",
            description=(
                "Returns what administrators did, newest first: who, what, to whom or what, and"
                " why. Entries can be picked by action, by kind of target and by administrator."
                " `page` counts from 1."
            ),
            query={
                "page": Count(1, least=1),
                "limit": Count(50, least=1, most=100),
                "action_type": Text(choices=tuple(each.value for each in Action)),
                "target_type": Text(choices=tuple(each.value for each in Target)),
                "admin_id": Text(most=100),
            },
        ),
    )  # fmt: skip
