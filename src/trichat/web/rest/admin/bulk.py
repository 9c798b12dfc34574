"""The same act is done to many targets at /api/v1/admin/bulk-actions.

Each is one transaction, and may fail alone.
"""

from typing import Any, TypedDict

from attrs import field, frozen

from trichat.core.model import Action, Reason, Role, Status, User
from trichat.core.refusals import Forbidden, NoSuchMessage, NoSuchRoom, Outranked, Refusal
from trichat.runtime.administration import new_reason
from trichat.runtime.server import Runtime
from trichat.web.rest import finding
from trichat.web.rest.admin.acts import REASON, act
from trichat.web.rest.admin.messages import GONE, take_away
from trichat.web.rest.admin.suspensions import BAN_ABOVE
from trichat.web.rest.bodies import note, ruled, texts
from trichat.web.rest.caller import insufficient
from trichat.web.rest.refused import Words, refused
from trichat.web.rest.routes import Route

MAX_TARGETS = 100
NEEDS = Role.SUPER_ADMIN


@frozen
class BulkAction:
    """What to do to which targets. Only BAN_USER, which is for ever, and DELETE_MESSAGE do
    anything.
    """

    action: Action
    target_ids: list[str] = field(metadata=ruled(texts(MAX_TARGETS)))
    reason: str | None = field(default=None, metadata=REASON)
    metadata: dict[str, Any] | None = field(default=None, metadata=ruled(note))


class Failure(TypedDict):
    """A target on which nothing was done, and why."""

    id: str
    error: str


class BulkResult(TypedDict):
    """The results for the targets, under two sets of keys."""

    successful: list[str]
    failed: list[Failure]
    total_processed: int
    success_count: int
    failure_count: int
    errors: list[str]
    action_ids: list[str]


_WORDS: Words = {
    Forbidden: insufficient(NEEDS),
    Outranked: BAN_ABOVE,
    NoSuchMessage: GONE,
    NoSuchRoom: GONE,
}


class Bulk:
    """What only the highest role may do."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def act(self, me: User, body: BulkAction) -> BulkResult:
        """Act on many targets, one after the other."""
        successful: list[str] = []
        failed: list[Failure] = []
        action_ids: list[str] = []
        for target in body.target_ids:
            why = new_reason(body.reason, body.metadata)
            error = await self._one(me, body.action, target, why)
            if error is None:
                successful.append(target)
                action_ids.append(why.act)
            else:
                failed.append({"id": target, "error": error})
        return {
            "successful": successful,
            "failed": failed,
            "total_processed": len(body.target_ids),
            "success_count": len(successful),
            "failure_count": len(failed),
            "errors": [f"{failure['id']}: {failure['error']}" for failure in failed],
            "action_ids": action_ids,
        }

    async def _one(self, me: User, action: Action, target: str, why: Reason) -> str | None:
        """Act on one target; return why not, or None when it was done."""
        match action:
            case Action.BAN_USER:
                no = await self._ban(me, target, why)
            case Action.DELETE_MESSAGE:
                no = await take_away(self._runtime, me, target, why)
            case _:
                return f"{action.value} is not done in bulk"
        return None if no is None else str(refused(no, _WORDS).detail)

    async def _ban(self, me: User, target: str, why: Reason) -> Refusal | None:
        user = await finding.user(self._runtime, target)
        if isinstance(user, Refusal):
            return user
        outcome = await self._runtime.administration.suspend(
            me, user, Status.BANNED, why, hours=None
        )
        return outcome if isinstance(outcome, Refusal) else None


def routes(runtime: Runtime) -> tuple[Route, ...]:
    """/api/v1/admin/bulk-actions"""
    return (
        act(
            "POST", "/bulk-actions", Bulk(runtime).act, NEEDS,
            summary="Act on many targets",
            description=(
                f"Does the same to up to {MAX_TARGETS} targets, one after the other: `BAN_USER`,"
                " which is for ever, or `DELETE_MESSAGE`; every other action fails for every"
                " target. The response is 200 even if some or all have failed: it lists the"
                " targets that succeeded, and why each of the others did not."
            ),
            body=BulkAction,
        ),
    )  # fmt: skip
