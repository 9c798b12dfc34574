"""The routes of administrators have some things in common."""

from typing import Any

from trichat.core.authority import PERMISSIONS, Permission
from trichat.core.model import Role
from trichat.core.refusals import Forbidden
from trichat.web.rest.bodies import ruled, text
from trichat.web.rest.caller import Need, insufficient
from trichat.web.rest.problems import bad_value, invalid
from trichat.web.rest.routes import Route

AT = "/api/v1/admin"
MAX_REASON = 1000

REASON = ruled(text(most=MAX_REASON))


def act(
    method: str, path: str, handler: Any, needs: Need, *, description: str, **fields: Any
) -> Route:
    """Make a route below /admin, whose description ends with who may use it.

    A caller who has lost their role since they were identified gets the same refusal.
    """
    no = insufficient(needs)
    return Route(
        method, f"{AT}{path}", handler, needs=needs,
        description=f"{description} {_who_may(needs)}",
        words={Forbidden: no, **fields.pop("words", {})}, **fields,
    )  # fmt: skip


def _who_may(needs: Need) -> str:
    if isinstance(needs, Permission):
        least = next(role for role in Role if needs in PERMISSIONS[role])
        return f"Takes the permission {needs.value}, which {least.value} and higher roles have."
    return f"Takes at least the role {needs.value}."


def same(field: str, said: str, path: str) -> None:
    """Check that a body repeats what the path names. Raises RequestError.

    One that names another is refused, for whichever was meant.
    """
    if said.lower() != path.lower():
        raise invalid(bad_value("must be the one in the path", said, "body", field))
