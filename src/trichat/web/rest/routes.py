"""A route: one line per endpoint, and what every endpoint does alike."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from attrs import AttrsInstance, field, frozen
from quart import Response
from quart_trio import QuartTrio

from trichat.core.refusals import Refusal
from trichat.runtime.accounts import Accounts
from trichat.web.rest.bodies import read_body
from trichat.web.rest.caller import caller
from trichat.web.rest.errors import json
from trichat.web.rest.queries import Count, read_counts
from trichat.web.rest.refused import Words, refused


@frozen
class Route:
    """One endpoint. handler: takes by name `me` (unless `public`), the path's variables, the
    counts of the query, and `body` where there is one; gives a JSON value or a refusal.
    words: what its refusals are called, where that differs from the common table.
    """

    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    body: type[AttrsInstance] | None = None
    counts: Mapping[str, Count] = field(factory=dict)
    words: Words = field(factory=dict)
    public: bool = False


def add_routes(app: QuartTrio, accounts: Accounts, routes: Iterable[Route]) -> None:
    """The caller is identified before anything he sent is looked at."""
    for route in routes:
        app.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}",
            view_func=_view(route, accounts),
            methods=[route.method],
        )


def _view(route: Route, accounts: Accounts) -> Callable[..., Awaitable[Response]]:
    async def view(**given: Any) -> Response:
        if not route.public:
            given["me"] = await caller(accounts)
        given.update(read_counts(route.counts))
        if route.body is not None:
            given["body"] = await read_body(route.body)
        answer = await route.handler(**given)
        if isinstance(answer, Refusal):
            raise refused(answer, route.words)
        return json(answer)

    return view
