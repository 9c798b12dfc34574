"""What the acts of administrators have in common."""

from typing import Any

from trichat.core.refusals import Forbidden
from trichat.web.rest.bodies import ruled, text
from trichat.web.rest.caller import Need, insufficient
from trichat.web.rest.problems import bad_value, invalid
from trichat.web.rest.routes import Route

AT = "/api/v1/admin"
MAX_REASON = 1000

REASON = ruled(text(most=MAX_REASON))


def act(method: str, path: str, handler: Any, needs: Need, **fields: Any) -> Route:
    """A route below /admin. Who has lost his role since he was identified is told the same."""
    no = insufficient(needs)
    words = {Forbidden: no, **fields.pop("words", {})}
    return Route(method, f"{AT}{path}", handler, needs=needs, words=words, **fields)


def same(field: str, said: str, path: str) -> None:
    """Bodies repeat what the path names; one that names another is refused, for whichever was
    meant. Raises RequestError.
    """
    if said.lower() != path.lower():
        raise invalid(bad_value("must be the one in the path", said, "body", field))
